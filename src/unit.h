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
 * Begins OUT/lib/systemd/system/SERVICE, or SERVICE.d/confinement.conf there, with lines for its
 * sections, strings up to a NULL. See publish_begin().
 */
bool unit_begin(struct publication *file, const char *out, const char *service, bool drop_in,
		const char *const unit_lines[], const char *const service_lines[]);

/*
 * Adds the line that binds what BIND says, if anything. False after a complaint about PLACE, where
 * BIND came from: a path that no unit can hold; or about the file.
 */
bool unit_add(struct publication *unit, struct place place, const struct bind *bind);

#endif
