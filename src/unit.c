/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "escape.h"

#include <string.h>

static bool add_strings(struct unit *unit, const char *const strings[])
{
	for (; *strings != NULL; strings++) {
		if (!publish_add(&unit->file, *strings, strlen(*strings)))
			return false;
	}
	return true;
}

#define ADD(unit, ...) add_strings((unit), (const char *const[]){__VA_ARGS__, NULL})

/* Goes on in SECTION. */
static bool enter(struct unit *unit, enum section section)
{
	if (unit->section == section)
		return true;
	unit->section = section;
	return ADD(unit, section == UNIT_SECTION ? "\n[Unit]\n" : "\n[Service]\n");
}

/* The lines for [Unit] of the head. */
static bool add_needs(struct unit *unit, const struct root_settings *root)
{
	const char *dir = unit->mount_dir;

	if (root->unit[0] == NULL && dir == NULL)
		return ADD(unit, "[Service]\n");
	if (!ADD(unit, "[Unit]\n") || !add_strings(unit, root->unit))
		return false;
	if (dir != NULL) {
		const char *name = strrchr(dir, '/') + 1;

		if (!ADD(unit, "Requires=confinement-store@", name,
			 ".service\nAfter=confinement-store@", name,
			 ".service\nAssertPathIsMountPoint=", dir, "/mount\n"))
			return false;
	}
	return ADD(unit, "\n[Service]\n");
}

bool unit_begin(struct unit *unit, const char *out, const char *service, bool drop_in,
		const struct root_settings *root, const char *mount_dir, const struct rule *rule)
{
	const char *parts[] = {out, "/lib/systemd/system/", service,
			       drop_in ? ".d/confinement.conf" : NULL, NULL};

	unit->section = SERVICE_SECTION;
	unit->rule = rule;
	unit->mount_dir = mount_dir;
	if (!publish_begin(&unit->file, parts))
		return false;
	if (add_needs(unit, root) && add_strings(unit, root->service) &&
	    (mount_dir == NULL ||
	     ADD(unit, "BindReadOnlyPaths=", mount_dir, "/mount/store:", rule->store, "\n")))
		return true;
	publish_abandon(&unit->file);
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

bool unit_bind(struct unit *unit, struct place place, const struct bind *bind)
{
	char line[sizeof("BindReadOnlyPaths=:\n") + (size_t)2 * ESCAPED_LARGEST];
	char in_mount[2 * PATH_MAX];
	const char *source = bind->renamed ? bind->real : bind->destination;
	const char *rest =
		unit->mount_dir == NULL ? NULL : rule_below_store(unit->rule, bind->real);
	char *end = stpcpy(line, "BindReadOnlyPaths=");

	/* Of the mount not even root can make a bind writable, nor open another file by a handle.
	 */
	if (rest != NULL) {
		(void)stpcpy(stpcpy(stpcpy(in_mount, unit->mount_dir), "/mount"), rest);
		source = in_mount;
	}
	if (!enter(unit, SERVICE_SECTION) || !append(&end, place, source))
		return false;
	if (source != bind->destination) {
		*end++ = ':';
		if (!append(&end, place, bind->destination))
			return false;
	}
	*end++ = '\n';
	return publish_add(&unit->file, line, (size_t)(end - line));
}

bool unit_expect(struct unit *unit, const struct bind *bind)
{
	return enter(unit, UNIT_SECTION) && ADD(unit, "AssertPathIsDirectory=", unit->rule->store,
						rule_below_store(unit->rule, bind->real), "\n");
}

bool unit_expect_mark(struct unit *unit, const char *mark)
{
	return enter(unit, UNIT_SECTION) &&
	       ADD(unit, "AssertPathExists=", unit->mount_dir, "/mount/", mark, "\n");
}
