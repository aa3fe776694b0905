/* SPDX-License-Identifier: MIT */
/*
 * Complaints: everything that the program writes to standard error.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The subject of a complaint: an option, a variable or a file, and the line in it (0: none). */
struct place {
	const char *name;
	uintmax_t line;
};

/*
 * Writes one line, "chroot-paths: NAME[:LINE]: WHAT", to standard error. WHAT is the concatenation
 * of the given strings. A byte that is not printable ASCII is written as \xNN, and a line over
 * 10 KiB is cut, so hostile input can neither add a line nor control a terminal. Write errors are
 * ignored, since there is nowhere to report them. Returns false, for "return complain(...)".
 */
#define complain(place, ...) complain_joined((place), (const char *const[]){__VA_ARGS__, NULL})
bool complain_joined(struct place place, const char *const strings[]);

/* As complain(), about an option or a whole file. */
#define complain_of(name, ...) complain(((struct place){(name), 0}), __VA_ARGS__)

/* As complain_of(), with strerror(ERROR) as WHAT. */
#define complain_errno(name, error) complain_of((name), strerror(error))
