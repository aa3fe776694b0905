/* SPDX-License-Identifier: MIT */
/*
 * Step 3, the closure: its store paths, one after the other, in the order of the file.
 */
#ifndef CLOSURE_H
#define CLOSURE_H

#include "lines.h"
#include "options.h"

struct closure {
	bool graph;	     /* a references graph; else one path per line */
	char file[PATH_MAX]; /* the list in a closureInfo directory */
	struct lines lines;
};

/*
 * Opens the closure that OPTIONS name: a store-paths file, the one in a closureInfo
 * directory (store-paths, else store-paths.zst), or a references graph. False after a
 * complaint.
 */
bool closure_open(struct closure *closure, const struct options *options);

/*
 * Points *PATH at the next store path, valid until the next call: an absolute path under
 * 4096 bytes with no "." or ".." in it, no "//" and no "/" at its end, and not "/"
 * itself. closure->lines.place says where it stands. Returns 1, 0 at the end, and -1
 * after a complaint. A path with any of these, an empty line and a carriage return are
 * refused, and so is a references graph that is cut off or not one. Whether a path exists
 * is not looked at. Memory stays constant.
 */
int closure_next(struct closure *closure, const char **path);

void closure_close(struct closure *closure);

#endif
