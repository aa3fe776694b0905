/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "escape.h"

#include <string.h>

static bool add_strings(struct publication *unit, const char *const strings[])
{
	for (; *strings != NULL; strings++) {
		if (!publish_add(unit, *strings, strlen(*strings)))
			return false;
	}
	return true;
}

/*
 * RequiresMountsFor= alone is content where there is no mount unit, and the directory a plain one,
 * which may be writable.
 */
static bool add_head(struct publication *unit, const struct view *view)
{
	if (view->dir != NULL &&
	    !add_strings(unit,
			 (const char *[]){"[Unit]\nRequiresMountsFor=", view->dir,
					  "\nAssertPathIsMountPoint=", view->dir,
					  "\nAssertPathIsReadWrite=!", view->dir, "\n\n", NULL}))
		return false;
	return add_strings(unit, (const char *[]){"[Service]\n", NULL});
}

bool unit_begin(struct publication *unit, const char *out, const char *service, bool drop_in,
		const struct view *view)
{
	const char *parts[] = {out, "/lib/systemd/system/", service,
			       drop_in ? ".d/confinement.conf" : NULL, NULL};

	if (!publish_begin(unit, parts))
		return false;
	if (add_head(unit, view))
		return true;
	publish_abandon(unit);
	return false;
}

/* Appends PATH, from PLACE, to a line that ends at *END. False after a complaint. */
static bool append(char **end, struct place place, const char *path)
{
	const char *fault;
	char *new_end = escape_path(*end, path, &fault);

	if (new_end == NULL)
		return complain(place, fault, ": ", path);
	*end = new_end;
	return true;
}

bool unit_add(struct publication *unit, struct place place, const struct bind *bind)
{
	char line[sizeof("BindReadOnlyPaths=:\n") + (size_t)2 * ESCAPED_LARGEST];
	char *end;

	if (bind->source == NULL)
		return true;
	end = stpcpy(line, bind->from_view ? "BindPaths=" : "BindReadOnlyPaths=");
	if (!append(&end, place, bind->source))
		return false;
	if (bind->source != bind->destination) {
		*end++ = ':';
		if (!append(&end, place, bind->destination))
			return false;
	}
	*end++ = '\n';
	return publish_add(unit, line, (size_t)(end - line));
}
