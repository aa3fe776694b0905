/* SPDX-License-Identifier: MIT */
#include "options.h"

#include "complain.h"
#include "io.h"
#include "path.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* systemd.unit(5): the longest unit name; NAME_MAX of the drop-in directory, less ".d". */
enum { UNIT_NAME_LONGEST = 255, DROP_IN_NAME_LONGEST = 253 };

/* An option is spelled here with its dashes, as it is quoted in complaints. */
static const struct {
	const char *option;
	const char *variable;
	int has_argument;
} inputs[N_INPUTS] = {
	[STORE_PATHS] = {"--store-paths", NULL, required_argument},
	[CLOSURE_INFO] = {NULL, "closureInfo", required_argument},
	[REFERENCES_GRAPH] = {"--references-graph", "referencesGraph", required_argument},
	[ROOTS] = {"--roots", "rootsPath", required_argument},
	[SERVICE] = {"--service", "serviceName", required_argument},
	[EXCLUDE] = {"--exclude", "excludedPath", required_argument},
	[BIN_SH] = {"--bin-sh", "binSh", required_argument},
	[DROP_IN] = {"--drop-in", "dropIn", no_argument},
	[CONFINEMENT_ROOT] = {"--root", "confinementRoot", required_argument},
	[CONFINEMENT_MODE] = {"--mode", "confinementMode", required_argument},
	[HIDE_TMP] = {"--hide-tmp", "hideTmp", no_argument},
	[STORE_MOUNT] = {"--store-mount", "storeMount", required_argument},
	[STORE] = {NULL, "NIX_STORE", required_argument},
	[BUILD_TOP] = {NULL, "NIX_BUILD_TOP", required_argument},
	[OUT] = {"--out", "out", required_argument},
	[HELP] = {"--help", NULL, no_argument},
	[VERSION] = {"--version", NULL, no_argument},
};

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char help[] =
	"Usage: chroot-paths [OPTION]...\n"
	"Write a systemd unit that binds every store path of a closure, read-only.\n"
	"\n"
	"Each option has an environment variable, used where the option is absent.\n"
	"Exactly one of the first three has to be given.\n"
	"\n"
	"  --store-paths FILE       one absolute path per line; - is standard input\n"
	"                           ($closureInfo: a directory with store-paths[.zst])\n"
	"  --references-graph FILE  as exportReferencesGraph writes it ($referencesGraph)\n"
	"  --roots FILE             write no unit: copy FILE to the file OUT ($rootsPath)\n"
	"  --service NAME           unit name, with .service ($serviceName)\n"
	"  --exclude PATH           the one path to leave out ($excludedPath)\n"
	"  --bin-sh PATH            program to offer as /bin/sh ($binSh)\n"
	"  --drop-in                write a drop-in instead of a unit ($dropIn)\n"
	"  --root KIND              write the settings of the root directory, too: tmpfs or\n"
	"                           read-only ($confinementRoot)\n"
	"  --mode MODE              full-apivfs, the default, or chroot-only; with --root\n"
	"                           ($confinementMode)\n"
	"  --hide-tmp               make /tmp and /var/tmp inaccessible ($hideTmp)\n"
	"  --store-mount DIR        show the closure by one mount below DIR: fast starts, however\n"
	"                           large the closure; see the manual ($storeMount)\n"
	"  --out DIR                write DIR/lib/systemd/system/NAME ($out)\n"
	"  --help, --version        print this, or the version, and exit\n"
	"\n"
	"Exit status: 0 written; 1 bad input or a system error; 2 wrong usage.\n"
	"Nothing is written unless all of it is right. See chroot-paths(1).\n";

static const char version[] = "chroot-paths " CHROOT_PATHS_VERSION "\n";

/* Exit statuses that are promised. */
enum { DONE = 0, FAILED = 1, WRONG_USAGE = 2 };

static int print(const char *text)
{
	if (write_all(STDOUT_FILENO, text, strlen(text)))
		return DONE;
	complain_errno("standard output", errno);
	return FAILED;
}

