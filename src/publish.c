/* SPDX-License-Identifier: MIT */
#include "publish.h"

#include "die.h"
#include "path.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char unfinished[] = ".chroot-paths.XXXXXX";

/* Global, since atexit(3) gives abandon() no argument. */
static struct {
	char path[PATH_MAX];
	char temporary[PATH_MAX]; /* the path of the unfinished file, beside PATH, else "" */
	int fd;
	size_t used;
	char buffer[64 * 1024];
} file;

static void make_directories(void)
{
	for (char *slash = strchr(file.path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(file.path, 0755) < 0 && errno != EEXIST)
			die_errno(file.path);
		*slash = '/';
	}
}

/* Removes the unfinished file. Ignores errors, since the message was about the first one. */
static void abandon(void)
{
	if (file.temporary[0] != '\0')
		unlink(file.temporary);
}

void publish_begin(const char *const parts[])
{
	const char *slash;
	size_t dir;

	if (!path_joined(file.path, parts) || strlen(file.path) + sizeof(unfinished) >= PATH_MAX)
		die(parts[0], strerror(ENAMETOOLONG));
	slash = strrchr(file.path, '/');
	dir = slash == NULL ? 0 : (size_t)(slash - file.path) + 1;
	umask(022);
	make_directories();
	if (atexit(abandon) != 0)
		die(file.path, strerror(ENOMEM));
	(void)stpcpy(mempcpy(file.temporary, file.path, dir), unfinished);
	file.fd = mkstemp(file.temporary);
	if (file.fd < 0)
		file.temporary[0] = '\0';
	if (file.fd < 0 || fchmod(file.fd, 0644) < 0)
		die_errno(file.path);
}

static void flush(void)
{
	for (size_t done = 0; done < file.used;) {
		ssize_t n = write(file.fd, file.buffer + done, file.used - done);

		if (n == 0)
			errno = EIO;
		if (n <= 0)
			die_errno(file.path);
		done += (size_t)n;
	}
	file.used = 0;
}

void publish_add(const void *bytes, size_t size)
{
	if (size > sizeof(file.buffer) - file.used)
		flush();
	memcpy(file.buffer + file.used, bytes, size);
	file.used += size;
}

void publish_finish(void)
{
	flush();
	/* On NFS and with quotas, a failed write may be reported only here. */
	if (close(file.fd) < 0 || rename(file.temporary, file.path) < 0)
		die_errno(file.path);
	file.temporary[0] = '\0';
}
