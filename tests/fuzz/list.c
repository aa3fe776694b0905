/* SPDX-License-Identifier: MIT */
/*
 * The plain list: the paths are the lines of the input, all of them, or the program dies. The
 * first byte of the input sets the size of the pieces in which the rest is read.
 */
#include "fuzz.h"

#include "../../src/closure.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct closure closure;
	const char *path;

	if (size < 1 || setjmp(fuzz_death) != 0)
		return 0;
	fuzz_begin(data + 1, size - 1, fuzz_piece(data[0]));
	data++, size--;
	closure.begun = false;
	/* Without zstd, the program dies of compressed input. */
	input_open(&closure.input, "-");
	while ((path = closure_next(&closure)) != NULL) {
		size_t len = strlen(path);

		must(len < PATH_MAX && len <= size);
		must(path[0] == '/' && path[1] != '\0' && path[len - 1] != '/');
		must(strstr(path, "//") == NULL && strstr(path, "/../") == NULL);
		must(memcmp(path, data, len) == 0);
		must(size == len || data[len] == '\n');
		data += len;
		size -= len;
		if (size > 0)
			data++, size--;
	}
	must(size == 0 && fuzz_messages() == 0);
	return 0;
}
