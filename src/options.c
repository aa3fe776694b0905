/* SPDX-License-Identifier: MIT */
#include "options.h"

#include "die.h"
#include "path.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* The longest unit name by systemd.unit(5), and with PrivateTmp=yes: systemd then makes a directory
 * "systemd-private-BOOT_ID-NAME-XXXXXX", and the name of a directory has at most 255 bytes. */
enum { UNIT_LONGEST = 255, PRIVATE_TMP_LONGEST = 199 };

/* An option is written with its dashes, as error messages name it. */
static const struct {
	const char *option;
	const char *variable;
	int has_argument;
} names[N_SETTINGS] = {
	[STORE_PATHS] = {"--store-paths", NULL, required_argument},
	[CLOSURE_INFO] = {NULL, "closureInfo", required_argument},
	[REFERENCES_GRAPH] = {"--references-graph", "referencesGraph", required_argument},
	[ROOTS] = {"--roots", "rootsPath", required_argument},
	[SERVICE] = {"--service", "serviceName", required_argument},
	[EXCLUDE] = {"--exclude", "excludedPath", required_argument},
	[BIN_SH] = {"--bin-sh", "binSh", required_argument},
	[DROP_IN] = {"--drop-in", "dropIn", no_argument},
	[CONFINEMENT_ROOT] = {"--root", "confinementRoot", no_argument},
	[STORE_VIEW] = {"--store-view", "storeView", no_argument},
	[UNIT_FILE] = {"--unit", "unitPath", required_argument},
	[HIDE_TMP] = {"--hide-tmp", "hideTmp", no_argument},
	[STORE] = {NULL, "NIX_STORE", required_argument},
	[BUILD_TOP] = {NULL, "NIX_BUILD_TOP", required_argument},
	[OUT] = {"--out", "out", required_argument},
	[HELP] = {"--help", NULL, no_argument},
	[VERSION] = {"--version", NULL, no_argument},
};

static const char help[] =
	"Usage: chroot-paths [OPTION]...\n"
	"Write a systemd unit that binds every store path of a closure, read-only.\n"
	"\n"
	"If an option is absent, the environment variable in parentheses is used.\n"
	"Exactly one of the first three options is required.\n"
	"\n"
	"  --store-paths FILE       the closure, one path per line; - is standard input\n"
	"                           ($closureInfo: a directory with store-paths[.zst])\n"
	"  --references-graph FILE  the closure, as a references graph ($referencesGraph)\n"
	"  --roots FILE             write no unit, but copy FILE to --out ($rootsPath)\n"
	"  --service NAME           unit name, with .service ($serviceName)\n"
	"  --exclude PATH           the one path to leave out ($excludedPath)\n"
	"  --bin-sh PATH            program to offer as /bin/sh ($binSh)\n"
	"  --drop-in                write a drop-in instead of a unit ($dropIn);\n"
	"                           binds confine nothing without a root directory\n"
	"  --root                   also set the root directory, which confines the\n"
	"                           service; implies --store-view ($confinementRoot)\n"
	"  --store-view             bind from the read-only view of the store ($storeView)\n"
	"  --unit FILE              the unit that the binds are for; refuse what cannot\n"
	"                           start; - is standard input ($unitPath)\n"
	"  --hide-tmp               make /tmp and /var/tmp inaccessible ($hideTmp)\n"
	"  --out DIR                write DIR/lib/systemd/system/NAME ($out)\n"
	"  --help, --version        print this, or the version, and exit\n"
	"\n"
	"Exit status: 0 success; 1 bad input or a system error; 2 wrong usage.\n"
	"On failure no file is written. See chroot-paths(1).\n";

static _Noreturn void print(const char *text)
{
	while (*text != '\0') {
		ssize_t n = write(STDOUT_FILENO, text, strlen(text));

		if (n == 0)
			errno = EIO;
		if (n <= 0)
			die_errno("standard output");
		text += n;
	}
	exit(EXIT_SUCCESS);
}

static const char see_help[] = "; see chroot-paths --help";

/* What getopt returns for an option is its number here, which must differ from ':' and '?'. */
_Static_assert(N_SETTINGS <= ':', "too many settings");

static void read_arguments(struct setting set[N_SETTINGS], int argc, char *argv[])
{
	struct option known[N_SETTINGS + 1] = {{0}};
	size_t n_known = 0;

	for (int i = 0; i < N_SETTINGS; i++) {
		if (names[i].option != NULL)
			known[n_known++] = (struct option){
				.name = names[i].option + strlen("--"),
				.has_arg = names[i].has_argument,
				.val = i,
			};
	}
	for (;;) {
		/* What getopt reads next: an option and its value, or a wrong argument. */
		const char *argument = optind < argc ? argv[optind] : NULL;
		/* "+" stops at the first non-option, ":" keeps getopt silent. */
		int found = getopt_long(argc, argv, "+:", known, NULL);

		if (found == -1)
			break;
		if (found == ':')
			die_usage(argument, "needs a value");
		if (found == '?')
			die_usage(argument,
				  "unknown or ambiguous option, or one that takes no value",
				  see_help);
		if (optarg != NULL && optarg[0] == '\0')
			die_usage(names[found].option, "is empty");
		set[found].value = optarg != NULL ? optarg : "";
		set[found].origin = names[found].option;
	}
	if (optind < argc)
		die_usage(argv[optind], "unexpected argument", see_help);
}

