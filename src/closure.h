/* SPDX-License-Identifier: MIT */
/*
 * The closure: its store paths, one after the other, in the order of the file.
 */
#ifndef CLOSURE_H
#define CLOSURE_H

#include "input.h"
#include "options.h"

#include <limits.h>

struct closure {
	bool graph;	     /* a references graph; else one path per line */
	char file[PATH_MAX]; /* the list in a closureInfo directory */
	struct input input;
};

/*
 * Opens the closure that SETTING names: KIND is STORE_PATHS, CLOSURE_INFO (a directory with the
 * file store-paths, else store-paths.zst) or REFERENCES_GRAPH. False after a complaint.
 */
bool closure_open(struct closure *closure, enum input_kind kind, const struct setting *setting);

/*
 * Points *PATH at the next store path, valid until the next call, and *PLACE at where it stands: an
 * absolute path under 4096 bytes with no "." or ".." in it, no "//" and no "/" at its end, and not
 * "/" itself. Returns 1, 0 at the end, or -1 after a complaint. A path with any of these, an empty
 * line and a carriage return are refused, and so is a references graph that is cut off or not one.
 * Whether a path exists is not looked at. Memory stays constant.
 */
int closure_next(struct closure *closure, const char **path, struct place *place);

void closure_close(struct closure *closure);

#endif
