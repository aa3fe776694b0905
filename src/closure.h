/* SPDX-License-Identifier: MIT */
/*
 * The closure: its store paths, in the order of the file.
 */
#pragma once

#include "input.h"
#include "options.h"

#include <limits.h>

struct closure {
	bool graph;	     /* whether it is a references graph, not one path per line */
	bool begun;	     /* whether a path was asked for */
	char file[PATH_MAX]; /* the name of the list in a closureInfo directory */
	struct input input;  /* INPUT.PLACE is the line of the path last returned */
};

/*
 * Opens the closure that SETTING names. SOURCE is STORE_PATHS, CLOSURE_INFO (a directory with the
 * file store-paths or else store-paths.zst) or REFERENCES_GRAPH. SETTING must not change as long as
 * CLOSURE is used. Dies if it cannot open it.
 */
void closure_open(struct closure *closure, enum setting_kind source, const struct setting *setting);

/*
 * Returns the next store path, which the next call overwrites, or NULL at the end. The path is
 * normal (see path.h); whether it exists is not checked. Dies of any other path, an empty line, or
 * a references graph that is cut off or malformed,
 * or of an empty closure on standard input, since the command before a pipe has failed. Uses
 * constant memory.
 */
const char *closure_next(struct closure *closure);
