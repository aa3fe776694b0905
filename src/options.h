/* SPDX-License-Identifier: MIT */
/*
 * What is asked for, on the command line and in the environment.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

enum input_kind {
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
	STORE_MOUNT,
	STORE,
	BUILD_TOP,
	OUT,
	HELP,
	VERSION,
	N_INPUTS,
};

/* One input: its value, NULL where unset, and the option or variable that it came from. */
struct setting {
	const char *value;
	const char *origin;
};

struct options {
	enum input_kind closure; /* which of the first N_CLOSURES is set */
	struct setting set[N_INPUTS];
};

/*
 * Reads the command line and the environment into OPTIONS; the strings remain owned by argv and
 * environ. An option wins over a variable, the last of a repeated option over the earlier ones, and
 * an empty variable counts as unset. --help and --version are answered here.
 *
 * Returns -1 to go on, or the exit status to end with, after a complaint unless it is 0. To go on,
 * exactly one closure input is set (and named in OPTIONS->closure), and OUT. Unless it is ROOTS,
 * SERVICE is a name that systemd accepts, STORE is set, and the other values are well-formed. No
 * file was looked at.
 */
int options_read(struct options *options, int argc, char *argv[]);

#endif
