/* SPDX-License-Identifier: MIT */
/*
 * Publishing: files that appear complete under their names, or not at all.
 */
#ifndef PUBLISH_H
#define PUBLISH_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct publication {
	char path[PATH_MAX];
	char temporary[PATH_MAX]; /* its name, beside PATH, until it is complete */
	bool begun;		  /* TEMPORARY exists */
	bool kept;		  /* what had PATH before has a second name, TEMPORARY.old */
	size_t made;		  /* length of the first directory made for it; 0: none was */
	int fd;
	size_t used;
	char buffer[64 * 1024];
};

/*
 * Begins the file whose path is the strings PARTS, up to a NULL, joined. Missing directories are
 * made with mode 0755, the file with mode 0644, whatever the umask was: it is 022 from here on.
 * False after a complaint; nothing is left behind then.
 */
bool publish_begin(struct publication *publication, const char *const parts[]);

/* Adds SIZE bytes to the file. False after a complaint; the caller abandons it then. */
bool publish_add(struct publication *publication, const void *bytes, size_t size);

/*
 * Completes the N files and gives them their names, in this order, in place of whatever but a
 * directory had them. False after a complaint; all are abandoned then, and what had the names has
 * them again.
 */
bool publish_finish(struct publication *const files[], size_t n);

/* Removes the unfinished file, and what is empty of the directories made for it. */
void publish_abandon(struct publication *publication);

#endif
