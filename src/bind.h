/* SPDX-License-Identifier: MIT */
/*
 * The bind mount by which the service gets a store path.
 */
#pragma once

#include "die.h"

#include <limits.h>
#include <stdbool.h>

struct store {
	const char *path;    /* as the closure has it, such as /nix/store */
	char real[PATH_MAX]; /* without symlinks, or "" if it cannot be opened */
	int fd;		     /* or -1 */
	bool in_build; /* whether this program runs in a build, so may bind only from the store */
};

/* The service finds at DESTINATION what the host has at SOURCE. */
struct bind {
	const char *source;	 /* has no symlink in it; NULL if it equals DESTINATION */
	const char *destination; /* the path that the caller gave, not a copy */
	bool in_store;		 /* whether the host has it in the store */
	char resolved[PATH_MAX]; /* holds SOURCE */
};

/* Opens the store at PATH, which need not exist, and is not copied. */
void store_open(struct store *store, const char *path, bool in_build);

/*
 * Sets BIND to what the service finds at PATH: if PATH is a symlink, its fully resolved target,
 * since systemd does not bind symlinks, else PATH itself. Returns false if there is nothing to
 * bind, because PATH is EXCLUDED (NULL: no path is) and not a symlink. PATH was read at PLACE. Dies
 * if PATH or the target does not exist, cannot be looked up or contains the store, or, in a build,
 * is outside of the store.
 */
bool bind_store_path(struct bind *bind, const struct store *store, const char *excluded,
		     struct place place, const char *path);

/*
 * Sets BIND to the absolute path PROGRAM, which came from PLACE, fully resolved, at /bin/sh. Dies
 * if it is missing, is not a regular file, has no execute permission, or, in a build, is or leads
 * outside of the store.
 */
void bind_bin_sh(struct bind *bind, const struct store *store, struct place place,
		 const char *program);
