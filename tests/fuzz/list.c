/* SPDX-License-Identifier: MIT */
/*
 * The plain list: the paths are the lines of the input, all of them, or there is one complaint.
 * The first byte of the input sets the size of the pieces in which the rest is read.
 */
#include "fuzz.h"

#include "../../src/closure.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct closure closure;
	const char *path;
	struct place place;
	int found;

	if (size < 1)
		return 0;
	/* With 255, every read returns as much as it asks for. */
	fuzz_begin(data + 1, size - 1, data[0] == 255 ? SIZE_MAX : data[0] + 1U);
	data++, size--;
	/* Without zstd, compressed input is refused. */
	if (!input_open(&closure.input, "-")) {
		must(fuzz_complaints() == 1);
		return 0;
	}
	while ((found = closure_next(&closure, &path, &place)) == 1) {
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
	must(found == 0 || found == -1);
	must(found != 0 || size == 0);
	must(fuzz_complaints() == (found == 0 ? 0 : 1));
	closure_close(&closure);
	return 0;
}
