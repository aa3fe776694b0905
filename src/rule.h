/* SPDX-License-Identifier: MIT */
/*
 * Step 4, the rule: what of a store path is bound where.
 */
#ifndef RULE_H
#define RULE_H

#include "complain.h"

#include <limits.h>

/* What to bind: SOURCE of the host at DESTINATION in the service's root. */
struct bind {
	const char *source; /* NULL: nothing is bound */
	const char *destination;
	bool from_view;		 /* SOURCE is in a read-only view of the store; see view.h */
	char resolved[PATH_MAX]; /* behind SOURCE where it is not the path that was read */
};

struct rule {
	const char *excluded; /* a path that is not bound, or NULL */
	const char *store;    /* the store directory; a path below it is looked up from there */
	int store_fd;	      /* -1: where it cannot be opened, all paths are looked up whole */
	const char *build;    /* the directory of the build that this is a part of, or NULL */
	bool store_is_real;   /* no component of the store directory is a symlink */
	char real_store[PATH_MAX]; /* the store directory resolved; empty where there is none */
};

/* The strings remain the caller's. EXCLUDED and BUILD may be NULL. */
void rule_begin(struct rule *rule, const char *excluded, const char *store, const char *build);
void rule_end(struct rule *rule);

/*
 * Whether PATH, normal and below the store, is there and reached from the store without a symlink.
 */
bool rule_is_real(const struct rule *rule, const char *path);

/*
 * For the store path PATH, read at PLACE: a symlink, systemd not binding symlinks, gives
 * its fully resolved target at its own place; the excluded path gives nothing; any other path
 * itself. BIND points into itself and PATH. False after a complaint: PATH, or what a symlink leads
 * to, does not exist, cannot be looked at, has the store in it, or belongs to the build.
 */
bool rule_store_path(const struct rule *rule, struct bind *bind, struct place place,
		     const char *path);

/*
 * For the absolute path PROGRAM, from the option or variable ORIGIN: its fully resolved
 * target at /bin/sh. False after a complaint: it is missing, not a file, belongs to the build, or
 * nobody may execute it.
 */
bool rule_bin_sh(const struct rule *rule, struct bind *bind, const char *origin,
		 const char *program);

#endif
