/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

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

bool path_is_within(const char *path, const char *dir)
{
	return strcmp(path, dir) == 0 || path_below(path, dir) != NULL;
}

bool path_joined(char path[PATH_MAX], const char *const parts[])
{
	size_t size = 1;

	*path = '\0';
	for (; *parts != NULL; parts++) {
		size += strlen(*parts);
		if (size > PATH_MAX)
			return false;
		path = stpcpy(path, *parts);
	}
	return true;
}

bool walk_begin(struct walk *walk, const char *path)
{
	if (strlen(path) >= PATH_MAX)
		return false;
	walk->at[0] = '\0';
	walk->left = walk->rest + sizeof(walk->rest) - PATH_MAX;
	walk->links = 0;
	(void)stpcpy(walk->left, path);
	return true;
}

bool walk_on(struct walk *walk)
{
	char *end = walk->at + strlen(walk->at);
	size_t len;

	walk->left += strspn(walk->left, "/");
	len = strcspn(walk->left, "/");
	if (len == 0 || (size_t)(end - walk->at) + len + 1 >= PATH_MAX)
		return false;
	if (len == 2 && memcmp(walk->left, "..", 2) == 0)
		*(end == walk->at ? end : strrchr(walk->at, '/')) = '\0';
	else if (len != 1 || walk->left[0] != '.')
		*(char *)mempcpy(stpcpy(end, "/"), walk->left, len) = '\0';
	walk->left += len;
	return true;
}

bool walk_follow(struct walk *walk)
{
	char target[PATH_MAX];
	ssize_t len;

	errno = EINVAL;
	len = walk->at[0] == '\0' ? -1 : readlink(walk->at, target, sizeof(target));
	if (len < 0)
		return false;
	errno = walk->links == 40 ? ELOOP : E2BIG;
	if (walk->links == 40 || len > walk->left - walk->rest)
		return false;
	walk->links++;
	walk->left -= len;
	memcpy(walk->left, target, (size_t)len);
	*(target[0] == '/' ? walk->at : strrchr(walk->at, '/')) = '\0';
	return true;
}

bool walk_to_end(struct walk *walk, const char *path)
{
	if (!walk_begin(walk, path))
		return true;
	while (walk_on(walk)) {
		if (!walk_follow(walk) && errno != EINVAL)
			return false;
	}
	return true;
}
