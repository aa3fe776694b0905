/* SPDX-License-Identifier: MIT */
#include "rule.h"

#include "io.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void rule_begin(struct rule *rule, const char *excluded, const char *store, bool in_build)
{
	rule->excluded = excluded;
	rule->store = store;
	rule->in_build = in_build;
	rule->store_fd = open_file(store, O_PATH | O_DIRECTORY);
	if (rule->store_fd < 0 || realpath(store, rule->real_store) == NULL)
		rule->real_store[0] = '\0';
}

void rule_end(struct rule *rule)
{
	if (rule->store_fd >= 0)
		close(rule->store_fd);
}

bool rule_is_of_store(const struct rule *rule, const struct bind *bind)
{
	return path_below(bind->real, rule->real_store) != NULL;
}

/*
 * Returns 1 if PATH is a symlink, 0 if it is not, or -1 with errno set. This one system call also
 * tells whether PATH exists. A look-up relative to the store walks fewer components, so is faster.
 */
static int is_symlink(const struct rule *rule, const char *path)
{
	const char *rest = rule->store_fd < 0 ? NULL : path_below(path, rule->store);
	char target;
	ssize_t len = rest == NULL ? readlink(path, &target, sizeof(target))
				   : readlinkat(rule->store_fd, rest + 1, &target, sizeof(target));

	/* EINVAL if the path exists but is not a symlink. */
	return len >= 0 ? 1 : errno == EINVAL ? 0 : -1;
}

/* The words for ERROR, from resolving a symlink. */
static const char *link_error(int error)
{
	if (error == ENOENT || error == ENOTDIR)
		return "dangling symlink";
	return error == ELOOP ? "symlink loop" : strerror(error);
}

/* Whether the store is DIR, a path without symlinks, or below it. The store may not exist yet. */
static bool contains_store(const struct rule *rule, const char *dir)
{
	return strcmp(dir, "/") == 0 || path_is_within(rule->real_store, dir) ||
	       path_is_within(rule->store, dir);
}

static bool is_in_store(const struct rule *rule, const char *path)
{
	return path_below(path, rule->store) != NULL || path_below(path, rule->real_store) != NULL;
}

/* The sandbox of a build has an /etc, a /tmp and even a /bin/sh of its own. */
static const char of_build[] = "not in the store; a build cannot know what the host has there: ";

/* Fills in BIND->real for PATH, which was read at PLACE. False after a complaint. */
static bool resolve(const struct rule *rule, struct bind *bind, struct place place,
		    const char *path)
{
	const char *rest = path_below(path, rule->store);
	size_t len = strlen(rule->real_store), more = rest == NULL ? 0 : strlen(rest) + 1;

	/* An entry of the store itself needs no look-up. */
	if (!bind->renamed && rest != NULL && strchr(rest + 1, '/') == NULL && len > 0 &&
	    len + more <= sizeof(bind->real)) {
		(void)mempcpy(mempcpy(bind->real, rule->real_store, len), rest, more);
		return true;
	}
	if (realpath(path, bind->real) == NULL)
		return complain(place, bind->renamed ? link_error(errno) : strerror(errno), ": ",
				path);
	if (contains_store(rule, bind->real))
		return complain(place, bind->renamed ? "leads to a directory that " : "",
				"contains the whole store: ", path);
	if (!rule->in_build)
		return true;
	if (!is_in_store(rule, path))
		return complain(place, of_build, path);
	return is_in_store(rule, bind->real) ||
	       complain(place, "leads to ", bind->real, ", which is ", of_build, path);
}

int rule_store_path(const struct rule *rule, struct bind *bind, struct place place,
		    const char *path)
{
	int symlink = is_symlink(rule, path);

	if (symlink < 0) {
		complain(place, strerror(errno), ": ", path);
		return -1;
	}
	if (!symlink && rule->excluded != NULL && strcmp(path, rule->excluded) == 0)
		return 0;
	bind->destination = path;
	bind->renamed = symlink == 1;
	return resolve(rule, bind, place, path) ? 1 : -1;
}

bool rule_bin_sh(const struct rule *rule, struct bind *bind, const char *origin,
		 const char *program)
{
	struct stat status;

	bind->destination = "/bin/sh";
	bind->renamed = true;
	if (realpath(program, bind->real) == NULL || stat(bind->real, &status) < 0)
		return complain_of(origin, strerror(errno), ": ", program);
	if (!S_ISREG(status.st_mode))
		return complain_of(origin, "not a regular file: ", program);
	if (rule->in_build && !is_in_store(rule, bind->real))
		return complain_of(origin, of_build, program);
	/* The user of the service is not known here, so any execute permission will do. */
	if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		return complain_of(origin, "not executable: ", program);
	return true;
}
