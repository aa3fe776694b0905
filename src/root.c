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

struct root_settings root_settings(bool read_only, bool full_apivfs, const char *store)
{
	const char *mode = full_apivfs ? MODE("yes") : MODE("no");

	if (!read_only)
		return (struct root_settings){.service = {tmpfs, mode}};
	return (struct root_settings){
		.unit = {read_only_unit},
		.service = {read_only_service, store, ":ro\n", mode,
			    full_apivfs ? NULL : ROOT_HIDE_TMP},
	};
}
