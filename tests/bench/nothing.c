/* SPDX-License-Identifier: MIT */
/* Does nothing, to measure the cost that the start of any program has. */
int main(void)
{
	return 0;
}
