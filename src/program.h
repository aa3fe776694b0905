/* SPDX-License-Identifier: MIT */
/*
 * Whether the programs of a service can start in its root directory, in which it finds the closure
 * and what its own settings bring in.
 */
#pragma once

#include "bind.h"
#include "options.h"

/*
 * Judges the commands of the unit FILE ("-" is standard input), as if the whole store were in the
 * closure. BIN_SH, which came from PLACE, is what the service finds at /bin/sh, or NULL. Keeps FILE
 * and STORE. Dies of a command that cannot start, a bind of what a package does not have, if FILE
 * cannot be read, and of a limit: see service.h. Reads three pieces of each program, together at
 * most three pages.
 */
void programs_judge(const struct setting *file, const struct store *store, struct place place,
		    const char *bin_sh);

/* Notes that the service finds the path BOUND. Does nothing if no program needs it. */
void programs_bound(const char *bound);

/* Dies of the first program that needs what was not bound. */
void programs_finish(void);

enum program_kind {
	SCRIPT,	    /* begins with "#!" */
	OTHER,	    /* an ELF file, or what something else may run */
	BAD_SCRIPT, /* names no interpreter in the 256 bytes that Linux reads */
	BAD_ELF,    /* is neither executable nor shared object, or lacks its program headers */
};

/*
 * Sets NAME to the interpreter by which Linux runs the program FD: that of a script, or the
 * PT_INTERP of an ELF file; "" if it has none or cannot be read.
 */
enum program_kind program_interpreter(int fd, char name[PATH_MAX]);
