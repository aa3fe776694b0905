/* SPDX-License-Identifier: MIT */
/*
 * Does the least that a Nix builder has to do: makes its output, a file. It is empty, or a copy of
 * the input of chroot-paths, so that it refers to the same paths.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char buffer[64 * 1024];

int main(void)
{
	const char *from = getenv("rootsPath");
	const char *to = getenv("out");
	ssize_t size;
	int in, out;

	if (from == NULL)
		from = getenv("referencesGraph");
	if (to == NULL || (out = open(to, O_WRONLY | O_CREAT, 0644)) < 0)
		return 1;
	if (from == NULL)
		return 0;
	in = open(from, O_RDONLY);
	size = in < 0 ? -1 : read(in, buffer, sizeof(buffer));
	return size >= 0 && write(out, buffer, (size_t)size) == size ? 0 : 1;
}
