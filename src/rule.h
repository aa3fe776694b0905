/* SPDX-License-Identifier: MIT */
/*
 * The rule: the bind that a store path asks for.
 */
#pragma once

#include "complain.h"

#include <limits.h>

struct rule {
	const char *excluded;	   /* a path that is not bound, or NULL */
	const char *store;	   /* the store directory */
	const char *build;	   /* the directory of the build that runs this program, or NULL */
	char real_build[PATH_MAX]; /* the same without symlinks, or empty */
	int store_fd;		   /* of the store directory, or -1 if it cannot be opened */
	char real_store[PATH_MAX]; /* the store directory without symlinks, or empty */
};

/* The service finds at DESTINATION what the host has at REAL. */
struct bind {
	const char *destination; /* owned by the caller */
	bool renamed;		 /* whether DESTINATION is a symlink on the host, or not there */
	char real[PATH_MAX];	 /* has no symlink in it */
};

/* The strings remain the caller's. EXCLUDED and BUILD may be NULL. */
void rule_begin(struct rule *rule, const char *excluded, const char *store, const char *build);
void rule_end(struct rule *rule);

/* The rest of REAL, a path without symlinks, below the store, from its "/" on, or NULL. */
const char *rule_below_store(const struct rule *rule, const char *real);

/*
 * Decides what to bind for PATH, which was read at PLACE: nothing for the excluded path; for a
 * symlink its fully resolved target, at the place of the symlink, since systemd does not bind
 * symlinks; else PATH itself. Returns 1 and fills in BIND, which then refers to PATH; 0 for
 * nothing; or -1 after a complaint: PATH or the target does not exist, cannot be looked up,
 * contains the store, or exists only in the build.
 */
int rule_store_path(const struct rule *rule, struct bind *bind, struct place place,
		    const char *path);

/*
 * Binds the absolute path PROGRAM, fully resolved, at /bin/sh. ORIGIN is its option or variable.
 * Returns false after a complaint: it is missing, is not a regular file, has no execute permission,
 * or exists only in the build.
 */
bool rule_bin_sh(const struct rule *rule, struct bind *bind, const char *origin,
		 const char *program);
