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

/* Fills in PATH, and in TEMPORARY the template for mkostemp(3). */
static bool name_files(struct publication *publication, const char *const parts[])
{
	size_t len = 0;
	const char *slash;

	for (; *parts != NULL; parts++) {
		size_t more = strlen(*parts);

		if (len + more >= PATH_MAX - sizeof(unfinished) - sizeof(old_suffix))
			return complain_errno(parts[0], ENAMETOOLONG);
		memcpy(publication->path + len, *parts, more + 1);
		len += more;
	}
	slash = strrchr(publication->path, '/');
	len = slash == NULL ? 0 : (size_t)(slash - publication->path) + 1;
	memcpy(publication->temporary, publication->path, len);
	memcpy(publication->temporary + len, unfinished, sizeof(unfinished));
	return true;
}

/* Returns the length of the directory that cannot be made, and errno, or 0: all are there. */
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
		/* What another run has removed already is no reason to leave the rest. */
		if (rmdir(path) < 0 && errno != ENOENT)
			break;
	}
}

/* As mkostemp(3), but tries again after EINTR, which leaves the template undefined. */
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

	publication->made = 0;
	publication->used = 0;
	publication->fd = -1;
	publication->begun = false;
	publication->kept = false;
	if (!name_files(publication, parts))
		return false;
	umask(022);
	/* A run that fails beside this one removes directories while they are empty. */
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

/* close(2): on NFS and under quotas, what could not be written may show only here. */
static bool close_file(struct publication *publication)
{
	int fd = publication->fd;

	publication->fd = -1;
	return close(fd) == 0 || complain_errno(publication->path, errno);
}

static void old_name(const struct publication *publication, char name[PATH_MAX])
{
	(void)stpcpy(stpcpy(name, publication->temporary), old_suffix);
}

/* Lets go of what had the name before, or gives the name back to it. */
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

/* Gives the file its name, and with KEEP what had it a second one. False after a complaint. */
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

	/* The last is never taken back. */
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

bool publish_finish(struct publication *const files[], size_t n)
{
	size_t complete = 0;

	while (complete < n && flush(files[complete]) && close_file(files[complete]))
		complete++;
	if (complete == n && give_names(files, n))
		return true;
	/* The first may have made the directories of the others. */
	while (n > 0)
		publish_abandon(files[--n]);
	return false;
}

void publish_abandon(struct publication *publication)
{
	/* A complaint was made already, and nothing here can help it. */
	if (publication->fd >= 0)
		close(publication->fd);
	if (publication->begun)
		unlink(publication->temporary);
	remove_directories(publication);
}
