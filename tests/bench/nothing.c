/* SPDX-License-Identifier: MIT */
/* The smallest program there is, for what a start costs in any case. */
int main(void)
{
	return 0;
}
