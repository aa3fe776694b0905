/* SPDX-License-Identifier: MIT */
#pragma once

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/*
 * Why PATH is not normal, for a message that ends in PATH, or NULL if it is: absolute, under
 * PATH_MAX (4096) bytes, without ".", "..", "//" or a "/" at its end, and not "/". systemd neither
 * changes nor ignores such a path.
 */
const char *path_fault(const char *path);

/* The rest of PATH below DIR, from its "/" on, or NULL. Both are normal; nothing is below "". */
const char *path_below(const char *path, const char *dir);
