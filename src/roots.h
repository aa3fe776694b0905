/* SPDX-License-Identifier: MIT */
/*
 * The second mode: the roots file, for nix/chroot-paths.nix.
 */
#ifndef ROOTS_H
#define ROOTS_H

#include <stdbool.h>

/*
 * Publishes a copy of FILE as the file OUT. Its content names the roots of a closure: Nix
 * finds the store paths in it and makes them references of OUT. False after a complaint;
 * see publish.h.
 */
bool roots_write(const char *file, const char *out);

#endif
