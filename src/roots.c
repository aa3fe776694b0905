/* SPDX-License-Identifier: MIT */
#include "roots.h"

#include "complain.h"
#include "io.h"
#include "publish.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static bool copy(struct publication *roots, int fd, const char *file)
{
	char buffer[64 * 1024];
	ssize_t n;

	while ((n = read_some(fd, buffer, sizeof(buffer))) > 0) {
		if (!publish_add(roots, buffer, (size_t)n))
			return false;
	}
	return n == 0 || complain_errno(file, errno);
}

bool roots_write(const char *file, const char *out)
{
	struct publication roots;
	struct stat status;
	int fd = open_input(file);
	bool copied;

	if (fd < 0)
		return complain_errno(file, errno);
	/* A name such as /dev/stdout is easily given here, and must not be replaced. */
	if (lstat(out, &status) == 0 && !S_ISREG(status.st_mode)) {
		close(fd);
		return complain_of(out, "is there already, and not a file");
	}
	if (!publish_begin(&roots, (const char *[]){out, NULL})) {
		close(fd);
		return false;
	}
	copied = copy(&roots, fd, file);
	close(fd);
	if (copied)
		return publish_finish((struct publication *const[]){&roots}, 1);
	publish_abandon(&roots);
	return false;
}
