/* SPDX-License-Identifier: MIT */
/*
 * Compressed input has the lines that libzstd gives if it gets one byte at a time and has room for
 * all of them. Plain input has the same lines after compression. The first byte is as in list.c.
 */
#include "fuzz.h"

#include "../../src/input.h"

#include <string.h>
#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1024 * 1024 };

/* The lines of an input, each with a newline, and whether the program died of it. */
struct lines {
	bool died;
	size_t size;
	char bytes[LARGEST + 2 * PATH_MAX];
};

/* Reads DATA in pieces of the size that HOW sets. Stops at LARGEST, since few bytes can hold many
 * lines. */
static void read_lines(struct lines *lines, const uint8_t *data, size_t size, uint8_t how)
{
	static struct input input;

	lines->size = 0;
	lines->died = true;
	input.zstd = NULL;
	if (setjmp(fuzz_death) == 0) {
		const char *line;

		fuzz_begin(data, size, fuzz_piece(how));
		input_open(&input, "-");
		while (lines->size < LARGEST && (line = input_line(&input)) != NULL) {
			size_t length = strlen(line);

			memcpy(lines->bytes + lines->size, line, length);
			lines->size += length;
			lines->bytes[lines->size++] = '\n';
		}
		lines->died = false;
		must(fuzz_messages() == 0);
	}
	ZSTD_freeDStream(input.zstd);
}

static bool same(const struct lines *one, const struct lines *other)
{
	return one->died == other->died && one->size == other->size &&
	       memcmp(one->bytes, other->bytes, one->size) == 0;
}

static bool is_compressed(const uint8_t *data, size_t size)
{
	return size >= 4 &&
	       (memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0 ||
		(data[0] >= 0x50 && data[0] <= 0x5f && memcmp(data + 1, "\x2a\x4d\x18", 3) == 0));
}

/*
 * Decompresses DATA, which ends with a complete frame, into OTHER. It has to be a stream: libzstd
 * 1.5.4 compares the announced size of a frame with that of its content, but in a stream not if
 * the frame ends in an empty block.
 */
static size_t decompress(void *other, size_t room, const uint8_t *data, size_t size)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_outBuffer out = {.dst = other, .size = room, .pos = 0};
	size_t left = 0;

	must(stream != NULL);
	for (ZSTD_inBuffer in = {.src = data, .size = 0, .pos = 0}; in.size < size;) {
		in.size++;
		while (in.pos < in.size) {
			left = ZSTD_decompressStream(stream, &out, &in);
			must(!ZSTD_isError(left));
		}
	}
	must(left == 0);
	ZSTD_freeDStream(stream);
	return out.pos;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char other[2 * LARGEST];
	static struct lines lines, expected;
	uint8_t how;
	size_t other_size;

	if (size < 1)
		return 0;
	how = *data;
	data++, size--;
	read_lines(&lines, data, size, how);
	if (!is_compressed(data, size)) {
		other_size = ZSTD_compress(other, sizeof(other), data, size, how % 5);
		must(!ZSTD_isError(other_size));
		read_lines(&expected, (const uint8_t *)other, other_size, how);
		must(same(&lines, &expected));
	} else if (!lines.died && lines.size < LARGEST) {
		other_size = decompress(other, sizeof(other), data, size);
		/* The program would decompress it again. */
		if (!is_compressed((const uint8_t *)other, other_size)) {
			read_lines(&expected, (const uint8_t *)other, other_size, how);
			must(same(&lines, &expected));
		}
	}
	return 0;
}
