/* SPDX-License-Identifier: MIT */
#pragma once

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/*
 * Returns NULL if PATH is normal: absolute, under PATH_MAX (4096) bytes, without ".", "..", "//" or
 * a "/" at its end, and not "/". Otherwise systemd would ignore or change PATH, and a message of
 * what is wrong is returned, which PATH must follow.
 */
const char *path_fault(const char *path);

/* If the normal PATH is below DIR, returns its rest from "/" on, else NULL. None is below "". */
const char *path_below(const char *path, const char *dir);
