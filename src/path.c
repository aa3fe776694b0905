/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <stddef.h>
#include <string.h>

bool path_is_normal(const char *path)
{
	const char *component = path + 1;

	for (const char *next = component;; next++) {
		ptrdiff_t len = next - component;

		if (*next != '/' && *next != '\0')
			continue;
		if (len == 0 || (len == 1 && component[0] == '.') ||
		    (len == 2 && component[0] == '.' && component[1] == '.'))
			return false;
		if (*next == '\0')
			return true;
		component = next + 1;
	}
}

const char *path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && path[len] == '/' ? path + len : NULL;
}
