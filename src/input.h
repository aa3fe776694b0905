/* SPDX-License-Identifier: MIT */
/*
 * The lines of a file, decompressed if it is compressed with zstd. Memory stays constant.
 */
#pragma once

#include "die.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#ifdef WITH_ZSTD
#include <zstd.h>
#endif

struct input {
	struct place place; /* of the last line that was read; line 0 is before the first */
	int fd;
	size_t next, end;    /* BUFFER from NEXT up to END was read, but not returned */
	char line[PATH_MAX]; /* the last line that was returned */
	char buffer[64 * 1024];
#ifdef WITH_ZSTD
	ZSTD_DStream *zstd; /* NULL if the input is not compressed */
	bool in_frame;	    /* whether a frame has begun and has output left */
	ZSTD_inBuffer in;
	char compressed[64 * 1024];
#endif
};

/*
 * Opens FILE; "-" is standard input. The name FILE must not change as long as INPUT is used. INPUT
 * is never closed. Its first bytes, not its name, tell whether it is compressed: they begin a frame
 * of zstd. Decompression takes about 0.5 MiB and the window that a frame asks for, up to 128 MiB.
 * Dies if it cannot open or read the file, or if it is compressed in another way or the program was
 * built without zstd.
 */
void input_open(struct input *input, const char *file);

/*
 * Returns the next line, without its newline, or NULL at the end. The next call overwrites the
 * line. The last line may lack the newline. Dies of a line of PATH_MAX (4096) bytes or more, a NUL
 * byte, a carriage return at its end, a read error, or a frame that is corrupt or cut off.
 */
const char *input_line(struct input *input);
