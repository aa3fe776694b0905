/* SPDX-License-Identifier: MIT */
/*
 * Complaints: the one way this program speaks on standard error.
 */
#ifndef COMPLAIN_H
#define COMPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where something is wrong: an option, a variable or a file, and its line (0: none). */
struct place {
	const char *name;
	uintmax_t line;
};

/*
 * Writes one line, "chroot-paths: NAME[:LINE]: WHAT", to standard error, where WHAT is
 * the given strings joined. A byte that is not printable ASCII is shown as \xNN, and a
 * line of more than 10 KiB is cut, so that hostile input stays one line and does nothing
 * to a terminal. Errors of the write are ignored: there is nowhere left to tell them.
 * Returns false, for "return complain(".
 * complain_of() is about an option, or a file as a whole.
 */
#define complain(place, ...) complain_joined((place), (const char *const[]){__VA_ARGS__, NULL})
#define complain_of(name, ...) complain(((struct place){(name), 0}), __VA_ARGS__)
bool complain_joined(struct place place, const char *const strings[]);

/* As complain_of(), with strerror(ERROR) as the WHAT. */
bool complain_errno(const char *name, int error);

#endif
