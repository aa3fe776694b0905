/* SPDX-License-Identifier: MIT */
#include "root.h"

#include <stddef.h>

/* RootDirectoryStartOnly=yes would leave all commands but ExecStart= unconfined. */
#define ROOT(directory) "RootDirectory=" directory "\nRootDirectoryStartOnly=no\n"

/*
 * A directory that root alone can write to, which confinement-root@.service makes. It is no tmpfs
 * like the other, since ProtectSystem=strict and DynamicUser=yes undo a TemporaryFileSystem=/
 * (systemd issue 18999). What differs from start to start lies in a tmpfs all the same.
 */
static const char read_only_unit[] = "Requires=confinement-root@%p.service\n"
				     "After=confinement-root@%p.service\n";
static const char read_only_service[] =
	ROOT("/run/confinement-root/%p") "ReadOnlyPaths=+/\n"
					 "TemporaryFileSystem=/bin:ro ";

static const char tmpfs[] = ROOT("/var/empty") "TemporaryFileSystem=/\n";

static const char hide_tmp[] = "InaccessiblePaths=-+/tmp -+/var/tmp\n";

/* Each is set either way, whatever the unit itself or a later systemd has. */
#define MODE(on)                                                                                   \
	"MountAPIVFS=" on "\n"                                                                     \
	"PrivateDevices=" on "\n"                                                                  \
	"PrivateMounts=yes\n"                                                                      \
	"PrivateTmp=" on "\n"                                                                      \
	"PrivateUsers=" on "\n"                                                                    \
	"ProtectControlGroups=" on "\n"                                                            \
	"ProtectKernelModules=" on "\n"                                                            \
	"ProtectKernelTunables=" on "\n"

void root_hide_tmp(struct root_settings *settings)
{
	const char **end = settings->service;

	while (*end != NULL && *end != hide_tmp)
		end++;
	*end = hide_tmp;
}

struct root_settings root_settings(bool read_only, bool full_apivfs, const char *store)
{
	struct root_settings settings = {{NULL}, {NULL}};
	const char **end = settings.service;

	if (read_only) {
		settings.unit[0] = read_only_unit;
		*end++ = read_only_service;
		*end++ = store;
		*end++ = ":ro\n";
	} else {
		*end++ = tmpfs;
	}
	*end = full_apivfs ? MODE("yes") : MODE("no");
	if (read_only && !full_apivfs)
		root_hide_tmp(&settings);
	return settings;
}
