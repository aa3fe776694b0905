/* SPDX-License-Identifier: MIT */
/*
 * Step 1: what is asked for, from the command line and the environment.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

enum input {
	/* Where the closure comes from, or what takes its place: exactly one is set. */
	STORE_PATHS,
	CLOSURE_INFO,
	REFERENCES_GRAPH,
	ROOTS,
	N_CLOSURES,
	/* The others. */
	SERVICE = N_CLOSURES,
	EXCLUDE,
	BIN_SH,
	DROP_IN,
	CONFINEMENT_ROOT,
	CONFINEMENT_MODE,
	HIDE_TMP,
	STORE_VIEW,
	STORE,
	BUILD_TOP,
	OUT,
	HELP,
	VERSION,
	N_INPUTS,
};

/* One input: its value, NULL where unset, and the option or variable it came from. */
struct setting {
	const char *value;
	const char *origin;
};

struct options {
	enum input closure; /* which of the first N_CLOSURES is set */
	struct setting set[N_INPUTS];
};

enum verdict {
	GO_ON,
	STOP_OK, /* --help or --version was served */
	STOP_FAILED,
	STOP_USAGE,
};

/*
 * Reads the command line and the environment into OPTIONS, whose strings stay theirs.
 * An option wins over a variable, the last of a repeated option over the earlier ones, and an empty
 * variable counts as unset. --help and --version are answered here. After GO_ON exactly one closure
 * input is set (and named in OPTIONS->closure), OUT is set, and, unless the roots file is asked
 * for, SERVICE is a name that systemd accepts, STORE is set, CONFINEMENT_MODE is set if
 * CONFINEMENT_ROOT is, and the other values are well-formed; no file was looked at. Anything else
 * was complained about.
 */
enum verdict options_read(struct options *options, int argc, char *argv[]);

#endif
