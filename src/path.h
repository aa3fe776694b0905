/* SPDX-License-Identifier: MIT */
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>

/*
 * Whether the absolute path PATH is spelled in the one way that systemd neither changes nor
 * ignores: no "." or ".." in it, no "//", no "/" at its end. "/" itself is not.
 */
bool path_is_normal(const char *path);

/* Where PATH goes on below the directory DIR, both normal, from its "/" on; NULL if not below. */
const char *path_below(const char *path, const char *dir);

#endif
