/* SPDX-License-Identifier: MIT */
/*
 * The lines of a file, decompressed if it is compressed with zstd. Memory stays constant.
 */
#pragma once

#include "complain.h"

#include <stddef.h>
#include <sys/types.h>

struct zstd;

struct input {
	struct place place; /* of the last line that was read; lines count from 1 */
	int fd;
	struct zstd *zstd; /* NULL if the input is not compressed */
	ssize_t (*read)(struct input *input, void *buffer, size_t size); /* as read_some() */
	size_t next, end; /* the part of BUFFER that was read, but not returned */
	bool at_end;	  /* whether all of the file was read */
	char buffer[64 * 1024];
};

/*
 * Opens FILE; "-" is standard input. FILE must outlive INPUT. Whether the input is compressed is
 * told from its first bytes, a zstd frame or skippable frame, not from its name. Decompression
 * takes about 0.5 MiB and the window that a frame asks for, at most 128 MiB. Returns false after a
 * complaint, which is also about compressed input in a build without zstd.
 */
bool input_open(struct input *input, const char *file);

/*
 * Sets *LINE to the next line, without its newline, valid until the next call. The last line may
 * lack the newline. Returns 1, 0 at the end, or -1 after a complaint: about a line of PATH_MAX
 * (4096) bytes or more, a NUL byte, a read error, or a frame that is corrupt or cut off.
 */
int input_line(struct input *input, const char **line);

/* Closes the file, unless it is standard input, and frees the memory of INPUT. */
void input_close(struct input *input);
