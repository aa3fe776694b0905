/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <string.h>
#include <unistd.h>

jmp_buf fuzz_death;

static struct {
	const uint8_t *next;
	size_t left;
	size_t piece;
	unsigned messages;
} world;

void fuzz_begin(const uint8_t *data, size_t size, size_t piece)
{
	world.next = data;
	world.left = size;
	world.piece = piece;
	world.messages = 0;
}

unsigned fuzz_messages(void)
{
	return world.messages;
}

/* The program is compiled with this function in place of exit(3). */
_Noreturn void fuzz_exit(int status);
_Noreturn void fuzz_exit(int status)
{
	must(status == 1 && world.messages == 1);
	longjmp(fuzz_death, 1);
}

/* The program is compiled with these two in place of read(2) and write(2). */
ssize_t fuzz_read(int fd, void *buffer, size_t size);
ssize_t fuzz_write(int fd, const void *bytes, size_t size);

ssize_t fuzz_read(int fd, void *buffer, size_t size)
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

/* Only messages are written. Each must be one line of printable characters. */
ssize_t fuzz_write(int fd, const void *bytes, size_t size)
{
	static const char head[] = "chroot-paths: ";
	const char *text = bytes;

	must(fd == STDERR_FILENO);
	must(size > sizeof(head) && memcmp(text, head, sizeof(head) - 1) == 0);
	must(text[size - 1] == '\n');
	for (size_t i = 0; i < size - 1; i++)
		must(text[i] >= ' ' && text[i] <= '~');
	world.messages++;
	return (ssize_t)size;
}
