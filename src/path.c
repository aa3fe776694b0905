/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <string.h>

bool path_is_normal(const char *path)
{
	const char *slash = path;

	do {
		const char *component = slash + 1;
		size_t len;

		slash = strchrnul(component, '/');
		len = (size_t)(slash - component);
		if (len <= 2 && strncmp(component, "..", len) == 0)
			return false;
	} while (*slash != '\0');
	return true;
}

const char *path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && path[len] == '/' ? path + len : NULL;
}

bool path_is_within(const char *path, const char *dir)
{
	return strcmp(path, dir) == 0 || path_below(path, dir) != NULL;
}
