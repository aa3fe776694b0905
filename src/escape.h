/* SPDX-License-Identifier: MIT */
/*
 * A path, escaped so that systemd reads it back unchanged from BindReadOnlyPaths=.
 */
#pragma once

#include <limits.h>

/* The longest path with every byte escaped, in quotes, and the NUL. */
enum { ESCAPED_LARGEST = 2 * PATH_MAX + 1 };

/*
 * Writes PATH to ESCAPED, escaped. Returns NULL, or why a unit cannot hold PATH: a control
 * character, a quote, bytes that systemd does not accept as UTF-8, or over 4095 bytes.
 */
const char *escape_path(char escaped[ESCAPED_LARGEST], const char *path);
