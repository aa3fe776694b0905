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

static bool escape(char escaped[ESCAPED_LARGEST], struct place place, const char *path)
{
	const char *fault = escape_path(escaped, path);

	return fault == NULL || complain(place, fault, ": ", path);
}

bool unit_add(struct publication *unit, struct place place, const struct bind *bind)
{
	char source[ESCAPED_LARGEST], destination[ESCAPED_LARGEST];
	const char *setting = bind->from_view ? "BindPaths=" : "BindReadOnlyPaths=";
	bool same = bind->source == bind->destination;
	bool ends_in_space;

	if (bind->source == NULL)
		return true;
	if ((!same && !escape(source, place, bind->source)) ||
	    !escape(destination, place, bind->destination))
		return false;
	/* systemd strips even an escaped space from the end of a line; rbind is the default. */
	ends_in_space = destination[strlen(destination) - 1] == ' ';
	if (same && !ends_in_space)
		return add_strings(unit, (const char *[]){setting, destination, "\n", NULL});
	return add_strings(unit,
			   (const char *[]){setting, same ? destination : source, ":", destination,
					    ends_in_space ? ":rbind\n" : "\n", NULL});
}
