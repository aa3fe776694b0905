/* SPDX-License-Identifier: MIT */
/*
 * The settings of the root directory that the binds go into, for a unit that confines a service
 * without the NixOS module.
 */
#ifndef ROOT_H
#define ROOT_H

#include <stdbool.h>

/* Lines for the sections of a unit: strings up to a NULL. */
struct root_settings {
	const char *unit[2];
	const char *service[7];
};

/*
 * The settings for a root directory that is READ_ONLY, or else a tmpfs, with the file systems of
 * the kernel (FULL_APIVFS) or without. STORE, the store directory, needs no escaping and remains
 * the caller's.
 */
struct root_settings root_settings(bool read_only, bool full_apivfs, const char *store);

/*
 * Makes /tmp and /var/tmp inaccessible, which DynamicUser=yes brings whatever PrivateTmp= says.
 * Part of what root_settings() gives for a read-only root without the file systems of the kernel.
 */
void root_hide_tmp(struct root_settings *settings);

#endif
