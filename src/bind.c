/* SPDX-License-Identifier: MIT */
#include "bind.h"

#include "path.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void store_open(struct store *store, const struct setting set[N_SETTINGS])
{
	store->path = set[STORE].value;
	store->in_build = set[BUILD_TOP].value != NULL;
	store->view = set[STORE_VIEW].value != NULL;
	store->fd = open(store->path, O_PATH | O_DIRECTORY);
	if (store->fd < 0 || realpath(store->path, store->real) == NULL) {
		store->fd = -1;
		store->real[0] = '\0';
	}
}

/* The sandbox of a build has an /etc, a /tmp and even a /bin/sh of its own, and hides the host's.
 */
static const char outside[] = "not in the store; a build cannot know what the host has there: ";

/* Dies because realpath(3) did not find PATH. */
static _Noreturn void die_unresolved(const struct store *store, struct place place,
				     const char *path)
{
	bool is_missing = errno == ENOENT || errno == ENOTDIR;
	const char *why = errno == ELOOP ? "symlink loop" : strerror(errno);
	char missing[PATH_MAX];
	struct walk walk;

	if (is_missing && !walk_to_end(&walk, path) && walk.links > 0 &&
	    path_join(missing, walk.at, walk.left)) {
		if (store->in_build && path_below(missing, store->real) == NULL)
			die_at(place, "leads to ", missing, ", which is ", outside, path);
		die_at(place, "dangling symlink to ", missing, ": ", path);
	}
	die_at(place, why, ": ", path);
}

/* Dies if PATH is outside of the store by its text, and this is a build. */
static void check_text(const struct store *store, struct place place, const char *path)
{
	if (store->in_build && path_below(path, store->path) == NULL &&
	    path_below(path, store->real) == NULL)
		die_at(place, outside, path);
}

/* Whether the path STORE is DIR or below it. If STORE is "", only "/" contains it. */
static bool contains(const char *dir, const char *store)
{
	return strcmp(dir, "/") == 0 || path_is_within(store, dir);
}

/* Resolves PATH and checks where it leads. Returns its rest below the store, or NULL. */
static const char *resolve(struct bind *bind, const struct store *store, struct place place,
			   const char *path)
{
	const char *rest;

	if (realpath(path, bind->resolved) == NULL)
		die_unresolved(store, place, path);
	/* If the store does not exist yet, REAL is "". */
	if (contains(bind->resolved, store->real) || contains(bind->resolved, store->path))
		die_at(place, strcmp(bind->resolved, path) == 0 ? "" : "leads to a directory that ",
		       "contains the whole store: ", path);
	rest = path_below(bind->resolved, store->real);
	if (store->in_build && rest == NULL)
		die_at(place, "leads to ", bind->resolved, ", which is ", outside, path);
	return rest;
}

/*
 * Whether TARGET, of a symlink of the store, is an entry of the store that is not a symlink itself,
 * so resolved. Most targets are: looking there takes 1.05 instead of 1.5 system calls a path, where
 * one path in twenty is a symlink.
 */
static bool is_resolved(const struct store *store, const char *target)
{
	/* A target may be STORE/.., which looks like an entry, but is not normal. */
	const char *rest = path_is_normal(target) ? path_below(target, store->real) : NULL;
	char ignored;

	return rest != NULL && strchr(rest + 1, '/') == NULL &&
	       readlinkat(store->fd, rest + 1, &ignored, 1) < 0 && errno == EINVAL;
}

/* Lets BIND have its source in the view, if there is one, and the source is REST below the store.
 */
static void bind_from_view(struct bind *bind, const struct store *store, struct place place,
			   const char *rest)
{
	bind->in_view = store->view && rest != NULL;
	if (!bind->in_view)
		return;
	if (!path_join(bind->viewed, VIEWS, store->path, rest))
		die_at(place,
		       "longer than 4095 bytes in the view of the store: ", bind->destination);
	bind->source = bind->viewed;
}

bool bind_store_path(struct bind *bind, const struct store *store, const char *excluded,
		     struct place place, const char *path)
{
	/* Looking up the entry in the open store is faster than looking up the whole path. */
	const char *rest = store->fd < 0 ? NULL : path_below(path, store->path);
	bool is_link;
	ssize_t len;

	check_text(store, place, path);
	/* A symlink has at most PATH_MAX - 1 bytes. */
	len = readlinkat(store->fd, rest == NULL ? path : rest + 1, bind->resolved, PATH_MAX - 1);
	is_link = len >= 0;
	/* EINVAL if the path exists and is not a symlink. */
	if (!is_link && errno != EINVAL)
		die_at(place, strerror(errno), ": ", path);
	if (!is_link && excluded != NULL && strcmp(path, excluded) == 0)
		return false;
	bind->source = NULL;
	bind->destination = path;
	if (is_link) {
		bind->resolved[len] = '\0';
		bind->source = bind->resolved;
	}
	if (is_link && is_resolved(store, bind->resolved))
		rest = path_below(bind->resolved, store->real);
	/* An entry of the store that is not a symlink is resolved already. */
	else if (is_link || rest == NULL || strchr(rest + 1, '/') != NULL)
		rest = resolve(bind, store, place, path);
	bind_from_view(bind, store, place, rest);
	return true;
}

void bind_bin_sh(struct bind *bind, const struct store *store, struct place place,
		 const char *program)
{
	const char *rest;
	struct stat status;

	check_text(store, place, program);
	rest = resolve(bind, store, place, program);
	bind->destination = "/bin/sh";
	bind->source = bind->resolved;
	if (stat(bind->resolved, &status) < 0)
		die_at(place, strerror(errno), ": ", program);
	if (!S_ISREG(status.st_mode))
		die_at(place, "not a regular file: ", program);
	/* The user of the service is not known here, so any execute permission will do. */
	if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		die_at(place, "not executable: ", program);
	bind_from_view(bind, store, place, rest);
}
