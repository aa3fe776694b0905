/* SPDX-License-Identifier: MIT */
/*
 * A path, escaped so that systemd reads it back unchanged from BindPaths= and BindReadOnlyPaths=.
 */
#pragma once

#include "die.h"

#include <limits.h>

/* The longest path with every byte escaped, in quotes, and the NUL. */
enum { ESCAPED_LARGEST = 2 * PATH_MAX + 1 };

/*
 * Writes PATH to ESCAPED, escaped, and a NUL, of which it returns the address. PATH is shorter than
 * PATH_MAX, and came from PLACE. Dies if a unit cannot hold it: a control character, a quote, or
 * bytes that systemd does not accept as UTF-8.
 */
char *escape_path(char escaped[ESCAPED_LARGEST], struct place place, const char *path);
