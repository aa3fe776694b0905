/* SPDX-License-Identifier: MIT */
#include "rule.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void rule_begin(struct rule *rule, const char *excluded, const char *store, const char *build)
{
	rule->excluded = excluded;
	rule->build = build;
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

static bool is_within(const char *path, const char *dir)
{
	return strcmp(path, dir) == 0 || path_below(path, dir) != NULL;
}

/* Whether all of the store is in DIR, a path without symlinks, or will be if there is none yet. */
static bool holds_store(const struct rule *rule, const char *dir)
{
	return strcmp(dir, "/") == 0 || is_within(rule->real_store, dir) ||
	       is_within(rule->store, dir);
}

/* Whether PATH is that of something which only the sandbox of a build has, or has otherwise. */
static bool belongs_to_build(const struct rule *rule, const char *path)
{
	return rule->build != NULL && !is_within(path, rule->store) &&
	       (is_within(path, rule->build) || is_within(path, "/proc") ||
		is_within(path, "/dev"));
}

static const char of_build[] = "belongs to the build and not to the machine of the service: ";

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

/* For the symlink PATH, whose target is in BIND->resolved. */
static bool bind_target(const struct rule *rule, struct bind *bind, struct place place,
			const char *path)
{
	bind->source = resolve(rule, path, bind->resolved);
	if (bind->source == NULL)
		return complain(place, link_fault(errno), ": ", path);
	if (holds_store(rule, bind->source))
		return complain(place,
				"leads to a directory that has all of the store in it: ", path);
	if (belongs_to_build(rule, bind->source))
		return complain(place, "leads to ", bind->source, ", which ", of_build, path);
	return true;
}

/* For PATH, which is no symlink itself. What lies in the store itself has no part of it above. */
static bool bind_itself(const struct rule *rule, struct place place, const char *path)
{
	const char *rest = path_below(path, rule->store);
	char real[PATH_MAX];

	if (rest != NULL && strchr(rest + 1, '/') == NULL)
		return true;
	if (realpath(path, real) == NULL)
		return complain(place, strerror(errno), ": ", path);
	if (holds_store(rule, real))
		return complain(place, "has all of the store in it: ", path);
	if (belongs_to_build(rule, path))
		return complain(place, of_build, path);
	return true;
}

bool rule_store_path(const struct rule *rule, struct bind *bind, struct place place,
		     const char *path)
{
	bind->source = path;
	bind->destination = path;
	bind->from_view = false;
	if (read_link(rule, path, bind->resolved))
		return bind_target(rule, bind, place, path);
	if (errno != EINVAL)
		return complain(place, strerror(errno), ": ", path);
	if (rule->excluded != NULL && strcmp(path, rule->excluded) == 0) {
		bind->source = NULL;
		return true;
	}
	return bind_itself(rule, place, path);
}

bool rule_bin_sh(const struct rule *rule, struct bind *bind, const char *origin,
		 const char *program)
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
	if (belongs_to_build(rule, bind->source))
		return complain(place, of_build, program);
	/* The service's user is not known here, so any execute bit will do. */
	if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		return complain(place, "not executable: ", program);
	return true;
}
