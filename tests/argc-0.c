/* SPDX-License-Identifier: MIT */
/*
 * Runs a program without any arguments, not even its name. Linux 5.18 and later give it an
 * empty name.
 */
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc == 2)
		execve(argv[1], (char *[]){NULL}, environ);
	return 125;
}
