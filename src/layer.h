/* SPDX-License-Identifier: MIT */
/*
 * The layer: the text from which systemd-tmpfiles makes a directory that, as an overlay on the
 * store, shows the closure and nothing else. It has an empty directory for each store path, which
 * the attribute trusted.overlay.redirect leads to the one in the store.
 */
#ifndef LAYER_H
#define LAYER_H

#include "publish.h"
#include "rule.h"

#include <stdint.h>

struct layer {
	const char *dir;	 /* DIR/layer is the layer, DIR/mount the mount */
	const struct rule *rule; /* for the store */
	uint64_t fingerprint;	 /* FNV-1a of the lines so far */
	struct publication file;
};

/*
 * Begins OUT/lib/tmpfiles.d/NAME.conf, NAME being the last component of DIR, which needs no
 * escaping. DIR and RULE remain the caller's. See publish_begin().
 */
bool layer_begin(struct layer *layer, const char *out, const char *dir, const struct rule *rule);

/* What layer_add() did. */
enum layer_outcome {
	LAYER_FAILED, /* there was a complaint */
	LAYER_SHOWS,  /* the mount shows what BIND says */
	LAYER_BINDS,  /* it has to be bound; in the store it has a mount point now */
};

/*
 * Adds BIND, read at PLACE. A directory of the store is shown; a file, and what is outside of the
 * store or has a name that tmpfiles.d cannot hold, is to be bound. Complains about such a name
 * where the service is to find it, about a BIND that cannot be looked at, and about the file.
 */
enum layer_outcome layer_add(struct layer *layer, struct place place, const struct bind *bind);

/*
 * Ends the file with the line for an empty file whose name has the fingerprint of all lines before,
 * so that a unit can tell whether a mount is of this layer. False after a complaint.
 */
bool layer_end(struct layer *layer);

/* Length of "closure-" and the fingerprint, and a NUL. */
enum { LAYER_MARK_SIZE = sizeof("closure-0123456789abcdef") };

/* Writes the name of that file, in DIR/mount, to MARK. */
void layer_mark(const struct layer *layer, char mark[LAYER_MARK_SIZE]);

#endif
