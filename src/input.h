/* SPDX-License-Identifier: MIT */
/*
 * The lines of a file, which may be compressed with zstd. Memory does not grow with the file.
 */
#ifndef INPUT_H
#define INPUT_H

#include "complain.h"

struct zstd;

struct input {
	struct place place; /* of the line that was read last, for complaints; from 1 */
	size_t length;	    /* of that line */
	int fd;
	struct zstd *zstd;  /* NULL: the bytes are plain */
	size_t next, end;   /* the bytes in BUFFER that are not handed out yet */
	bool begun, at_end; /* of the bytes: some were read; all were */
	char buffer[64 * 1024];
};

/* Opens FILE, "-" being standard input. FILE remains the caller's. False after a complaint. */
bool input_open(struct input *input, const char *file);

/*
 * Points *LINE at the next line, without its newline, valid until the next call. A last line
 * without a newline counts. Input that begins with a zstd frame, ordinary or skippable, is
 * decompressed, whatever its name; that takes about 0.5 MiB and the window that a frame asks for,
 * at most 128 MiB. Returns 1, 0 at the end, or -1 after a complaint: about a line of PATH_MAX
 * (4096) bytes or more, a NUL byte, bytes that cannot be read, a frame that is corrupt or cut off,
 * or any frame in a build without zstd.
 */
int input_line(struct input *input, const char **line);

/* Closes the file, unless it is standard input, and frees what INPUT holds. */
void input_close(struct input *input);

#endif
