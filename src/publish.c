/* SPDX-License-Identifier: MIT */
#include "publish.h"

#include "die.h"
#include "io.h"

#include <fcntl.h>
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
	size_t made;		  /* length of the topmost directory that was made, or PATH_MAX */
	int fd;			  /* -1 if the file is not open */
	size_t used;
	char buffer[64 * 1024];
} file;

static void name_file(const char *const parts[])
{
	char *end = file.path;

	for (const char *const *part = parts; *part != NULL; part++) {
		size_t len = (size_t)(end - file.path) + strlen(*part);

		if (len >= PATH_MAX - sizeof(unfinished))
			die(parts[0], strerror(ENAMETOOLONG));
		end = stpcpy(end, *part);
	}
}

/* Makes the directories. If one fails, returns the length of its path, with errno set, else 0. */
static size_t make_directories(void)
{
	for (char *slash = strchr(file.path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		bool made;

		*slash = '\0';
		made = mkdir(file.path, 0755) == 0;
		*slash = '/';
		if (!made && errno != EEXIST)
			return (size_t)(slash - file.path);
		if (made && (size_t)(slash - file.path) < file.made)
			file.made = (size_t)(slash - file.path);
	}
	return 0;
}

/* Removes what is unfinished. Ignores errors, since the message was about the first one. */
static void abandon(void)
{
	if (file.fd >= 0)
		close(file.fd);
	if (file.temporary[0] != '\0')
		unlink(file.temporary);
	/* A directory that another run uses is not empty, so is not removed. */
	while (strlen(file.path) > file.made) {
		*strrchr(file.path, '/') = '\0';
		rmdir(file.path);
	}
}

/* Creates the file under its temporary name. If it cannot, FD is -1, and errno set. */
static void create(void)
{
	const char *slash = strrchr(file.path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - file.path) + 1;

	(void)stpcpy(mempcpy(file.temporary, file.path, len), unfinished);
	file.fd = mkostemp(file.temporary, O_CLOEXEC);
	if (file.fd < 0)
		file.temporary[0] = '\0';
}

void publish_begin(const char *const parts[])
{
	size_t failed;
	int tries = 0;

	name_file(parts);
	file.fd = -1;
	file.made = PATH_MAX;
	umask(022);
	if (atexit(abandon) != 0)
		die(file.path, strerror(ENOMEM));
	/* Another run that fails at the same time removes directories while they are empty. */
	do {
		failed = make_directories();
		if (failed == 0)
			create();
	} while (file.fd < 0 && (errno == EINTR || (errno == ENOENT && ++tries < 100)));
	if (failed > 0)
		file.path[failed] = '\0';
	if (file.fd < 0 || fchmod(file.fd, 0644) < 0)
		die_errno(file.path);
}

static void flush(void)
{
	if (!write_all(file.fd, file.buffer, file.used))
		die_errno(file.path);
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
	int fd = file.fd;

	flush();
	file.fd = -1;
	/* On NFS and with quotas, a failed write may be reported only here. */
	if (close(fd) < 0 || rename(file.temporary, file.path) < 0)
		die_errno(file.path);
	file.temporary[0] = '\0';
	file.made = PATH_MAX;
}
