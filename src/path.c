/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether a component of LEN bytes is "", "." or "..". */
static bool is_empty_or_dots(const char *component, size_t len)
{
	return len == 0 || (component[0] == '.' && (len == 1 || (len == 2 && component[1] == '.')));
}

const char *path_fault(const char *path)
{
	const char *end = path;

	if (path[0] != '/')
		return "not an absolute path: ";
	do {
		const char *component = ++end;

		while (*end != '/' && *end != '\0')
			end++;
		if (is_empty_or_dots(component, (size_t)(end - component)))
			return "not a normal path ('.', '..', '//', a '/' at the end, or only "
			       "'/'): ";
	} while (*end != '\0');
	return end - path < PATH_MAX ? NULL : "longer than 4095 bytes, the limit for a path: ";
}

const char *path_below(const char *path, const char *dir)
{
	const char *rest = path;

	for (; *dir != '\0' && *dir == *rest; dir++)
		rest++;
	return rest > path && *dir == '\0' && *rest == '/' ? rest : NULL;
}
