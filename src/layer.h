/* SPDX-License-Identifier: MIT */
/*
 * The layer: the text from which systemd-tmpfiles makes a directory that shows exactly the closure
 * when it is mounted as an overlay on the store. It has an empty directory for each store path,
 * with the attribute trusted.overlay.redirect naming the directory in the store.
 */
#pragma once

#include "publish.h"
#include "rule.h"

#include <stdint.h>

struct layer {
	const char *dir;	 /* DIR/layer is the layer, DIR/mount the mount */
	const struct rule *rule; /* for the store directory */
	uint64_t fingerprint;	 /* FNV-1a of the lines so far */
	struct publication file;
};

/*
 * Begins OUT/lib/tmpfiles.d/NAME.conf, where NAME is the last component of DIR. DIR needs no
 * escaping. DIR and RULE remain the caller's. Returns false after a complaint.
 */
bool layer_begin(struct layer *layer, const char *out, const char *dir, const struct rule *rule);

enum layer_outcome {
	LAYER_FAILED, /* after a complaint */
	LAYER_SHOWS,  /* the mount shows the bind */
	LAYER_BINDS,  /* the unit has to bind it; the layer has a mount point for it */
};

/*
 * Adds BIND, which was read at PLACE. The layer shows a directory of the store. The unit has to
 * bind a file, and whatever is outside of the store or has a name that tmpfiles.d cannot hold.
 * Complains if such a name is the destination in the store, or if BIND cannot be looked up.
 */
enum layer_outcome layer_add(struct layer *layer, struct place place, const struct bind *bind);

/* The length of "closure-" and the fingerprint, and a NUL. */
enum { LAYER_MARK_SIZE = sizeof("closure-0123456789abcdef") };

/*
 * Ends the file with a line for an empty file whose name has the fingerprint of all earlier lines,
 * and writes that name to MARK. A unit can thereby tell whether a mount is of this layer. Returns
 * false after a complaint.
 */
bool layer_end(struct layer *layer, char mark[LAYER_MARK_SIZE]);
