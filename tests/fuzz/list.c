/* SPDX-License-Identifier: MIT */
/*
 * The plain list: what comes out is the input's lines, all of them or one complaint. The
 * first byte of the input is the size of the pieces it is read in.
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
	/* 255 stands for pieces as large as they are asked for. */
	fuzz_begin(data + 1, size - 1, data[0] == 255 ? SIZE_MAX : data[0] + 1U);
	data++, size--;
	/* The targets of lists are built without zstd. */
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
