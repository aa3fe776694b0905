/* SPDX-License-Identifier: MIT */
/*
 * The unit: its sections and lines; with a store mount also the layer, which belongs to it.
 */
#pragma once

#include "layer.h"
#include "options.h"
#include "publish.h"
#include "rule.h"

enum section { UNIT_SECTION, SERVICE_SECTION };

struct unit {
	enum section section;	 /* the one that lines are added to */
	const struct rule *rule; /* for the store directory */
	const char *mount_dir;	 /* DIR of the store mount, see layer.h, or NULL */
	struct publication file;
	struct layer layer; /* if there is a store mount */
};

/*
 * Begins OUT/lib/systemd/system/SERVICE, or with DROP_IN SERVICE.d/confinement.conf there, and with
 * STORE_MOUNT the layer. Writes the settings of the root directory and of the store mount that SET
 * asks for. SET and RULE must outlive UNIT. Returns false after a complaint.
 */
bool unit_begin(struct unit *unit, const struct setting set[N_INPUTS], const struct rule *rule);

/*
 * Adds BIND, which came from PLACE, to the layer if it can be shown there, or else as a line.
 * Returns false after a complaint, which is also about a path that neither file can hold.
 */
bool unit_bind(struct unit *unit, struct place place, const struct bind *bind);

/* Publishes the unit, after the layer. Returns false after a complaint. */
bool unit_finish(struct unit *unit);

/* To be called after unit_bind() or unit_finish() has failed: removes what was begun. */
void unit_abandon(struct unit *unit);
