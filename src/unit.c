/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "escape.h"
#include "publish.h"

/*
 * This unit makes the root directory, which only root can write to. It is not a tmpfs,
 * since ProtectSystem=strict and DynamicUser=yes undo TemporaryFileSystem=/ (systemd issue 18999).
 * The mount points that differ from start to start are in a tmpfs.
 */
static const char root_unit[] =
	"Requires=confinement-root@%p.service\nAfter=confinement-root@%p.service\n";

/*
 * With RootDirectoryStartOnly=yes only ExecStart= would be confined. ProtectSystem=strict leaves
 * /root and /home writable. The name of the store follows, and then the other settings.
 */
static const char root_directory[] = "RootDirectory=/run/confinement-root/%p\n"
				     "RootDirectoryStartOnly=no\n"
				     "ReadOnlyPaths=+/ -+/root -+/home\n"
				     "TemporaryFileSystem=/bin:ro ";
static const char root_settings[] = ":ro\n"
				    "MountAPIVFS=yes\n"
				    "PrivateDevices=yes\n"
				    "PrivateMounts=yes\n"
				    "PrivateTmp=yes\n"
				    "PrivateUsers=yes\n"
				    "ProtectControlGroups=yes\n"
				    "ProtectKernelModules=yes\n"
				    "ProtectKernelTunables=yes\n";

static void add(const char *text)
{
	publish_add(text, strlen(text));
}

/* Adds the [Unit] section of a unit that needs its root directory made or its store read-only. */
static void add_unit_section(bool root, bool read_only_store, const char *store)
{
	add("[Unit]\n");
	if (root)
		add(root_unit);
	if (read_only_store) {
		add("RequiresMountsFor=");
		add(store);
		add("\nAssertPathIsReadWrite=!");
		add(store);
		add("\n");
	}
	add("\n");
}

void unit_begin(const struct setting set[N_SETTINGS])
{
	bool root = set[CONFINEMENT_ROOT].value != NULL;
	bool read_only_store = set[READ_ONLY_STORE].value != NULL;

	publish_begin((const char *const[]){
		set[OUT].value, "/lib/systemd/system/", set[SERVICE].value,
		set[DROP_IN].value != NULL ? ".d/confinement.conf" : NULL, NULL});
	if (root || read_only_store)
		add_unit_section(root, read_only_store, set[STORE].value);
	add("[Service]\n");
	if (root) {
		add(root_directory);
		add(set[STORE].value);
		add(root_settings);
	}
	/* DynamicUser=yes provides both directories, whatever PrivateTmp= says. */
	if (set[HIDE_TMP].value != NULL)
		add("InaccessiblePaths=-+/tmp -+/var/tmp\n");
}

void unit_bind(struct place place, const struct bind *bind, bool read_only_store)
{
	char line[sizeof("BindReadOnlyPaths=:") + ESCAPED_LARGEST + ESCAPED_LARGEST];
	/* A bind of what is mounted read-only is read-only by itself. For BindReadOnlyPaths=
	 * systemd would read the whole mount table again. */
	char *end = stpcpy(line,
			   read_only_store && bind->in_store ? "BindPaths=" : "BindReadOnlyPaths=");

	if (bind->source != NULL) {
		end = escape_path(end, place, bind->source);
		*end++ = ':';
	}
	end = escape_path(end, place, bind->destination);
	*end++ = '\n';
	publish_add(line, (size_t)(end - line));
}
