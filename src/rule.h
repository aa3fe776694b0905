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
	bool in_build;		   /* whether a build runs this program, in its sandbox */
	int store_fd;		   /* of the store directory, or -1 if it cannot be opened */
	char real_store[PATH_MAX]; /* the store directory without symlinks, or empty */
};

/* The service finds at DESTINATION what the host has at REAL. */
struct bind {
	const char *destination; /* owned by the caller */
	bool renamed;		 /* whether DESTINATION is a symlink on the host, or not there */
	char real[PATH_MAX];	 /* has no symlink in it */
};

/* The strings remain the caller's. EXCLUDED may be NULL. */
void rule_begin(struct rule *rule, const char *excluded, const char *store, bool in_build);
void rule_end(struct rule *rule);

/* Whether the host has the file of BIND in the store. */
bool rule_is_of_store(const struct rule *rule, const struct bind *bind);

/*
 * Decides what to bind for PATH, which was read at PLACE: nothing for the excluded path; for a
 * symlink its fully resolved target, at the place of the symlink, since systemd does not bind
 * symlinks; else PATH itself. Returns 1 and fills in BIND, which then refers to PATH; 0 for
 * nothing; or -1 after a complaint: PATH or the target does not exist, cannot be looked up,
 * contains the store, or, in a build, is or leads outside of the store.
 */
int rule_store_path(const struct rule *rule, struct bind *bind, struct place place,
		    const char *path);

/*
 * Binds the absolute path PROGRAM, fully resolved, at /bin/sh. ORIGIN is its option or variable.
 * Returns false after a complaint: it is missing, is not a regular file, has no execute permission,
 * or, in a build, is outside of the store.
 */
bool rule_bin_sh(const struct rule *rule, struct bind *bind, const char *origin,
		 const char *program);
