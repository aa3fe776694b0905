/* SPDX-License-Identifier: MIT */
#include "options.h"

#include "complain.h"
#include "io.h"
#include "path.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The longest unit name by systemd.unit(5), and NAME_MAX less the ".d" of a drop-in's directory. */
enum { UNIT_NAME_LONGEST = 255, DROP_IN_NAME_LONGEST = 253 };
/* The longest name before "@" or ".service" for which confinement-root@NAME.service is no longer.
 */
enum { ROOT_NAME_LONGEST = UNIT_NAME_LONGEST - (sizeof("confinement-root@.service") - 1) };

/* An option has its dashes here, since complaints name it so. */
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
	[CONFINEMENT_ROOT] = {"--root", "confinementRoot", no_argument},
	[READ_ONLY_STORE] = {"--read-only-store", "readOnlyStore", no_argument},
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
	"  --references-graph FILE  the closure, from exportReferencesGraph\n"
	"                           ($referencesGraph)\n"
	"  --roots FILE             copy FILE to the file OUT, write no unit ($rootsPath)\n"
	"  --service NAME           unit name, with .service ($serviceName)\n"
	"  --exclude PATH           the one path to leave out ($excludedPath)\n"
	"  --bin-sh PATH            program to offer as /bin/sh ($binSh)\n"
	"  --drop-in                write a drop-in instead of a unit ($dropIn)\n"
	"  --root                   also write the settings of the root directory\n"
	"                           ($confinementRoot)\n"
	"  --read-only-store        the host mounts the store read-only: bind what is in it\n"
	"                           the fast way ($readOnlyStore)\n"
	"  --hide-tmp               make /tmp and /var/tmp inaccessible ($hideTmp)\n"
	"  --out DIR                write DIR/lib/systemd/system/NAME ($out)\n"
	"  --help, --version        print this, or the version, and exit\n"
	"\n"
	"Exit status: 0 success; 1 bad input or a system error; 2 wrong usage.\n"
	"On failure nothing is written. See chroot-paths(1).\n";

static const char version[] = "chroot-paths " CHROOT_PATHS_VERSION "\n";

enum { DONE = 0, FAILED = 1, WRONG_USAGE = 2 };

static int print(const char *text)
{
	if (write_all(STDOUT_FILENO, text, strlen(text)))
		return DONE;
	complain_errno("standard output", errno);
	return FAILED;
}

static const char see_help[] = "; see chroot-paths --help";

static bool read_arguments(struct setting set[N_INPUTS], int argc, char *argv[])
{
	/* Above Unicode, since getopt also returns characters: those of short options. */
	enum { FIRST = 0x110000 };
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
		/* The argument that getopt reads next, as there are no short options to bundle. */
		const char *argument = optind < argc ? argv[optind] : NULL;
		/* "+" stops at the first non-option, ":" keeps getopt silent. */
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
		return complain_of(argv[optind], "unexpected argument", see_help);
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
			return complain_of(setting->origin, "the closure is already given by ",
					   chosen);
		chosen = setting->origin;
		options->closure = (enum input_kind)i;
	}
	if (chosen == NULL)
		return complain_of("closure", "give --store-paths or --references-graph", see_help);
	return true;
}

/* Why systemd's unit_name_is_valid() refuses NAME, or systemd would not load the unit, or NULL. */
static const char *service_fault(const char *name)
{
	static const char suffix[] = ".service";
	size_t len = strlen(name);
	size_t stem = len - (sizeof(suffix) - 1);

	if (len < sizeof(suffix) - 1 || strcmp(name + stem, suffix) != 0)
		return "does not end in .service";
	if (strspn(name, LETTERS_AND_DIGITS ":_.\\@-") != len)
		return "contains a character other than letters, digits and :_.\\@-";
	if (stem == 0 || name[0] == '@')
		return "has no name before .service or @";
	if (name[0] == '.')
		return "starts with a dot, so systemd would ignore it as a hidden file";
	if (len > UNIT_NAME_LONGEST)
		return "is longer than 255 bytes, the limit for a unit name";
	return NULL;
}

/* Why a drop-in, or a root directory, for the valid service NAME would not work, or NULL. */
static const char *use_fault(const char *name, bool drop_in, bool root)
{
	const char *at = strchr(name, '@');
	size_t prefix = (size_t)((at == NULL ? strrchr(name, '.') : at) - name);

	/* systemd.unit(5): a drop-in of "a-.service" applies to "a-b.service", too. */
	if (drop_in && name[prefix - 1] == '-')
		return "has a dash before .service or @, so systemd would apply the drop-in to "
		       "other services, too";
	if (drop_in && strlen(name) > DROP_IN_NAME_LONGEST)
		return "is longer than 253 bytes, the limit for a unit name with a drop-in";
	if (root && prefix > ROOT_NAME_LONGEST)
		return "is too long for confinement-root@NAME.service, where NAME may have 230 "
		       "bytes";
	return NULL;
}

static bool check_given(const struct setting set[N_INPUTS], enum input_kind kind, const char *what)
{
	return set[kind].value != NULL ||
	       complain_of(inputs[kind].option, "required: ", what, see_help);
}

static bool check_service(const struct setting set[N_INPUTS])
{
	const struct setting *service = &set[SERVICE];
	const char *fault;

	if (!check_given(set, SERVICE, "the name of the unit"))
		return false;
	fault = service_fault(service->value);
	if (fault == NULL)
		fault = use_fault(service->value, set[DROP_IN].value != NULL,
				  set[CONFINEMENT_ROOT].value != NULL);
	return fault == NULL || complain_of(service->origin, "'", service->value, "' ", fault);
}

static bool check_normal(const struct setting *path)
{
	const char *fault = path->value == NULL ? NULL : path_fault(path->value);

	return fault == NULL || complain_of(path->origin, fault, path->value);
}

/* Checks that DIR needs no escaping in a unit. */
static bool check_plain(const struct setting *dir)
{
	if (strspn(dir->value, LETTERS_AND_DIGITS "/._@-") != strlen(dir->value))
		return complain_of(
			dir->origin,
			"contains a character other than letters, digits and /._@-: ", dir->value);
	return check_normal(dir);
}

static bool check(const struct setting set[N_INPUTS])
{
	const struct setting *bin_sh = &set[BIN_SH];

	/* An --exclude that is not normal could not equal a path of the closure. */
	if (!check_service(set) || !check_normal(&set[EXCLUDE]))
		return false;
	if (bin_sh->value != NULL && bin_sh->value[0] != '/')
		return complain_of(bin_sh->origin, "not an absolute path: ", bin_sh->value);
	return (set[CONFINEMENT_ROOT].value == NULL && set[READ_ONLY_STORE].value == NULL) ||
	       check_plain(&set[STORE]);
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
	if (options->set[STORE].value == NULL)
		options->set[STORE] = (struct setting){"/nix/store", "NIX_STORE"};
	if (!choose_closure(options) || !check_given(options->set, OUT, "where to write"))
		return WRONG_USAGE;
	return options->closure == ROOTS || check(options->set) ? -1 : WRONG_USAGE;
}
