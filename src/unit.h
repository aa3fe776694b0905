/* SPDX-License-Identifier: MIT */
/*
 * The unit: its sections and lines, in the file that is to be published.
 */
#ifndef UNIT_H
#define UNIT_H

#include "publish.h"
#include "root.h"
#include "rule.h"

/* Of the unit or drop-in: which section comes first does not matter, and each may come again. */
enum section { UNIT_SECTION, SERVICE_SECTION };

struct unit {
	enum section section; /* the one that lines are added to now */
	const struct rule *rule;
	const char *mount_dir; /* DIR of the store mount, see layer.h, or NULL */
	struct publication file;
};

/*
 * Begins OUT/lib/systemd/system/SERVICE, or SERVICE.d/confinement.conf there, with the settings of
 * ROOT and, with MOUNT_DIR, what the service needs of the store mount. Neither MOUNT_DIR nor the
 * store directory needs escaping then. RULE and MOUNT_DIR remain the caller's. See publish_begin().
 */
bool unit_begin(struct unit *unit, const char *out, const char *service, bool drop_in,
		const struct root_settings *root, const char *mount_dir, const struct rule *rule);

/*
 * Adds the bind BIND, with a store mount from there if it is in the store. False after a complaint
 * about PLACE, where it came from: a path that no unit can hold; or about the file.
 */
bool unit_bind(struct unit *unit, struct place place, const struct bind *bind);

/*
 * With a store mount that shows BIND: adds that the directory in the store must be there, for the
 * mount would show an empty one. False after a complaint.
 */
bool unit_expect(struct unit *unit, const struct bind *bind);

/* Adds that the store mount must have the file MARK. False after a complaint. */
bool unit_expect_mark(struct unit *unit, const char *mark);

#endif
