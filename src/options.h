/* SPDX-License-Identifier: MIT */
/*
 * The inputs of the program: its options and the variables of its environment.
 */
#pragma once

enum input_kind {
	/* Exactly one of these is set: the closure, or the roots file in its place. */
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
	READ_ONLY_STORE,
	HIDE_TMP,
	STORE,
	BUILD_TOP,
	OUT,
	HELP,
	VERSION,
	N_INPUTS,
};

struct setting {
	const char *value;  /* NULL if it is not set */
	const char *origin; /* the option or variable that it came from */
};

struct options {
	enum input_kind closure; /* the one of the first N_CLOSURES that is set */
	struct setting set[N_INPUTS];
};

/*
 * Reads the command line and the environment into OPTIONS; the strings remain owned by argv and
 * environ. An option overrides its variable, a repeated option the earlier ones, and an empty
 * variable counts as unset. Answers --help and --version.
 *
 * Returns -1 to go on, or the exit status to end with, after a complaint unless it is 0. To go on,
 * OUT, STORE and exactly one closure are set. Unless that is ROOTS, SERVICE is a name that systemd
 * accepts, and the other values are well-formed, except that BUILD_TOP is not checked, and STORE
 * only if CONFINEMENT_ROOT or READ_ONLY_STORE is set. No file was accessed.
 */
int options_read(struct options *options, int argc, char *argv[]);
