/* SPDX-License-Identifier: MIT */
/*
 * The settings of the program: its options and the variables of its environment.
 */
#pragma once

enum setting_kind {
	/* Exactly one of these is set: the closure, or the roots file in its place. */
	STORE_PATHS,
	CLOSURE_INFO,
	REFERENCES_GRAPH,
	ROOTS,
	N_CLOSURES, /* how many they are; not a setting itself, nor is N_SETTINGS */
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
	N_SETTINGS,
};

struct setting {
	const char *value;  /* NULL if it is not set; any string if it is set and takes no value */
	const char *origin; /* the option or variable that it came from */
};

struct options {
	enum setting_kind closure; /* the one of the first N_CLOSURES that is set */
	struct setting set[N_SETTINGS];
};

/*
 * Reads the command line and the environment, whose strings it does not copy. An option overrides
 * its variable, a repeated option the earlier ones, and a closure by option every closure by
 * variable. An empty variable counts as unset. Answers --help and --version and exits. Dies of
 * wrong usage. Accesses no file. On return OUT, STORE and exactly one closure are set. If that is
 * ROOTS, nothing else was checked. Otherwise SERVICE is set and a valid unit name, EXCLUDE is a
 * normal path if set, BIN_SH an absolute one, and STORE is a normal path that needs no escaping if
 * CONFINEMENT_ROOT or READ_ONLY_STORE is set.
 */
struct options options_read(int argc, char *argv[]);
