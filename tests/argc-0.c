/* SPDX-License-Identifier: MIT */
/*
 * Runs a program without any arguments, not even its name. Since 5.18 Linux gives it an
 * empty one.
 */
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc == 2)
		execve(argv[1], (char *[]){NULL}, environ);
	return 125;
}
