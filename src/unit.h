/* SPDX-License-Identifier: MIT */
/*
 * The unit: its sections and lines.
 */
#pragma once

#include "options.h"
#include "publish.h"
#include "rule.h"

struct unit {
	const struct rule *rule;
	bool read_only_store; /* whether the host mounts the store read-only */
	struct publication file;
};

/*
 * Begins OUT/lib/systemd/system/SERVICE, or with DROP_IN SERVICE.d/confinement.conf there. Writes
 * the settings that SET asks for. SET and RULE must outlive UNIT. Returns false after a complaint.
 */
bool unit_begin(struct unit *unit, const struct setting set[N_INPUTS], const struct rule *rule);

/*
 * Adds the line of BIND, which came from PLACE. Returns false after a complaint, which is also
 * about a path that a unit cannot hold.
 */
bool unit_bind(struct unit *unit, struct place place, const struct bind *bind);

/* Publishes the unit. Returns false after a complaint. */
bool unit_finish(struct unit *unit);

/* To be called after unit_bind() or unit_finish() has failed: removes what was begun. */
void unit_abandon(struct unit *unit);
