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
	rule->store = store;
	rule->build = build;
	do
		rule->store_fd = open(store, O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (rule->store_fd < 0 && errno == EINTR);
	if (rule->store_fd < 0 || realpath(store, rule->real_store) == NULL) {
		rule->store_error = errno;
		rule->real_store[0] = '\0';
	}
}

void rule_end(struct rule *rule)
{
	if (rule->store_fd >= 0)
		close(rule->store_fd);
}

const char *rule_below_store(const struct rule *rule, const char *real)
{
	return rule->real_store[0] == '\0' ? NULL : path_below(real, rule->real_store);
}

/*
 * Whether PATH is a symlink: 1, 0, or -1 and errno. One system call also tells whether it exists.
 * It takes longer the more components there are to walk, so it looks from the store where it can.
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

/* The words for ERROR where a symlink is followed. */
static const char *link_fault(int error)
{
	if (error == ENOENT || error == ENOTDIR)
		return "dangling symlink";
	if (error == ELOOP)
		return "symlink loop";
	return strerror(error);
}

/* Whether all of the store is in DIR, a path without symlinks, or will be if there is none yet. */
static bool holds_store(const struct rule *rule, const char *dir)
{
	return strcmp(dir, "/") == 0 || path_is_within(rule->real_store, dir) ||
	       path_is_within(rule->store, dir);
}

/* Whether only the sandbox of a build has PATH, or the service would find something else there. */
static bool belongs_to_build(const struct rule *rule, const char *path)
{
	return rule->build != NULL && !path_is_within(path, rule->store) &&
	       !path_is_within(path, rule->real_store) &&
	       (path_is_within(path, rule->build) || path_is_within(path, "/proc") ||
		path_is_within(path, "/dev"));
}

static const char of_build[] = "belongs to the build and not to the machine of the service: ";

/* For the symlink PATH. */
static bool bind_target(const struct rule *rule, struct bind *bind, struct place place,
			const char *path)
{
	if (realpath(path, bind->real) == NULL)
		return complain(place, link_fault(errno), ": ", path);
	if (holds_store(rule, bind->real))
		return complain(place,
				"leads to a directory that has all of the store in it: ", path);
	if (belongs_to_build(rule, bind->real))
		return complain(place, "leads to ", bind->real, ", which ", of_build, path);
	return true;
}

/* For PATH, which is no symlink itself. */
static bool bind_itself(const struct rule *rule, struct bind *bind, struct place place,
			const char *path)
{
	const char *rest = path_below(path, rule->store);

	/* What lies in the store itself needs no closer look. */
	if (rest != NULL && strchr(rest + 1, '/') == NULL && rule->real_store[0] != '\0' &&
	    strlen(rule->real_store) + strlen(rest) < sizeof(bind->real)) {
		(void)stpcpy(stpcpy(bind->real, rule->real_store), rest);
		return true;
	}
	if (realpath(path, bind->real) == NULL)
		return complain(place, strerror(errno), ": ", path);
	if (holds_store(rule, bind->real))
		return complain(place, "has all of the store in it: ", path);
	if (belongs_to_build(rule, path))
		return complain(place, of_build, path);
	return true;
}

int rule_store_path(const struct rule *rule, struct bind *bind, struct place place,
		    const char *path)
{
	int symlink = is_symlink(rule, path);

	bind->destination = path;
	bind->renamed = symlink == 1;
	if (symlink < 0) {
		complain(place, strerror(errno), ": ", path);
		return -1;
	}
	if (!symlink && rule->excluded != NULL && strcmp(path, rule->excluded) == 0)
		return 0;
	return (symlink ? bind_target : bind_itself)(rule, bind, place, path) ? 1 : -1;
}

bool rule_bin_sh(const struct rule *rule, struct bind *bind, const char *origin,
		 const char *program)
{
	struct place place = {origin, 0};
	struct stat status;

	bind->destination = "/bin/sh";
	bind->renamed = true;
	if (realpath(program, bind->real) == NULL || stat(bind->real, &status) < 0)
		return complain(place, strerror(errno), ": ", program);
	if (!S_ISREG(status.st_mode))
		return complain(place, "not a file: ", program);
	if (belongs_to_build(rule, bind->real))
		return complain(place, of_build, program);
	/* The service's user is not known here, so any execute bit will do. */
	if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		return complain(place, "not executable: ", program);
	return true;
}
