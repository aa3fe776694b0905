/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

/* Whether a component of LEN bytes is "", "." or "..". */
static bool is_empty_or_dots(const char *component, size_t len)
{
	return len == 0 || (component[0] == '.' && (len == 1 || (len == 2 && component[1] == '.')));
}

const char *path_fault(const char *path)
{
	const char *slash = path;

	if (path[0] != '/')
		return "not an absolute path: ";
	do {
		const char *component = slash + 1;

		slash = strchrnul(component, '/');
		if (is_empty_or_dots(component, (size_t)(slash - component)))
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
