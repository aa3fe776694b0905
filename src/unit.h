/* SPDX-License-Identifier: MIT */
/*
 * Step 5, the unit: its lines, in the file that is to be published.
 */
#ifndef UNIT_H
#define UNIT_H

#include "publish.h"
#include "rule.h"
#include "view.h"

/*
 * Begins OUT/lib/systemd/system/SERVICE, or SERVICE.d/confinement.conf there. With a VIEW, whose
 * name needs no escaping, the service will not start without it. See publish_begin().
 */
bool unit_begin(struct publication *unit, const char *out, const char *service, bool drop_in,
		const struct view *view);

/*
 * Adds the line that binds what BIND says, if anything. False after a complaint about PLACE, where
 * BIND came from: a path that no unit can hold; or about the file.
 */
bool unit_add(struct publication *unit, struct place place, const struct bind *bind);

#endif
