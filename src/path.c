/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <stddef.h>
#include <string.h>

/* Whether a component of LEN bytes is "", "." or "..". */
static bool is_empty_or_dots(const char *component, size_t len)
{
	return len == 0 || (component[0] == '.' && (len == 1 || (len == 2 && component[1] == '.')));
}

bool path_is_normal(const char *path)
{
	const char *end = path;

	if (path[0] != '/')
		return false;
	do {
		const char *component = ++end;

		while (*end != '/' && *end != '\0')
			end++;
		if (is_empty_or_dots(component, (size_t)(end - component)))
			return false;
	} while (*end != '\0');
	return end - path < PATH_MAX;
}

const char *path_below(const char *path, const char *dir)
{
	const char *rest = path;

	for (; *dir != '\0' && *dir == *rest; dir++)
		rest++;
	return rest > path && *dir == '\0' && *rest == '/' ? rest : NULL;
}

bool path_join(char path[PATH_MAX], const char *one, const char *two, const char *three)
{
	if (strlen(one) + strlen(two) + strlen(three) >= PATH_MAX)
		return false;
	(void)stpcpy(stpcpy(stpcpy(path, one), two), three);
	return true;
}
