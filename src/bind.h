/* SPDX-License-Identifier: MIT */
/*
 * The bind mount by which the service gets a store path.
 */
#pragma once

#include "die.h"
#include "options.h"

#include <limits.h>
#include <stdbool.h>

/* The mount unit run-readonly-nix-store.mount shows the store a second time, below this directory:
 * its view. */
#define VIEWS "/run/readonly"

struct store {
	const char *path;    /* as the closure has it, such as /nix/store */
	char real[PATH_MAX]; /* without symlinks, or "" if it cannot be opened */
	int fd;		     /* or -1 */
	bool in_build; /* whether this program runs in a build, so may bind only from the store */
	bool view;     /* whether to bind from the view of the store */
};

/* The service finds at DESTINATION what the host has at SOURCE. */
struct bind {
	const char *source;	 /* has no symlink in it; NULL if it equals DESTINATION */
	const char *destination; /* the path that the caller gave, not a copy */
	bool in_view;		 /* whether SOURCE is in the view, so is mounted read-only */
	char resolved[PATH_MAX], viewed[PATH_MAX]; /* one of them may hold SOURCE */
};

/* Opens the store of SET, which need not exist. Its path is not copied. */
void store_open(struct store *store, const struct setting set[N_SETTINGS]);

/*
 * Sets BIND to what the service finds at PATH: if PATH is a symlink, its fully resolved target,
 * since systemd does not bind symlinks, else PATH itself. With a view, what is in the store is
 * resolved and bound from there. Returns false if there is nothing to bind, because PATH is
 * EXCLUDED (NULL: no path is) and not a symlink. PATH was read at PLACE. Dies if PATH or the target
 * does not exist, cannot be looked up or contains the store, if its name in the view is too long,
 * or, in a build, if it is outside of the store.
 */
bool bind_store_path(struct bind *bind, const struct store *store, const char *excluded,
		     struct place place, const char *path);

/*
 * Sets BIND to the absolute path PROGRAM, which came from PLACE, fully resolved, at /bin/sh. Dies
 * as bind_store_path(), and if it is not a regular file or has no execute permission.
 */
void bind_bin_sh(struct bind *bind, const struct store *store, struct place place,
		 const char *program);
