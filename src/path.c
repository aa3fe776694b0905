/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <limits.h>
#include <string.h>

const char *path_fault(const char *path)
{
	const char *slash = path;

	if (path[0] != '/')
		return "not an absolute path: ";
	do {
		const char *component = slash + 1;
		size_t len;

		slash = strchrnul(component, '/');
		len = (size_t)(slash - component);
		if (len <= 2 && strncmp(component, "..", len) == 0)
			return "not a normal path ('.', '..', '//', a '/' at the end, or only "
			       "'/'): ";
	} while (*slash != '\0');
	return slash - path < PATH_MAX ? NULL : "longer than 4095 bytes, the limit for a path: ";
}

const char *path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return len > 0 && strncmp(path, dir, len) == 0 && path[len] == '/' ? path + len : NULL;
}

bool path_is_within(const char *path, const char *dir)
{
	return strcmp(path, dir) == 0 || path_below(path, dir) != NULL;
}
