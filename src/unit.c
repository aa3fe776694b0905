/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "escape.h"

#include <string.h>

/* With RootDirectoryStartOnly=yes only ExecStart= would be confined. */
#define ROOT(directory) "RootDirectory=" directory "\nRootDirectoryStartOnly=no\n"

/*
 * confinement-root@.service makes this directory, which only root can write to. It is not a tmpfs,
 * since ProtectSystem=strict and DynamicUser=yes undo TemporaryFileSystem=/ (systemd issue 18999).
 * The mount points that differ from start to start are in a tmpfs.
 */
static const char read_only_unit[] =
	"Requires=confinement-root@%p.service\nAfter=confinement-root@%p.service\n";
static const char read_only_service[] =
	ROOT("/run/confinement-root/%p") "ReadOnlyPaths=+/\nTemporaryFileSystem=/bin:ro ";
static const char tmpfs[] = ROOT("/var/empty") "TemporaryFileSystem=/\n";

/* DynamicUser=yes provides both directories, whatever PrivateTmp= says. */
static const char hide_tmp[] = "InaccessiblePaths=-+/tmp -+/var/tmp\n";

/* Each is set in both modes, to override the unit and the defaults of a later systemd. */
#define MODE(on)                                                                                   \
	"MountAPIVFS=" on "\n"                                                                     \
	"PrivateDevices=" on "\n"                                                                  \
	"PrivateMounts=yes\n"                                                                      \
	"PrivateTmp=" on "\n"                                                                      \
	"PrivateUsers=" on "\n"                                                                    \
	"ProtectControlGroups=" on "\n"                                                            \
	"ProtectKernelModules=" on "\n"                                                            \
	"ProtectKernelTunables=" on "\n"

static bool add_strings(struct unit *unit, const char *const strings[])
{
	for (; *strings != NULL; strings++) {
		if (!publish_add(&unit->file, *strings, strlen(*strings)))
			return false;
	}
	return true;
}

#define ADD(unit, ...) add_strings((unit), (const char *const[]){__VA_ARGS__, NULL})

/* Adds all lines before those of the binds. */
static bool add_head(struct unit *unit, const struct setting set[N_INPUTS])
{
	const char *root = set[CONFINEMENT_ROOT].value, *mode = set[CONFINEMENT_MODE].value;
	bool read_only = root != NULL && strcmp(root, "read-only") == 0;
	bool chroot_only = mode != NULL && strcmp(mode, "chroot-only") == 0;
	bool hide = set[HIDE_TMP].value != NULL;

	return (!read_only || ADD(unit, "[Unit]\n", read_only_unit, "\n")) &&
	       ADD(unit, "[Service]\n") &&
	       (!read_only || ADD(unit, read_only_service, set[STORE].value, ":ro\n")) &&
	       (root == NULL ||
		ADD(unit, read_only ? "" : tmpfs, chroot_only ? MODE("no") : MODE("yes"))) &&
	       (!(hide || (read_only && chroot_only)) || ADD(unit, hide_tmp));
}

bool unit_begin(struct unit *unit, const struct setting set[N_INPUTS])
{
	const char *const name[] = {set[OUT].value, "/lib/systemd/system/", set[SERVICE].value,
				    set[DROP_IN].value != NULL ? ".d/confinement.conf" : NULL,
				    NULL};

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

	if (!bind->renamed)
		return escape(to, place, bind->destination) &&
		       ADD(unit, "BindReadOnlyPaths=", to, "\n");
	return escape(from, place, bind->real) && escape(to, place, bind->destination) &&
	       ADD(unit, "BindReadOnlyPaths=", from, ":", to, "\n");
}

bool unit_finish(struct unit *unit)
{
	return publish_finish(&unit->file);
}

void unit_abandon(struct unit *unit)
{
	publish_abandon(&unit->file);
}
