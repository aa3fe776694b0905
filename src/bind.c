/* SPDX-License-Identifier: MIT */
#include "bind.h"

#include "io.h"
#include "path.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void store_open(struct store *store, const char *path, bool in_build)
{
	store->path = path;
	store->in_build = in_build;
	store->fd = open_file(path, O_PATH | O_DIRECTORY);
	if (store->fd < 0 || realpath(path, store->real) == NULL) {
		store->fd = -1;
		store->real[0] = '\0';
	}
}

/* Whether a path is an entry of the store: REST is what path_below() says of it and the store. */
static bool is_entry(const char *rest)
{
	return rest != NULL && strchr(rest + 1, '/') == NULL;
}

/* Whether the target of a symlink is an entry of the store that is not a symlink itself. */
static bool is_resolved(const struct store *store, const char *target)
{
	/* A target may be STORE/.., which looks like an entry, but is not normal. */
	const char *rest = path_fault(target) == NULL ? path_below(target, store->real) : NULL;
	char ignored;

	return is_entry(rest) && readlinkat(store->fd, rest + 1, &ignored, 1) < 0 &&
	       errno == EINVAL;
}

/* Whether the path STORE is the same as DIR or below it. If STORE is "", only "/" contains it. */
static bool is_within(const char *store, const char *dir)
{
	return strcmp(dir, "/") == 0 || strcmp(store, dir) == 0 || path_below(store, dir) != NULL;
}

/* The sandbox of a build has an /etc, a /tmp and even a /bin/sh of its own. */
static const char outside[] = "not in the store; a build cannot know what the host has there: ";

/* Resolves PATH, which is not an entry of the store itself, and checks where it is and leads. */
static void resolve(struct bind *bind, const struct store *store, struct place place,
		    const char *path, bool is_link)
{
	if (realpath(path, bind->resolved) == NULL) {
		if (is_link && (errno == ENOENT || errno == ENOTDIR))
			die_at(place, "dangling symlink: ", path);
		if (is_link && errno == ELOOP)
			die_at(place, "symlink loop: ", path);
		die_at(place, strerror(errno), ": ", path);
	}
	/* If the store does not exist yet, REAL is "". */
	if (is_within(store->real, bind->resolved) || is_within(store->path, bind->resolved))
		die_at(place, is_link ? "leads to a directory that " : "",
		       "contains the whole store: ", path);
	bind->in_store = path_below(bind->resolved, store->real) != NULL;
	if (!store->in_build)
		return;
	if (path_below(path, store->path) == NULL && path_below(path, store->real) == NULL)
		die_at(place, outside, path);
	if (!bind->in_store)
		die_at(place, "leads to ", bind->resolved, ", which is ", outside, path);
}

bool bind_store_path(struct bind *bind, const struct store *store, const char *excluded,
		     struct place place, const char *path)
{
	/* Looking up the entry in the open store is faster than looking up the whole path. */
	const char *rest = store->fd < 0 ? NULL : path_below(path, store->path);
	ssize_t len =
		readlinkat(store->fd, rest == NULL ? path : rest + 1, bind->resolved, PATH_MAX);
	bool is_link = len >= 0;

	/* EINVAL if the path exists and is not a symlink. */
	if (!is_link && errno != EINVAL)
		die_at(place, strerror(errno), ": ", path);
	if (!is_link && excluded != NULL && strcmp(path, excluded) == 0)
		return false;
	bind->destination = path;
	bind->source = is_link ? bind->resolved : NULL;
	bind->in_store = true;
	if (!is_link && is_entry(rest))
		return true;
	if (is_link && rest != NULL && len < PATH_MAX) {
		bind->resolved[len] = '\0';
		if (is_resolved(store, bind->resolved))
			return true;
	}
	resolve(bind, store, place, path, is_link);
	return true;
}

void bind_bin_sh(struct bind *bind, const struct store *store, struct place place,
		 const char *program)
{
	struct stat status;

	bind->destination = "/bin/sh";
	bind->source = bind->resolved;
	resolve(bind, store, place, program, false);
	if (stat(bind->resolved, &status) < 0)
		die_at(place, strerror(errno), ": ", program);
	if (!S_ISREG(status.st_mode))
		die_at(place, "not a regular file: ", program);
	/* The user of the service is not known here, so any execute permission will do. */
	if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		die_at(place, "not executable: ", program);
}
