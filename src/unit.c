/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "escape.h"
#include "publish.h"

static void add_strings(const char *const strings[])
{
	for (; *strings != NULL; strings++)
		publish_add(*strings, strlen(*strings));
}

#define add(...) add_strings((const char *const[]){__VA_ARGS__, NULL})

void unit_begin(const struct setting set[N_SETTINGS])
{
	const char *store = set[STORE].value;
	bool root = set[CONFINEMENT_ROOT].value != NULL;

	publish_begin((const char *const[]){
		set[OUT].value, "/lib/systemd/system/", set[SERVICE].value,
		set[DROP_IN].value != NULL ? ".d/confinement.conf" : NULL, NULL});
	if (set[STORE_VIEW].value != NULL)
		add("[Unit]\n");
	/* This unit makes the root directory, which only root can write to. It is not a tmpfs,
	 * since ProtectSystem=strict and DynamicUser=yes undo TemporaryFileSystem=/ (systemd issue
	 * 18999). */
	if (root)
		add("Requires=confinement-root@%p.service\n"
		    "After=confinement-root@%p.service\n");
	if (set[STORE_VIEW].value != NULL)
		add("RequiresMountsFor=" VIEWS, store, "\n\n");
	add("[Service]\n");
	/* With RootDirectoryStartOnly=yes only ExecStart= would be confined. ProtectSystem=strict
	 * leaves /root and /home writable. The mount points that differ from start to start are in
	 * a tmpfs. */
	if (root)
		add("RootDirectory=/run/confinement-root/%p\n"
		    "RootDirectoryStartOnly=no\n"
		    "ReadOnlyPaths=+/ -+/root -+/home\n"
		    "TemporaryFileSystem=/bin:ro ",
		    store,
		    ":ro\n"
		    "MountAPIVFS=yes\n"
		    "PrivateDevices=yes\n"
		    "PrivateMounts=yes\n"
		    "PrivateTmp=yes\n"
		    "PrivateUsers=yes\n"
		    "ProtectControlGroups=yes\n"
		    "ProtectKernelModules=yes\n"
		    "ProtectKernelTunables=yes\n");
	/* DynamicUser=yes provides both directories, whatever PrivateTmp= says. */
	if (set[HIDE_TMP].value != NULL)
		add("InaccessiblePaths=-+/tmp -+/var/tmp\n");
}

void unit_bind(struct place place, const struct bind *bind)
{
	char line[sizeof("BindReadOnlyPaths=:\n") + ESCAPED_LARGEST + ESCAPED_LARGEST];
	/* What is mounted read-only is read-only in a bind, too. For BindReadOnlyPaths= systemd
	 * would read the whole mount table again. */
	char *end = stpcpy(line, bind->in_view ? "BindPaths=" : "BindReadOnlyPaths=");

	if (bind->source != NULL) {
		end = escape_path(end, place, bind->source);
		*end++ = ':';
	}
	end = escape_path(end, place, bind->destination);
	*end++ = '\n';
	publish_add(line, (size_t)(end - line));
}
