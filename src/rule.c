/* SPDX-License-Identifier: MIT */
#include "rule.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void rule_begin(struct rule *rule, const char *excluded, const char *store)
{
	rule->excluded = excluded;
	rule->store = store;
	rule->store_fd = open(store, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule->store_fd < 0 || realpath(store, rule->real_store) == NULL)
		rule->real_store[0] = '\0';
	rule->store_is_real = strcmp(rule->real_store, store) == 0;
}

void rule_end(struct rule *rule)
{
	if (rule->store_fd >= 0)
		close(rule->store_fd);
}

/*
 * The target of the symlink PATH into TARGET: one look tells whether it exists, whether it is a
 * symlink and to what. Returns false and EINVAL for what is there and none. It takes longer the
 * more components there are to walk, so from the store where that can be.
 */
static bool read_link(const struct rule *rule, const char *path, char target[PATH_MAX])
{
	const char *rest = rule->store_fd < 0 ? NULL : path_below(path, rule->store);
	ssize_t len = rest == NULL ? readlink(path, target, PATH_MAX)
				   : readlinkat(rule->store_fd, rest + 1, target, PATH_MAX);

	if (len < 0)
		return false;
	if (len == PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	target[len] = '\0';
	return true;
}

/* The words for ERROR where a symlink is followed. */
static const char *link_fault(int error)
{
	if (error == ENOENT || error == ENOTDIR)
		return "dangling symlink";
	if (error == ELOOP)
		return "symlink loop";
	return strerror(error);
}

bool rule_is_real(const struct rule *rule, const char *path)
{
	char part[PATH_MAX], target[PATH_MAX];
	size_t len = strlen(rule->store);

	memcpy(part, path, len);
	do {
		size_t more = (size_t)(strchrnul(path + len + 1, '/') - (path + len));

		memcpy(part + len, path + len, more);
		len += more;
		part[len] = '\0';
		if (read_link(rule, part, target) || errno != EINVAL)
			return false;
	} while (path[len] != '\0');
	return true;
}

/* Whether all of the store is in DIR, a path without symlinks. */
static bool holds_store(const struct rule *rule, const char *dir)
{
	return strcmp(dir, "/") == 0 || strcmp(dir, rule->real_store) == 0 ||
	       path_below(rule->real_store, dir) != NULL;
}

/*
 * Resolves the symlink PATH, whose target is in RESOLVED. realpath(3) looks at all components of it
 * from the root on; for the usual target, a real place in the store, those below the store are
 * enough.
 */
static const char *resolve(const struct rule *rule, const char *path, char resolved[PATH_MAX])
{
	if (rule->store_is_real && path_below(resolved, rule->store) != NULL &&
	    path_is_normal(resolved) && rule_is_real(rule, resolved))
		return resolved;
	return realpath(path, resolved);
}

bool rule_store_path(const struct rule *rule, struct bind *bind, struct place place,
		     const char *path)
{
	bind->source = path;
	bind->destination = path;
	bind->from_view = false;
	if (read_link(rule, path, bind->resolved)) {
		bind->source = resolve(rule, path, bind->resolved);
		if (bind->source == NULL)
			return complain(place, link_fault(errno), ": ", path);
		if (holds_store(rule, bind->source))
			return complain(
				place,
				"leads to a directory that has all of the store in it: ", path);
	} else if (errno != EINVAL) {
		return complain(place, strerror(errno), ": ", path);
	} else if (rule->excluded != NULL && strcmp(path, rule->excluded) == 0) {
		bind->source = NULL;
	}
	return true;
}

bool rule_bin_sh(struct bind *bind, const char *origin, const char *program)
{
	struct place place = {origin, 0};
	struct stat status;

	bind->source = realpath(program, bind->resolved);
	bind->destination = "/bin/sh";
	bind->from_view = false;
	if (bind->source == NULL || stat(bind->source, &status) < 0)
		return complain(place, strerror(errno), ": ", program);
	if (!S_ISREG(status.st_mode))
		return complain(place, "not a file: ", program);
	/* The service's user is not known here, so any execute bit will do. */
	if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		return complain(place, "not executable: ", program);
	return true;
}
