/* SPDX-License-Identifier: MIT */
/*
 * Dying: the program ends where an error is found, with one line on standard error.
 */
#pragma once

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* The exit statuses of failures. */
enum { FAILED = 1, WRONG_USAGE = 2 };

/* What a message is about: an option, a variable or a file, and the line in it (0: none). */
struct place {
	const char *name;
	uintmax_t line;
};

/*
 * Writes "chroot-paths: NAME[:LINE]: WHAT" to standard error and exits with FAILED. WHAT is the
 * concatenation of the strings. NAME and each string are cut after PATH_MAX bytes, so none hides
 * the others. A byte that is not printable ASCII is written as \xNN, so hostile input can neither
 * add a line nor control a terminal. A write error is ignored. atexit(3) cleans up.
 */
#define die_at(place, ...) die_joined(FAILED, (place), (const char *const[]){__VA_ARGS__, NULL})
_Noreturn void die_joined(int status, struct place place, const char *const strings[]);

/* As die_at(), about an option, a variable or a whole file. */
#define die(name, ...) die_at(((struct place){(name), 0}), __VA_ARGS__)

/* As die(), with strerror(errno) as WHAT. */
#define die_errno(name) die((name), strerror(errno))

/* As die(), but exits with WRONG_USAGE. */
#define die_usage(name, ...)                                                                       \
	die_joined(WRONG_USAGE, (struct place){(name), 0}, (const char *const[]){__VA_ARGS__, NULL})