static const char see_help[] = ", see chroot-paths --help";

static bool read_arguments(struct setting set[N_INPUTS], int argc, char *argv[])
{
	/* Above each character, which is what getopt takes an unknown short option for. */
	enum { FIRST = UCHAR_MAX + 1 };
	struct option known[N_INPUTS + 1] = {{0}};
	size_t n_known = 0;

	for (int i = 0; i < N_INPUTS; i++) {
		if (inputs[i].option != NULL)
			known[n_known++] = (struct option){
				.name = inputs[i].option + strlen("--"),
				.has_arg = inputs[i].has_argument,
				.val = FIRST + i,
			};
	}
	for (;;) {
		/* There are no short options to be bundled, so this is what is read next. */
		const char *argument = optind < argc ? argv[optind] : NULL;
		/* "+" stops at the first stray argument, ":" keeps getopt silent. */
		int found = getopt_long(argc, argv, "+:", known, NULL);

		if (found == -1)
			break;
		if (found == ':')
			return complain_of(argument, "needs a value");
		if (found == '?' && optopt >= FIRST)
			return complain_of(argument, "takes no value");
		if (found == '?')
			return complain_of(argument, "unknown option", see_help);
		if (optarg != NULL && optarg[0] == '\0')
			return complain_of(inputs[found - FIRST].option, "is empty");
		set[found - FIRST].value = optarg != NULL ? optarg : "";
		set[found - FIRST].origin = inputs[found - FIRST].option;
	}
	if (optind < argc)
		return complain_of(argv[optind], "stray argument", see_help);
	return true;
}

static void read_environment(struct setting set[N_INPUTS])
{
	bool closure_by_option = false;

	for (int i = 0; i < N_CLOSURES; i++)
		closure_by_option |= set[i].value != NULL;
	for (int i = closure_by_option ? N_CLOSURES : 0; i < N_INPUTS; i++) {
		const char *value;

		if (inputs[i].variable == NULL || set[i].value != NULL)
			continue;
		value = getenv(inputs[i].variable);
		if (value != NULL && value[0] != '\0')
			set[i] = (struct setting){value, inputs[i].variable};
	}
}

static bool choose_closure(struct options *options)
{
	const char *chosen = NULL;

	for (int i = 0; i < N_CLOSURES; i++) {
		const struct setting *setting = &options->set[i];

		if (setting->value == NULL)
			continue;
		if (chosen != NULL)
			return complain_of(setting->origin, "a closure is given already, by ",
					   chosen);
		chosen = setting->origin;
		options->closure = (enum input_kind)i;
	}
	if (chosen == NULL)
		return complain_of("closure", "give --store-paths or --references-graph", see_help);
	return true;
}

/* What systemd's unit_name_is_valid() asks of a service, and that the unit is found. */
static const char *service_fault(const char *name, bool drop_in)
{
	static const char suffix[] = ".service";
	size_t len = strlen(name);
	size_t stem = len - (sizeof(suffix) - 1);

	if (len < sizeof(suffix) - 1 || strcmp(name + stem, suffix) != 0)
		return "does not end in .service";
	if (strspn(name, LETTERS_AND_DIGITS ":_.\\@-") != len)
		return "has a character other than letters, digits and :_.\\@-";
	if (stem == 0 || name[0] == '@')
		return "has no name before the suffix or the @";
	if (name[0] == '.')
		return "starts with a dot, and systemd does not load hidden files";
	if (len > UNIT_NAME_LONGEST)
		return "is longer than the 255 bytes of a unit name";
	if (drop_in && len > DROP_IN_NAME_LONGEST)
		return "is longer than 253 bytes, which leaves no room for the .d of a "
		       "drop-in";
	return NULL;
}

/*
 * Whether DIR may stand in all the settings that have it: units, tmpfiles.d and mount options,
 * which unescape in different ways, or not at all.
 */
