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
	char file[PATH_MAX]; /* the name of the list in a closureInfo directory */
	struct input input;
};

/*
 * Opens the closure that SETTING names. KIND is STORE_PATHS, CLOSURE_INFO (a directory with the
 * file store-paths or else store-paths.zst) or REFERENCES_GRAPH. SETTING must outlive CLOSURE.
 * Returns false after a complaint.
 */
bool closure_open(struct closure *closure, enum input_kind kind, const struct setting *setting);

/*
 * Sets *PATH to the next store path, valid until the next call, and *PLACE to its line. The path is
 * normal (see path.h); whether it exists is not checked. Returns 1, 0 at the end, or -1 after a
 * complaint: about any other path, an empty line, a carriage return, or a references graph that is
 * cut off or malformed. Uses constant memory.
 */
int closure_next(struct closure *closure, const char **path, struct place *place);

void closure_close(struct closure *closure);
