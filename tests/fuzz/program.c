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
	bool is_script;
	size_t len;

	must(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	is_script = program_interpreter(fd, name);
	close(fd);
	must(is_script == (size >= 2 && data[0] == '#' && data[1] == '!'));
	len = strnlen(name, sizeof(name));
	must(len < sizeof(name) && (len == 0 || memmem(data, size, name, len) != NULL));
	if (is_script)
		must(name[strcspn(name, " \t\n")] == '\0');
	return 0;
}