static bool check_dir(const struct setting *dir)
{
	const char *fault = NULL;

	if (dir->value[0] != '/')
		fault = "not an absolute path: ";
	else if (strspn(dir->value, LETTERS_AND_DIGITS "/._@-") != strlen(dir->value))
		fault = "has a character other than letters, digits and /._@-: ";
	else if (!path_is_normal(dir->value))
		fault = PATH_NOT_NORMAL;
	return fault == NULL || complain_of(dir->origin, fault, dir->value);
}

/* The last component of DIR names a template instance, and a file for systemd-tmpfiles. */
static bool check_mount_name(const struct setting *dir)
{
	const char *name = strrchr(dir->value, '/') + 1;

	if (name[0] == '.')
		return complain_of(dir->origin,
				   "starts with a dot, and systemd does not load "
				   "hidden files: ",
				   name);
	if (strlen(name) > UNIT_NAME_LONGEST - strlen("confinement-store@.service"))
		return complain_of(dir->origin,
				   "too long for the name of "
				   "confinement-store@NAME.service: ",
				   name);
	return true;
}

static bool check_dirs(struct setting set[N_INPUTS])
{
	const struct setting *mount = &set[STORE_MOUNT];
	struct setting *store = &set[STORE];

	if (store->value == NULL)
		*store = (struct setting){"/nix/store", "NIX_STORE"};
	if ((mount->value != NULL || set[CONFINEMENT_ROOT].value != NULL) && !check_dir(store))
		return false;
	if (mount->value == NULL)
		return true;
	if (!check_dir(mount) || !check_mount_name(mount))
		return false;
	if (path_is_within(mount->value, store->value) ||
	    path_is_within(store->value, mount->value))
		return complain_of(mount->origin, "overlaps the store directory: ", mount->value);
	return true;
}

static bool check_root(const struct setting set[N_INPUTS])
{
	const struct setting *root = &set[CONFINEMENT_ROOT];
	const struct setting *mode = &set[CONFINEMENT_MODE];

	if (root->value != NULL && strcmp(root->value, "tmpfs") != 0 &&
	    strcmp(root->value, "read-only") != 0)
		return complain_of(root->origin, "neither tmpfs nor read-only: ", root->value);
	if (mode->value != NULL && strcmp(mode->value, "full-apivfs") != 0 &&
	    strcmp(mode->value, "chroot-only") != 0)
		return complain_of(mode->origin,
				   "neither full-apivfs nor chroot-only: ", mode->value);
	if (mode->value != NULL && root->value == NULL)
		return complain_of(mode->origin, "needs --root", see_help);
	return true;
}

static bool check(struct setting set[N_INPUTS])
{
	static const enum input_kind paths[] = {EXCLUDE, BIN_SH};
	const struct setting *service = &set[SERVICE];
	const char *fault;

	if (service->value == NULL)
		return complain_of("--service", "missing, the name of the unit to write", see_help);
	fault = service_fault(service->value, set[DROP_IN].value != NULL);
	if (fault != NULL)
		return complain_of(service->origin, "'", service->value, "' ", fault);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct setting *path = &set[paths[i]];

		if (path->value != NULL && path->value[0] != '/')
			return complain_of(path->origin, "not an absolute path: ", path->value);
	}
	/* No path of a closure is spelled otherwise, so it would exclude nothing. */
	if (set[EXCLUDE].value != NULL && !path_is_normal(set[EXCLUDE].value))
		return complain_of(set[EXCLUDE].origin, PATH_NOT_NORMAL, set[EXCLUDE].value);
	return check_root(set) && check_dirs(set);
}

int options_read(struct options *options, int argc, char *argv[])
{
	*options = (struct options){0};
	if (!read_arguments(options->set, argc, argv))
		return WRONG_USAGE;
	if (options->set[HELP].value != NULL)
		return print(help);
	if (options->set[VERSION].value != NULL)
		return print(version);
	read_environment(options->set);
	if (!choose_closure(options))
		return WRONG_USAGE;
	if (options->set[OUT].value == NULL) {
		complain_of("--out", "missing, the directory to write to", see_help);
		return WRONG_USAGE;
	}
	if (options->closure != ROOTS && !check(options->set))
		return WRONG_USAGE;
	return -1;
}
