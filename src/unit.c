/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "escape.h"

#include <string.h>

/*
 * confinement-root@.service makes this directory, which only root can write to. It is not a tmpfs,
 * since ProtectSystem=strict and DynamicUser=yes undo TemporaryFileSystem=/ (systemd issue 18999).
 * The mount points that differ from start to start are in a tmpfs.
 */
static const char root_unit[] =
	"Requires=confinement-root@%p.service\nAfter=confinement-root@%p.service\n";

/*
 * With RootDirectoryStartOnly=yes only ExecStart= would be confined. ProtectSystem=strict leaves
 * /root and /home writable. TemporaryFileSystem= lacks the store directory and the end of its line.
 */
static const char root_service[] = "RootDirectory=/run/confinement-root/%p\n"
				   "RootDirectoryStartOnly=no\n"
				   "ReadOnlyPaths=+/ -+/root -+/home\n"
				   "TemporaryFileSystem=/bin:ro ";
static const char root_modes[] = ":ro\n"
				 "MountAPIVFS=yes\n"
				 "PrivateDevices=yes\n"
				 "PrivateMounts=yes\n"
				 "PrivateTmp=yes\n"
				 "PrivateUsers=yes\n"
				 "ProtectControlGroups=yes\n"
				 "ProtectKernelModules=yes\n"
				 "ProtectKernelTunables=yes\n";

/* DynamicUser=yes provides both directories, whatever PrivateTmp= says. */
static const char hide_tmp[] = "InaccessiblePaths=-+/tmp -+/var/tmp\n";

static bool add_strings(struct unit *unit, const char *const strings[])
{
	for (; *strings != NULL; strings++) {
		if (!publish_add(&unit->file, *strings, strlen(*strings)))
			return false;
	}
	return true;
}

#define ADD(unit, ...) add_strings((unit), (const char *const[]){__VA_ARGS__, NULL})

/* Adds the [Unit] section, if it has any line. */
static bool add_unit_section(struct unit *unit, const struct setting set[N_INPUTS])
{
	bool root = set[CONFINEMENT_ROOT].value != NULL;
	const char *store = set[STORE].value;

	if (!root && !unit->read_only_store)
		return true;
	return ADD(unit, "[Unit]\n") && (!root || ADD(unit, root_unit)) &&
	       (!unit->read_only_store ||
		ADD(unit, "RequiresMountsFor=", store, "\nAssertPathIsReadWrite=!", store, "\n")) &&
	       ADD(unit, "\n");
}

/* Adds all lines before those of the binds. */
static bool add_head(struct unit *unit, const struct setting set[N_INPUTS])
{
	return add_unit_section(unit, set) && ADD(unit, "[Service]\n") &&
	       (set[CONFINEMENT_ROOT].value == NULL ||
		ADD(unit, root_service, set[STORE].value, root_modes)) &&
	       (set[HIDE_TMP].value == NULL || ADD(unit, hide_tmp));
}

bool unit_begin(struct unit *unit, const struct setting set[N_INPUTS], const struct rule *rule)
{
	const char *const name[] = {set[OUT].value, "/lib/systemd/system/", set[SERVICE].value,
				    set[DROP_IN].value != NULL ? ".d/confinement.conf" : NULL,
				    NULL};

	unit->rule = rule;
	unit->read_only_store = set[READ_ONLY_STORE].value != NULL;
	if (!publish_begin(&unit->file, name))
		return false;
	if (add_head(unit, set))
		return true;
	unit_abandon(unit);
	return false;
}

static bool escape(char escaped[ESCAPED_LARGEST], struct place place, const char *path)
{
	const char *fault = escape_path(escaped, path);

	return fault == NULL || complain(place, fault, ": ", path);
}

bool unit_bind(struct unit *unit, struct place place, const struct bind *bind)
{
	char from[ESCAPED_LARGEST], to[ESCAPED_LARGEST];
	/* A bind of what is mounted read-only is read-only by itself. To make it so, systemd reads
	 * the whole mount table for each. */
	const char *setting = unit->read_only_store && rule_is_of_store(unit->rule, bind)
				      ? "BindPaths="
				      : "BindReadOnlyPaths=";

	if (!escape(to, place, bind->destination))
		return false;
	if (!bind->renamed)
		return ADD(unit, setting, to, "\n");
	return escape(from, place, bind->real) && ADD(unit, setting, from, ":", to, "\n");
}

bool unit_finish(struct unit *unit)
{
	return publish_finish(&unit->file);
}

void unit_abandon(struct unit *unit)
{
	publish_abandon(&unit->file);
}
