/* SPDX-License-Identifier: MIT */
/*
 * Publishing: a file that appears complete under its name, or not at all.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct publication {
	char path[PATH_MAX];
	char temporary[PATH_MAX]; /* the name beside PATH until the file is complete */
	bool begun;		  /* whether TEMPORARY exists */
	size_t made;		  /* length of the first directory that was made, 0 if none was */
	int fd;
	size_t used;
	char buffer[64 * 1024];
};

/*
 * Begins the file whose path is the concatenation of PARTS, up to a NULL. Makes missing directories
 * with mode 0755, the file with mode 0644, and sets the umask to 022. Returns false after a
 * complaint and leaves nothing behind.
 */
bool publish_begin(struct publication *publication, const char *const parts[]);

/* Adds SIZE bytes, at most 64 KiB, to the file. Returns false after a complaint; the caller then
 * abandons it. */
bool publish_add(struct publication *publication, const void *bytes, size_t size);

/*
 * Completes the file and gives it its name, replacing anything but a directory. Returns false after
 * a complaint, with an older file unchanged; the caller then abandons it.
 */
bool publish_finish(struct publication *publication);

/*
 * Removes the unfinished file and those directories made for it that are empty. Does nothing to a
 * file that was abandoned already.
 */
void publish_abandon(struct publication *publication);
