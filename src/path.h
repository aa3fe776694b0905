/* SPDX-License-Identifier: MIT */
#pragma once

#include <limits.h>
#include <stdbool.h>

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/*
 * Whether PATH is normal: absolute, under PATH_MAX (4096) bytes, without ".", "..", "//" or a "/"
 * at its end, and not "/". Otherwise systemd would ignore or change it.
 */
bool path_is_normal(const char *path);

/* What to say of a path that is not normal. */
#define NOT_NORMAL                                                                                 \
	"not an absolute path of at most 4095 bytes without '.', '..', '//' and a '/' at its "     \
	"end: "

/* If the normal PATH is below DIR, returns its rest from "/" on, else NULL. None is below "". */
const char *path_below(const char *path, const char *dir);

/* Writes the concatenation of the strings to PATH. Returns false if it is too long. */
bool path_join(char path[PATH_MAX], const char *one, const char *two, const char *three);
