/* SPDX-License-Identifier: MIT */
/*
 * The unit: its sections and lines.
 */
#pragma once

#include "bind.h"
#include "options.h"

/*
 * Begins the file OUT/lib/systemd/system/SERVICE, or SERVICE.d/confinement.conf there if DROP_IN is
 * set, and writes the settings before the binds. publish_finish() ends it. Dies if it cannot.
 */
void unit_begin(const struct setting set[N_SETTINGS]);

/*
 * Adds the line of BIND, which came from PLACE. Dies if a unit cannot hold a path of BIND, or if it
 * cannot write.
 */
void unit_bind(struct place place, const struct bind *bind);
