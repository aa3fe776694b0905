/* SPDX-License-Identifier: MIT */
/* Runs a program and prints the number of its page faults. Usage: faults PROGRAM ARGUMENT... */
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	struct rusage usage;
	pid_t child;
	int status;

	if (argc < 2 || posix_spawn(&child, argv[1], NULL, NULL, argv + 1, environ) != 0 ||
	    wait4(child, &status, 0, &usage) < 0 || status != 0)
		return 1;
	printf("%ld\n", usage.ru_minflt + usage.ru_majflt);
	return 0;
}
