/* SPDX-License-Identifier: MIT */
/*
 * The closure: the paths of a list are its lines, all of them, and those of a references graph are
 * among its lines, in their order. Compressed input gives the paths of the text that libzstd gives
 * if it gets one byte at a time, and plain input the same paths after compression. The first byte
 * of the input sets the size of the pieces in which the rest is read.
 */
#include "fuzz.h"

#include "../../src/closure.h"

#include <string.h>
#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1024 * 1024 };

/* The paths of a closure, each with a newline, and whether the program died of it. */
struct paths {
	bool died;
	size_t size;
	char bytes[LARGEST + PATH_MAX];
};

static void read_paths(struct paths *paths, const uint8_t *data, size_t size, size_t piece,
		       bool graph)
{
	static struct closure closure;

	paths->size = 0;
	paths->died = true;
	fuzz_begin(data, size, piece);
	closure.graph = graph;
	closure.begun = false;
	closure.input.zstd = NULL;
	if (setjmp(fuzz_death) == 0) {
		const char *path;

		input_open(&closure.input, "-");
		while ((path = closure_next(&closure)) != NULL) {
			size_t len = strlen(path);

			must(len < PATH_MAX && path[0] == '/' && len > 1 && path[len - 1] != '/');
			must(strstr(path, "//") == NULL && strstr(path, "/../") == NULL);
			must(paths->size <= LARGEST);
			memcpy(paths->bytes + paths->size, path, len);
			paths->size += len;
			paths->bytes[paths->size++] = '\n';
		}
		paths->died = false;
		must(fuzz_messages() == 0);
	}
	ZSTD_freeDStream(closure.input.zstd);
}

/* The paths are the lines of the text, or in a graph some of them. */
static void check_paths(const struct paths *paths, const char *text, size_t size, bool graph)
{
	size_t at = 0;

	while (size > 0) {
		const char *newline = memchr(text, '\n', size);
		size_t len = newline != NULL ? (size_t)(newline - text) : size;

		if (at + len < paths->size && memcmp(paths->bytes + at, text, len) == 0 &&
		    paths->bytes[at + len] == '\n')
			at += len + 1;
		else
			must(graph);
		text += len;
		size -= len;
		if (size > 0)
			text++, size--;
	}
	must(at == paths->size);
}

static bool is_compressed(const uint8_t *data, size_t size)
{
	return size >= 4 &&
	       (memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0 ||
		(data[0] >= 0x50 && data[0] <= 0x5f && memcmp(data + 1, "\x2a\x4d\x18", 3) == 0));
}

/* Decompresses DATA into OUT. Returns whether that is whole. */
static bool decompress(ZSTD_outBuffer *out, const uint8_t *data, size_t size)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	size_t left = 0;

	must(stream != NULL);
	for (ZSTD_inBuffer in = {.src = data, .size = 0, .pos = 0};
	     in.size < size && !ZSTD_isError(left);) {
		in.size++;
		while (in.pos < in.size && !ZSTD_isError(left) && out->pos < out->size)
			left = ZSTD_decompressStream(stream, out, &in);
	}
	ZSTD_freeDStream(stream);
	return left == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char other[LARGEST];
	static struct paths paths, again;
	size_t piece;
	uint8_t how;

	if (size < 1)
		return 0;
	how = *data;
	piece = fuzz_piece(how);
	data++, size--;
	for (int graph = 0; graph <= 1; graph++) {
		ZSTD_outBuffer out = {.dst = other, .size = sizeof(other), .pos = 0};

		if (is_compressed(data, size)) {
			bool whole = decompress(&out, data, size);

			/* Few bytes can hold many lines. */
			if (out.pos == out.size)
				return 0;
			read_paths(&paths, data, size, piece, graph);
			must(paths.died || whole);
			if (!paths.died)
				check_paths(&paths, other, out.pos, graph);
			continue;
		}
		read_paths(&paths, data, size, piece, graph);
		if (!paths.died)
			check_paths(&paths, (const char *)data, size, graph);
		out.pos = ZSTD_compress(other, sizeof(other), data, size, how % 5);
		must(!ZSTD_isError(out.pos));
		read_paths(&again, (const uint8_t *)other, out.pos, piece, graph);
		must(paths.died == again.died && paths.size == again.size &&
		     memcmp(paths.bytes, again.bytes, paths.size) == 0);
	}
	return 0;
}
