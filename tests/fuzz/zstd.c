/* SPDX-License-Identifier: MIT */
/*
 * Compressed bytes: what comes out is what libzstd gives where it gets one byte at a time and has
 * room for all, and input that is not compressed comes out as it is, and just so once it is
 * compressed. The first byte is as in list.c, the second is the size of the pieces that are asked
 * for.
 */
#include "fuzz.h"

#include <string.h>
#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1024 * 1024, ASKED_LARGEST = 64 * 1024 };

static struct {
	ssize_t last;
	size_t size;
	char bytes[LARGEST + ASKED_LARGEST];
} got;

/* Reads all of DATA, as HOW says, but stops at LARGEST: few bytes can stand for many. */
static void read_all(const uint8_t *data, size_t size, const uint8_t how[2])
{
	struct bytes bytes = {.fd = 0, .name = "fuzz"};
	size_t asked = how[1] == 255 ? ASKED_LARGEST : how[1] + 4U;

	fuzz_begin(data, size, how[0] == 255 ? SIZE_MAX : how[0] + 1U);
	got.size = 0;
	do {
		got.last = bytes_read(&bytes, got.bytes + got.size, asked);
		must(got.last >= -1 && got.last <= (ssize_t)asked);
		if (got.last > 0)
			got.size += (size_t)got.last;
	} while (got.last > 0 && got.size < LARGEST);
	bytes_end(&bytes);
	must(fuzz_complaints() == (got.last < 0 ? 1 : 0));
}

static void must_have_got(const void *expected, size_t size)
{
	must(got.last == 0 && got.size == size);
	must(size == 0 || memcmp(got.bytes, expected, size) == 0);
}

static bool is_compressed(const uint8_t *data, size_t size)
{
	return size >= 4 &&
	       (memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0 ||
		(data[0] >= 0x50 && data[0] <= 0x5f && memcmp(data + 1, "\x2a\x4d\x18", 3) == 0));
}

/*
 * Decompresses DATA, of which no frame is cut off, into OTHER. Decompression in one go is no
 * measure: libzstd then also compares the size that a frame announces with that of its content
 * where the frame ends in an empty block, which in a stream it does not (1.5.4).
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
	const uint8_t *how = data;
	size_t other_size;

	if (size < 2)
		return 0;
	data += 2, size -= 2;
	read_all(data, size, how);
	if (!is_compressed(data, size)) {
		must_have_got(data, size);
		other_size = ZSTD_compress(other, sizeof(other), data, size, how[0] % 5);
		must(!ZSTD_isError(other_size));
		read_all((const uint8_t *)other, other_size, how);
		must_have_got(data, size);
	} else if (got.last == 0) {
		other_size = decompress(other, sizeof(other), data, size);
		must_have_got(other, other_size);
	}
	return 0;
}
