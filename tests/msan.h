/* SPDX-License-Identifier: MIT */
/*
 * For MemorySanitizer: what libzstd decompresses is initialised, which only an instrumented libzstd
 * would say.
 */
#pragma once
#include <sanitizer/msan_interface.h>
#include <zstd.h>

static inline size_t decompress(ZSTD_DStream *stream, ZSTD_outBuffer *out, ZSTD_inBuffer *in)
{
	const size_t before = out->pos;
	const size_t left = ZSTD_decompressStream(stream, out, in);

	__msan_unpoison((char *)out->dst + before, out->pos - before);
	return left;
}

#define ZSTD_decompressStream decompress
