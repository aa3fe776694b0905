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

static bool add_sections(struct publication *file, const char *const unit_lines[],
			 const char *const service_lines[])
{
	if (unit_lines[0] != NULL &&
	    (!add_strings(file, (const char *[]){"[Unit]\n", NULL}) ||
	     !add_strings(file, unit_lines) || !add_strings(file, (const char *[]){"\n", NULL})))
		return false;
	return add_strings(file, (const char *[]){"[Service]\n", NULL}) &&
	       add_strings(file, service_lines);
}

bool unit_begin(struct publication *file, const char *out, const char *service, bool drop_in,
		const char *const unit_lines[], const char *const service_lines[])
{
	const char *parts[] = {out, "/lib/systemd/system/", service,
			       drop_in ? ".d/confinement.conf" : NULL, NULL};

	if (!publish_begin(file, parts))
		return false;
	if (add_sections(file, unit_lines, service_lines))
		return true;
	publish_abandon(file);
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
