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
 * Writes PATH, escaped, and a NUL to ESCAPED. Returns where the NUL is, so that more can be written
 * there. PATH is shorter than PATH_MAX, and came from PLACE. Dies if PATH has what a unit cannot
 * hold: a control character, a quote, or bytes that systemd does not accept as UTF-8.
 */
char *escape_path(char escaped[ESCAPED_LARGEST], struct place place, const char *path);
