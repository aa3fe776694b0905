/* SPDX-License-Identifier: MIT */
/*
 * The floor: does the least that any such program has to do. Reads a list of paths, looks at each
 * path once, and writes as many bytes as the unit has. Usage: floor LIST UNIT OUT.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char list[16 << 20], unit[16 << 20];

int main(int argc, char *argv[])
{
	struct stat status;
	ssize_t size;
	int in, out;

	if (argc != 4 || (in = open(argv[1], O_RDONLY)) < 0)
		return 1;
	size = read(in, list, sizeof(list) - 1);
	if (size < 0)
		return 1;
	list[size] = '\0';
	for (char *path = list; *path != '\0';) {
		char *end = strchr(path, '\n');

		if (end == NULL)
			return 1;
		*end = '\0';
		if (lstat(path, &status) < 0)
			return 1;
		path = end + 1;
	}
	if (stat(argv[2], &status) < 0 || (size_t)status.st_size > sizeof(unit))
		return 1;
	out = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (out < 0 || write(out, unit, (size_t)status.st_size) != status.st_size)
		return 1;
	return close(out) == 0 ? 0 : 1;
}
