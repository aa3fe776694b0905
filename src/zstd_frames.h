/* SPDX-License-Identifier: MIT */
/*
 * The content of zstd frames, for bytes.c. Without WITH_ZSTD there is none.
 */
#ifndef ZSTD_FRAMES_H
#define ZSTD_FRAMES_H

#include <stddef.h>
#include <sys/types.h>

/* The most that zstd_begin() takes over of what was read already. */
enum { ZSTD_HEAD_LARGEST = 128 * 1024 };

struct zstd;

/*
 * Begins to read the frames in FD, named NAME in complaints, of which the first SIZE
 * bytes were read into HEAD already. FD and NAME stay the caller's and are used until
 * zstd_end(). Returns NULL after a complaint.
 */
struct zstd *zstd_begin(int fd, const char *name, const void *head, size_t size);

/* As bytes_read(). Frames may follow one another, skippable ones among them. */
ssize_t zstd_read(struct zstd *zstd, void *buffer, size_t size);

/* Frees ZSTD, which may be NULL. */
void zstd_end(struct zstd *zstd);

#endif
