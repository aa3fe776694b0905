/* SPDX-License-Identifier: MIT */
#include "publish.h"

#include "complain.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char unfinished[] = ".chroot-paths.XXXXXX";
static const char old_suffix[] = ".old";

enum { TRIES = 100 };

/* Fills in PATH, and in TEMPORARY the template for mkostemp(3). False after a complaint. */
static bool name_files(struct publication *publication, const char *const parts[])
{
	char *end = publication->path;
	const char *slash;
	size_t len;

	for (; *parts != NULL; parts++) {
		len = (size_t)(end - publication->path) + strlen(*parts);
		if (len >= PATH_MAX - sizeof(unfinished) - sizeof(old_suffix))
			return complain_errno(parts[0], ENAMETOOLONG);
		end = stpcpy(end, *parts);
	}
	slash = strrchr(publication->path, '/');
	len = slash == NULL ? 0 : (size_t)(slash - publication->path) + 1;
	(void)stpcpy(mempcpy(publication->temporary, publication->path, len), unfinished);
	return true;
}

/*
 * Makes the directories of the file. Returns 0, or the length of the one that cannot be made, with
 * errno set.
 */
static size_t make_directories(struct publication *publication)
{
	char *path = publication->path;

	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		bool made;

		*slash = '\0';
		made = mkdir(path, 0755) == 0;
		*slash = '/';
		if (!made && errno != EEXIST)
			return (size_t)(slash - path);
		if (made && publication->made == 0)
			publication->made = (size_t)(slash - path);
	}
	return 0;
}

static void remove_directories(struct publication *publication)
{
	char *path = publication->path;
	char *slash;

	while (publication->made > 0 && (slash = strrchr(path, '/')) != NULL &&
	       (size_t)(slash - path) >= publication->made) {
		*slash = '\0';
		slash = strrchr(path, '/');
		if (slash != NULL && (strcmp(slash, "/.") == 0 || strcmp(slash, "/..") == 0))
			continue;
		/* Another run may have removed it. */
		if (rmdir(path) < 0 && errno != ENOENT)
			break;
	}
}

/* As mkostemp(3), repeated after EINTR, which leaves the template undefined. */
static int create(char *temporary)
{
	char *name = temporary + strlen(temporary) - strlen(unfinished);
	int fd;

	do {
		memcpy(name, unfinished, sizeof(unfinished));
		fd = mkostemp(temporary, O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	return fd;
}

bool publish_begin(struct publication *publication, const char *const parts[])
{
	size_t failed;
	int tries = 0;

	publication->begun = publication->kept = false;
	publication->made = publication->used = 0;
	publication->fd = -1;
	if (!name_files(publication, parts))
		return false;
	umask(022);
	/* Another run that fails at the same time removes directories while they are empty. */
	do {
		failed = make_directories(publication);
		if (failed == 0)
			publication->fd = create(publication->temporary);
	} while (publication->fd < 0 && errno == ENOENT && ++tries < TRIES);
	publication->begun = publication->fd >= 0;
	if (publication->begun && fchmod(publication->fd, 0644) == 0)
		return true;
	if (failed > 0)
		publication->path[failed] = '\0';
	complain_errno(publication->path, errno);
	publish_abandon(publication);
	return false;
}

static bool flush(struct publication *publication)
{
	if (!write_all(publication->fd, publication->buffer, publication->used))
		return complain_errno(publication->path, errno);
	publication->used = 0;
	return true;
}

bool publish_add(struct publication *publication, const void *bytes, size_t size)
{
	const char *next = bytes;

	while (size > 0) {
		size_t room = sizeof(publication->buffer) - publication->used;
		size_t part = size < room ? size : room;

		memcpy(publication->buffer + publication->used, next, part);
		publication->used += part;
		next += part;
		size -= part;
		if (publication->used == sizeof(publication->buffer) && !flush(publication))
			return false;
	}
	return true;
}

static void old_name(const struct publication *publication, char name[PATH_MAX])
{
	(void)stpcpy(stpcpy(name, publication->temporary), old_suffix);
}

/* Ends the second name of the old file. With GIVE_BACK the old file gets its first name back. */
static void settle_old(struct publication *publication, bool give_back)
{
	char old[PATH_MAX];

	if (!publication->kept)
		return;
	old_name(publication, old);
	if (give_back && rename(old, publication->path) < 0) {
		unlink(publication->path);
		(void)!link(old, publication->path);
	}
	unlink(old);
	publication->kept = false;
}

/* Gives the file its name. With KEEP the old file gets a second name. False after a complaint. */
static bool give_name(struct publication *publication, bool keep)
{
	char old[PATH_MAX];

	old_name(publication, old);
	publication->kept = keep && link(publication->path, old) == 0;
	if (keep && !publication->kept && errno != ENOENT)
		return complain_errno(publication->path, errno);
	if (rename(publication->temporary, publication->path) == 0) {
		publication->begun = false;
		return true;
	}
	complain_errno(publication->path, errno);
	settle_old(publication, false);
	return false;
}

static void take_name_back(struct publication *publication)
{
	if (publication->kept)
		settle_old(publication, true);
	else
		unlink(publication->path);
}

static bool give_names(struct publication *const files[], size_t n)
{
	size_t named = 0;

	/* The last name is never taken back. */
	while (named < n && give_name(files[named], named + 1 < n))
		named++;
	if (named == n) {
		for (size_t i = 0; i < n; i++)
			settle_old(files[i], false);
		return true;
	}
	while (named > 0)
		take_name_back(files[--named]);
	return false;
}

/* Completes the file under its temporary name. False after a complaint. */
static bool complete(struct publication *publication)
{
	int fd = publication->fd;

	if (!flush(publication))
		return false;
	publication->fd = -1;
	/* On NFS and with quotas, a failed write may be reported only here. */
	return close(fd) == 0 || complain_errno(publication->path, errno);
}

bool publish_finish(struct publication *const files[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!complete(files[i]))
			return false;
	}
	return give_names(files, n);
}

void publish_abandon(struct publication *publication)
{
	/* Errors are ignored: there was a complaint already, and no other way to clean up. */
	if (publication->fd >= 0)
		close(publication->fd);
	if (publication->begun)
		unlink(publication->temporary);
	publication->fd = -1;
	publication->begun = false;
	remove_directories(publication);
	publication->made = 0;
}
