/* SPDX-License-Identifier: MIT */
/*
 * Step 2, the bytes of the closure's file, decompressed where they are compressed.
 */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct zstd;

struct bytes {
	int fd;
	const char *name; /* of the file, for complaints; the caller's */
	bool begun;
	struct zstd *zstd; /* NULL for plain bytes */
};

/*
 * Reads at most SIZE bytes, SIZE being at least 4, from bytes->fd into BUFFER. Input that
 * begins with a zstd frame, ordinary or skippable, is decompressed; its name does not
 * matter. Returns the number of bytes, 0 at the end, and -1 after a complaint: an error
 * of the system, a frame that is corrupt or cut off, or any frame in a build without
 * zstd. Takes no memory for plain bytes, else about 0.5 MiB and the window the frame asks
 * for, which libzstd refuses above 128 MiB.
 */
ssize_t bytes_read(struct bytes *bytes, void *buffer, size_t size);

/* Frees what BYTES holds. The file stays open. */
void bytes_end(struct bytes *bytes);

#endif
