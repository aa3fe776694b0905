/* SPDX-License-Identifier: MIT */
/*
 * Step 5a, escaping: a path as systemd reads it back from BindReadOnlyPaths=.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <limits.h>
#include <stddef.h>

/* Every byte of the longest path escaped, quotes around it, and a NUL. */
enum { ESCAPED_LARGEST = 2 * PATH_MAX + 1 };

/*
 * Writes PATH, escaped and ended by a NUL, to ESCAPED, and returns where that NUL is. Returns NULL,
 * and in *FAULT why, where PATH cannot be written in a unit at all: a control character, a quote,
 * bytes that systemd does not take for UTF-8, PATH_MAX (4096) bytes or more.
 */
char *escape_path(char escaped[ESCAPED_LARGEST], const char *path, const char **fault);

#endif
