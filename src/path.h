/* SPDX-License-Identifier: MIT */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/*
 * Whether PATH is normal: absolute, under PATH_MAX (4096) bytes, without ".", "..", "//" or a "/"
 * at its end, and not "/". Otherwise systemd would ignore or change it.
 */
bool path_is_normal(const char *path);

/* What to say of a path that is not normal. */
#define NOT_NORMAL                                                                                 \
	"not an absolute path of at most 4095 bytes without '.', '..', '//' and a '/' at its "     \
	"end: "

/* If the normal PATH is below DIR, returns its rest from "/" on, else NULL. None is below "". */
const char *path_below(const char *path, const char *dir);

/* Whether the normal PATH is DIR or below it. */
bool path_is_within(const char *path, const char *dir);

/* Writes the concatenation of the strings to PATH. Returns false if it has PATH_MAX bytes or more.
 */
#define path_join(path, ...) path_joined((path), (const char *const[]){__VA_ARGS__, NULL})
bool path_joined(char path[PATH_MAX], const char *const parts[]);

/* A walk along a path, one component after the other, as the kernel does. */
struct walk {
	char at[PATH_MAX]; /* where it is; "" is "/" */
	char *left;	   /* what is left to go, in REST */
	char rest[3 * PATH_MAX];
	int links; /* how many symlinks it has followed */
};

/* Begins at "/". Returns false if the absolute PATH has PATH_MAX bytes or more. */
bool walk_begin(struct walk *walk, const char *path);

/* Goes one component further. Returns false at the end, where LEFT is "", or if AT gets too long.
 */
bool walk_on(struct walk *walk);

/*
 * Follows the symlink that WALK is at: takes a step back, and puts the target before what is left.
 * Returns false and sets errno, to EINVAL if that is no symlink, to ELOOP after the 40 that the
 * kernel follows, to E2BIG if there is no room, else as readlink(2).
 */
bool walk_follow(struct walk *walk);

/*
 * Walks along the absolute PATH, and follows every symlink. Returns false and sets errno, as
 * walk_follow(), if WALK is at what cannot be followed; LEFT is the rest.
 */
bool walk_to_end(struct walk *walk, const char *path);