static void read_environment(struct setting set[N_SETTINGS])
{
	bool source_by_option = false;

	for (int i = 0; i <= ROOTS; i++)
		source_by_option |= set[i].value != NULL;
	for (int i = source_by_option ? ROOTS + 1 : 0; i < N_SETTINGS; i++) {
		const char *variable = names[i].variable;
		const char *value = variable == NULL ? NULL : getenv(variable);

		if (set[i].value == NULL && value != NULL && value[0] != '\0')
			set[i] = (struct setting){value, variable};
	}
}

static enum setting_kind choose_source(const struct setting set[N_SETTINGS])
{
	int chosen = -1;

	for (int i = 0; i <= ROOTS; i++) {
		if (set[i].value == NULL)
			continue;
		if (chosen >= 0)
			die_usage(set[i].origin, "the closure is already given by ",
				  set[chosen].origin);
		chosen = i;
	}
	/* Then the builder gets no attribute of the derivation as a variable, not even "out". */
	if (chosen < 0 && getenv("NIX_ATTRS_JSON_FILE") != NULL)
		die_usage("closure", "the derivation has __structuredAttrs, so its settings have "
				     "to be options in 'args'; see chroot-paths(1)");
	if (chosen < 0)
		die_usage("closure", "give --store-paths or --references-graph", see_help);
	return (enum setting_kind)chosen;
}

static _Noreturn void refuse(const struct setting *service, const char *why)
{
	die_usage(service->origin, "'", service->value, "' ", why);
}

/* Checks that systemd's unit_name_is_valid() accepts SERVICE and that systemd would load it. */
static void check_service(const struct setting *service)
{
	const char *name = service->value;
	size_t len = strlen(name);
	size_t stem = len < strlen(".service") ? 0 : len - strlen(".service");

	if (strcmp(name + stem, ".service") != 0)
		refuse(service, "does not end in .service");
	if (strspn(name, LETTERS_AND_DIGITS ":_.\\@-") != len)
		refuse(service, "contains a character other than letters, digits and :_.\\@-");
	if (stem == 0 || name[0] == '@')
		refuse(service, "has no name before .service or @");
	if (name[0] == '.')
		refuse(service, "starts with a dot, so systemd would ignore it as a hidden file");
	if (len > UNIT_LONGEST)
		refuse(service, "is longer than 255 bytes, the limit for a unit name");
}

/* Checks that the valid unit name SERVICE also suits a drop-in and a root directory, if wanted. */
static void check_use(const struct setting *service, bool drop_in, bool root)
{
	/* The name up to END is %p in systemd.unit(5). */
	const char *at = strchr(service->value, '@');
	const char *end = at != NULL ? at : strrchr(service->value, '.');

	/* A drop-in of "a-.service" applies to "a-b.service", too. */
	if (drop_in && end[-1] == '-')
		refuse(service, "has a dash before .service or @, so systemd would apply the "
				"drop-in to other services, too");
	if (root && strlen(service->value) > PRIVATE_TMP_LONGEST)
		refuse(service, "is longer than 199 bytes, the limit for a unit name with "
				"PrivateTmp=yes");
}

static void check_normal(const struct setting *path)
{
	if (!path_is_normal(path->value))
		die_usage(path->origin, NOT_NORMAL, path->value);
}

/* Checks that DIR needs no escaping in a unit. */
static void check_plain(const struct setting *dir)
{
	if (strspn(dir->value, LETTERS_AND_DIGITS "/._@-") != strlen(dir->value))
		die_usage(
			dir->origin,
			"contains a character other than letters, digits and /._@-: ", dir->value);
	check_normal(dir);
}

/* Checks the settings of a unit. */
static void check(const struct setting set[N_SETTINGS], enum setting_kind source)
{
	if (set[SERVICE].value == NULL)
		die_usage("--service", "required: the name of the unit", see_help);
	check_service(&set[SERVICE]);
	check_use(&set[SERVICE], set[DROP_IN].value != NULL, set[CONFINEMENT_ROOT].value != NULL);
	/* An excluded path that is not normal would never equal a path of the closure. */
	if (set[EXCLUDE].value != NULL)
		check_normal(&set[EXCLUDE]);
	if (set[BIN_SH].value != NULL && set[BIN_SH].value[0] != '/')
		die_usage(set[BIN_SH].origin, "not an absolute path: ", set[BIN_SH].value);
	if (set[STORE_VIEW].value != NULL)
		check_plain(&set[STORE]);
	if (set[UNIT_FILE].value != NULL && strcmp(set[UNIT_FILE].value, "-") == 0 &&
	    strcmp(set[source].value, "-") == 0)
		die_usage(set[UNIT_FILE].origin, "standard input is the closure");
}

struct options options_read(int argc, char *argv[])
{
	struct options options = {0};
	struct setting *set = options.set;

	read_arguments(set, argc, argv);
	if (set[HELP].value != NULL)
		print(help);
	if (set[VERSION].value != NULL)
		print("chroot-paths " CHROOT_PATHS_VERSION "\n");
	read_environment(set);
	if (set[STORE].value == NULL)
		set[STORE] = (struct setting){"/nix/store", "NIX_STORE"};
	if (set[CONFINEMENT_ROOT].value != NULL)
		set[STORE_VIEW] = set[CONFINEMENT_ROOT];
	options.source = choose_source(set);
	if (set[OUT].value == NULL)
		die_usage("--out", "required: where to write", see_help);
	if (options.source != ROOTS)
		check(set, options.source);
	return options;
}
