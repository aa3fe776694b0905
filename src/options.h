/* SPDX-License-Identifier: MIT */
/*
 * The settings of the program: its options and the variables of its environment.
 */
#pragma once

enum setting_kind {
	/* The sources, of which exactly one is set: the closure, or the roots file in its place. */
	STORE_PATHS,
	CLOSURE_INFO,
	REFERENCES_GRAPH,
	ROOTS, /* the last of them */
	SERVICE,
	EXCLUDE,
	BIN_SH,
	DROP_IN,
	CONFINEMENT_ROOT,
	STORE_VIEW,
	UNIT_FILE,
	HIDE_TMP,
	STORE,
	BUILD_TOP,
	OUT,
	HELP,
	VERSION,
	N_SETTINGS, /* how many they are */
};

struct setting {
	const char *value;  /* NULL if it is not set; any string if it is set and takes no value */
	const char *origin; /* the option or variable that it came from */
};

struct options {
	enum setting_kind source; /* the source that is set */
	struct setting set[N_SETTINGS];
};

/*
 * Reads the command line and the environment, whose strings it does not copy. An option overrides
 * its variable, a repeated option the earlier ones, and a source by option every one by variable.
 * An empty variable counts as unset. Answers --help and --version and exits. Dies of wrong usage.
 * Accesses no file. On return OUT, STORE and one source are set. Unless that is ROOTS, SERVICE is a
 * valid unit name, EXCLUDE is a normal path if set, BIN_SH an absolute one, STORE_VIEW is set if
 * CONFINEMENT_ROOT is, and then STORE is a normal path that needs no escaping.
 */
struct options options_read(int argc, char *argv[]);
