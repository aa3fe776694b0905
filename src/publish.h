/* SPDX-License-Identifier: MIT */
/*
 * Publishing: the one file that the program writes appears complete under its name, or not at all.
 * When the program dies, see die.h, the unfinished file is removed; a signal that kills it leaves
 * that file. Directories that were made for it stay.
 */
#pragma once

#include <stddef.h>

/*
 * Begins the file whose path is the concatenation of PARTS, up to a NULL. Makes missing directories
 * with mode 0755, the file with mode 0644, and sets the umask to 022. Dies if it cannot.
 */
void publish_begin(const char *const parts[]);

/* Adds SIZE bytes, at most 64 KiB, to the file. Dies if it cannot. */
void publish_add(const void *bytes, size_t size);

/*
 * Completes the file and gives it its name, replacing anything but a directory. Dies if it cannot,
 * and leaves an older file unchanged.
 */
void publish_finish(void);
