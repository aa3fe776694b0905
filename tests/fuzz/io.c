/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "../../src/io.h"

#include <string.h>
#include <unistd.h>

static struct {
	const uint8_t *next;
	size_t left;
	size_t piece;
	unsigned complaints;
} world;

void fuzz_begin(const uint8_t *data, size_t size, size_t piece)
{
	world.next = data;
	world.left = size;
	world.piece = piece;
	world.complaints = 0;
}

unsigned fuzz_complaints(void)
{
	return world.complaints;
}

int open_file(const char *file, int flags)
{
	(void)file, (void)flags;
	abort();
}

ssize_t read_some(int fd, void *buffer, size_t size)
{
	must(fd == STDIN_FILENO && size > 0);
	if (size > world.piece)
		size = world.piece;
	if (size > world.left)
		size = world.left;
	if (size > 0)
		memcpy(buffer, world.next, size);
	world.next += size;
	world.left -= size;
	return (ssize_t)size;
}

/* Only complaints are written. Each must be one line of printable characters. */
bool write_all(int fd, const void *bytes, size_t size)
{
	static const char head[] = "chroot-paths: ";
	const char *text = bytes;

	must(fd == STDERR_FILENO);
	must(size > sizeof(head) && memcmp(text, head, sizeof(head) - 1) == 0);
	must(text[size - 1] == '\n');
	for (size_t i = 0; i < size - 1; i++)
		must(text[i] >= ' ' && text[i] <= '~');
	world.complaints++;
	return true;
}
