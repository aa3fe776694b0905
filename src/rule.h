/* SPDX-License-Identifier: MIT */
/*
 * The rule: what of a store path is bound where.
 */
#ifndef RULE_H
#define RULE_H

#include "complain.h"

#include <limits.h>

struct rule {
	const char *excluded; /* a path that is not bound, or NULL */
	const char *store;    /* the store directory; a path below it is looked up from there */
	const char *build;    /* the directory of the build that this is a part of, or NULL */
	int store_fd;	      /* -1: where it cannot be opened, all paths are looked up whole */
	char real_store[PATH_MAX]; /* the store directory resolved; empty where that failed */
	int store_error;	   /* why it failed: an errno */
};

/* What the service finds at DESTINATION. */
struct bind {
	const char *destination; /* the caller's */
	bool renamed;		 /* the host has it by another name: DESTINATION is a symlink */
	char real[PATH_MAX];	 /* what the host has, without a symlink in its path */
};

/* The strings remain the caller's. EXCLUDED and BUILD may be NULL. */
void rule_begin(struct rule *rule, const char *excluded, const char *store, const char *build);
void rule_end(struct rule *rule);

/* Where REAL, a path without symlinks, goes on below the store, from its "/" on; NULL if not there.
 */
const char *rule_below_store(const struct rule *rule, const char *real);

/*
 * For the store path PATH, read at PLACE: a symlink gives its fully resolved target at its own
 * place, since systemd does not bind symlinks; the excluded path gives nothing; any other path
 * itself. Returns 1 with BIND filled in, which points to PATH, 0 for nothing, or -1 after a
 * complaint: PATH, or what a symlink leads to, does not exist, cannot be looked at, has the store
 * in it, or belongs to the build.
 */
int rule_store_path(const struct rule *rule, struct bind *bind, struct place place,
		    const char *path);

/*
 * For the absolute path PROGRAM, from the option or variable ORIGIN: its fully resolved target at
 * /bin/sh. False after a complaint: it is missing, not a file, belongs to the build, or nobody may
 * execute it.
 */
bool rule_bin_sh(const struct rule *rule, struct bind *bind, const char *origin,
		 const char *program);

#endif
