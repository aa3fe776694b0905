/* SPDX-License-Identifier: MIT */
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>

/*
 * Whether the absolute path PATH is spelled in the one way that systemd neither changes nor
 * ignores: no "." or ".." in it, no "//", no "/" at its end. "/" itself is not.
 */
bool path_is_normal(const char *path);

/* The words for one that is not, before it. */
#define PATH_NOT_NORMAL "not a normal path ('.', '..', '//', a '/' at the end, or only '/'): "

/* Whether PATH is the directory DIR or below it, both normal. */
bool path_is_within(const char *path, const char *dir);

/* Where PATH goes on below the directory DIR, both normal, from its "/" on; NULL if not below. */
const char *path_below(const char *path, const char *dir);

#endif
