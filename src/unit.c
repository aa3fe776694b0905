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

/* Begins SECTION, unless it is the current one. A section may occur again. */
static bool enter(struct unit *unit, enum section section)
{
	if (unit->section == section)
		return true;
	unit->section = section;
	return ADD(unit, section == UNIT_SECTION ? "\n[Unit]\n" : "\n[Service]\n");
}

/* Adds the [Unit] section that a read-only root and a store mount need. */
static bool add_needs(struct unit *unit, bool read_only)
{
	const char *dir = unit->mount_dir;

	if (!read_only && dir == NULL)
		return true;
	if (!ADD(unit, "[Unit]\n", read_only ? read_only_unit : NULL))
		return false;
	if (dir != NULL) {
		const char *name = strrchr(dir, '/') + 1;

		if (!ADD(unit, "Requires=confinement-store@", name,
			 ".service\nAfter=confinement-store@", name,
			 ".service\nAssertPathIsMountPoint=", dir, "/mount\n"))
			return false;
	}
	return ADD(unit, "\n");
}

/* Adds all lines before those of the binds. */
static bool add_head(struct unit *unit, const struct setting set[N_INPUTS])
{
	const char *root = set[CONFINEMENT_ROOT].value, *mode = set[CONFINEMENT_MODE].value;
	bool read_only = root != NULL && strcmp(root, "read-only") == 0;
	bool chroot_only = mode != NULL && strcmp(mode, "chroot-only") == 0;
	bool hide = set[HIDE_TMP].value != NULL;

	unit->section = SERVICE_SECTION;
	if (!add_needs(unit, read_only) || !ADD(unit, "[Service]\n") ||
	    (read_only && !ADD(unit, read_only_service, unit->rule->store, ":ro\n")) ||
	    (root != NULL &&
	     !ADD(unit, read_only ? "" : tmpfs, chroot_only ? MODE("no") : MODE("yes"))) ||
	    ((hide || (read_only && chroot_only)) && !ADD(unit, hide_tmp)))
		return false;
	return unit->mount_dir == NULL || ADD(unit, "BindReadOnlyPaths=", unit->mount_dir,
					      "/mount/store:", unit->rule->store, "\n");
}

bool unit_begin(struct unit *unit, const struct setting set[N_INPUTS], const struct rule *rule)
{
	const char *const name[] = {set[OUT].value, "/lib/systemd/system/", set[SERVICE].value,
				    set[DROP_IN].value != NULL ? ".d/confinement.conf" : NULL,
				    NULL};

	unit->rule = rule;
	unit->mount_dir = set[STORE_MOUNT].value;
	if (unit->mount_dir != NULL &&
	    !layer_begin(&unit->layer, set[OUT].value, unit->mount_dir, rule))
		return false;
	if (publish_begin(&unit->file, name) && add_head(unit, set))
		return true;
	unit_abandon(unit);
	return false;
}

static bool escape(char escaped[ESCAPED_LARGEST], struct place place, const char *path)
{
	const char *fault = escape_path(escaped, path);

	return fault == NULL || complain(place, fault, ": ", path);
}

/* Adds the line that binds BIND. False after a complaint. */
static bool add_bind(struct unit *unit, struct place place, const struct bind *bind)
{
	char in_mount[PATH_MAX + sizeof("/mount") + PATH_MAX];
	char from[ESCAPED_LARGEST], to[ESCAPED_LARGEST];
	const char *source = bind->renamed ? bind->real : bind->destination;
	const char *rest =
		unit->mount_dir == NULL ? NULL : rule_below_store(unit->rule, bind->real);
	bool moved = bind->renamed || rest != NULL;

	/* Not even root can make a bind from the mount writable, or open other files by handle. */
	if (rest != NULL) {
		(void)stpcpy(stpcpy(stpcpy(in_mount, unit->mount_dir), "/mount"), rest);
		source = in_mount;
	}
	return escape(from, place, source) && (!moved || escape(to, place, bind->destination)) &&
	       enter(unit, SERVICE_SECTION) &&
	       ADD(unit, "BindReadOnlyPaths=", from, moved ? ":" : "\n", moved ? to : NULL, "\n");
}

/* Adds that the store has the directory of BIND: the mount would show an empty one instead. */
static bool expect_directory(struct unit *unit, const struct bind *bind)
{
	return enter(unit, UNIT_SECTION) && ADD(unit, "AssertPathIsDirectory=", unit->rule->store,
						rule_below_store(unit->rule, bind->real), "\n");
}

bool unit_bind(struct unit *unit, struct place place, const struct bind *bind)
{
	switch (unit->mount_dir == NULL ? LAYER_BINDS : layer_add(&unit->layer, place, bind)) {
	case LAYER_SHOWS:
		return expect_directory(unit, bind);
	case LAYER_BINDS:
		return add_bind(unit, place, bind);
	case LAYER_FAILED:
		break;
	}
	return false;
}

/* Ends the layer and adds that the mount is of this layer. False after a complaint. */
static bool finish_layer(struct unit *unit)
{
	char mark[LAYER_MARK_SIZE];

	return layer_end(&unit->layer, mark) && enter(unit, UNIT_SECTION) &&
	       ADD(unit, "AssertPathExists=", unit->mount_dir, "/mount/", mark, "\n");
}

bool unit_finish(struct unit *unit)
{
	if (unit->mount_dir == NULL)
		return publish_finish(&unit->file);
	return finish_layer(unit) && publish_finish_both(&unit->layer.file, &unit->file);
}

void unit_abandon(struct unit *unit)
{
	publish_abandon(&unit->file);
	/* Last, since it was begun first and may have made the directories of both. */
	if (unit->mount_dir != NULL)
		publish_abandon(&unit->layer.file);
}
