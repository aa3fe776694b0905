/* SPDX-License-Identifier: MIT */
/*
 * Step 4, the view: a path of the store, bound from a read-only mount of the store.
 *
 * A bind mount inherits the read-only flag of the mount that it is cloned from. systemd re-reads
 * the whole mount table for each BindReadOnlyPaths= to set that flag, for BindPaths= never, so the
 * start of a service is linear in its closure with a view, and quadratic without.
 */
#ifndef VIEW_H
#define VIEW_H

#include "rule.h"

struct view {
	const char *dir;	 /* of the read-only mount; NULL: there is no view */
	const struct rule *rule; /* for the store that it shows */
};

/*
 * If the source of BIND is below the store, puts the same path below the view in its place and sets
 * BIND->from_view; but not if it is reached through a symlink, which might lead out of the view, to
 * what is writable. False after a complaint about PLACE: that path is too long.
 */
bool view_apply(const struct view *view, struct bind *bind, struct place place);

#endif
