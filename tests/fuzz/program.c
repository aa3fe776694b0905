/* SPDX-License-Identifier: MIT */
/*
 * The interpreter of a program: it is in the program, whatever that is, and nothing follows it.
 */
#include "fuzz.h"

#include "../../src/program.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[PATH_MAX];
	int fd = memfd_create("program", 0);
	enum program_kind kind;
	size_t len;

	must(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	kind = program_interpreter(fd, name);
	close(fd);
	must((kind == SCRIPT || kind == BAD_SCRIPT) ==
	     (size >= 2 && data[0] == '#' && data[1] == '!'));
	len = strnlen(name, sizeof(name));
	must(len < sizeof(name) && (len == 0 || memmem(data, size, name, len) != NULL));
	must(kind == OTHER || (kind == SCRIPT) == (len > 0));
	if (kind == SCRIPT)
		must(len < 255 && name[strcspn(name, " \t\n")] == '\0');
	return 0;
}
