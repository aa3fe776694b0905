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

/* Joins PARTS to PATH. False after a complaint. */
static bool name_file(struct publication *publication, const char *const parts[])
{
	char *end = publication->path;

	for (; *parts != NULL; parts++) {
		size_t len = (size_t)(end - publication->path) + strlen(*parts);

		if (len >= PATH_MAX - sizeof(unfinished))
			return complain_errno(parts[0], ENAMETOOLONG);
		end = stpcpy(end, *parts);
	}
	return true;
}

/* Makes the directories of the file. Returns 0, or the length of the first that fails, and errno.
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

/* Creates TEMPORARY beside PATH. As mkostemp(3), which leaves the template undefined on failure. */
static int create(struct publication *publication)
{
	const char *slash = strrchr(publication->path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - publication->path) + 1;

	(void)stpcpy(mempcpy(publication->temporary, publication->path, len), unfinished);
	return mkostemp(publication->temporary, O_CLOEXEC);
}

bool publish_begin(struct publication *publication, const char *const parts[])
{
	size_t failed;
	int tries = 0;

	publication->begun = false;
	publication->made = publication->used = 0;
	publication->fd = -1;
	if (!name_file(publication, parts))
		return false;
	umask(022);
	/* Another run that fails at the same time removes directories while they are empty. */
	do {
		failed = make_directories(publication);
		if (failed == 0)
			publication->fd = create(publication);
	} while (publication->fd < 0 && (errno == EINTR || (errno == ENOENT && ++tries < 100)));
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
	if (size > sizeof(publication->buffer) - publication->used && !flush(publication))
		return false;
	memcpy(publication->buffer + publication->used, bytes, size);
	publication->used += size;
	return true;
}

bool publish_finish(struct publication *publication)
{
	int fd = publication->fd;

	if (!flush(publication))
		return false;
	publication->fd = -1;
	/* On NFS and with quotas, a failed write may be reported only here. */
	if (close(fd) < 0 || rename(publication->temporary, publication->path) < 0)
		return complain_errno(publication->path, errno);
	publication->begun = false;
	return true;
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
