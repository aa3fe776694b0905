/* SPDX-License-Identifier: MIT */
/*
 * Prints the nanoseconds that it takes to open and close FILE, to stat it, and to run it: of some
 * batches, the fastest. Usage: access FILE
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void open_and_close(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		exit(1);
	close(file);
}

static void get_status(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		exit(1);
}

static void execute(const char *path)
{
	char *const nothing[] = {NULL}, *const arguments[] = {"program", NULL};
	pid_t child;
	int status;

	if (posix_spawn(&child, path, NULL, NULL, arguments, nothing) != 0 ||
	    waitpid(child, &status, 0) < 0 || status != 0)
		exit(1);
}

static void measure(const char *what, void (*call)(const char *), const char *path, int calls)
{
	enum { BATCHES = 200 };
	double fastest = 0;

	for (int batch = 0; batch < BATCHES; batch++) {
		struct timespec begin, end;
		double took;

		clock_gettime(CLOCK_MONOTONIC, &begin);
		for (int i = 0; i < calls; i++)
			call(path);
		clock_gettime(CLOCK_MONOTONIC, &end);
		took = (double)(end.tv_sec - begin.tv_sec) * 1e9 +
		       (double)(end.tv_nsec - begin.tv_nsec);
		if (batch == 0 || took < fastest)
			fastest = took;
	}
	printf("%s %.1f\n", what, fastest / calls);
}

int main(int argc, char *argv[])
{
	if (argc != 2)
		return 2;
	measure("open", open_and_close, argv[1], 1000);
	measure("stat", get_status, argv[1], 1000);
	measure("exec", execute, argv[1], 10);
	return 0;
}
