/* SPDX-License-Identifier: MIT */
/*
 * chroot-paths: reads the closure of a service and writes a systemd unit that bind-mounts it.
 *
 *   options   the command line and the environment
 *   input     the lines of a file, decompressed
 *   closure   the store paths in them
 *   bind      what the service gets for a store path
 *   service   the settings of the unit that the binds are for
 *     program whether its commands can start
 *   unit      the lines of the unit
 *     escape  the paths in them, so that systemd reads them back unchanged
 *   publish   the file, which appears complete or not at all
 *
 * With --roots it writes no unit, but publishes a copy of a file. An error ends the program where
 * it is found, see die.h.
 */
#include "bind.h"
#include "closure.h"
#include "options.h"
#include "program.h"
#include "publish.h"
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_unit(const struct options *options)
{
	const struct setting *set = options->set;
	static struct closure closure;
	struct store store;
	struct bind bind;
	const char *path, *shell = NULL;
	struct place shell_place = {set[BIN_SH].origin, 0};

	closure_open(&closure, options->source, &set[options->source]);
	store_open(&store, set);
	unit_begin(set);
	if (set[BIN_SH].value != NULL) {
		bind_bin_sh(&bind, &store, shell_place, set[BIN_SH].value);
		unit_bind(shell_place, &bind);
		shell = bind.resolved;
	}
	if (set[UNIT_FILE].value != NULL)
		programs_judge(&set[UNIT_FILE], &store, shell_place, shell);
	while ((path = closure_next(&closure)) != NULL) {
		if (!bind_store_path(&bind, &store, set[EXCLUDE].value, closure.input.place, path))
			continue;
		unit_bind(closure.input.place, &bind);
		programs_bound(path);
	}
	programs_finish();
	publish_finish();
}

/* Copies FILE to OUT. Nix finds the store paths in OUT and makes them its references. */
static void write_roots(const char *file, const char *out)
{
	char buffer[64 * 1024];
	struct stat status;
	ssize_t n;
	int fd = open(file, O_RDONLY);

	if (fd < 0)
		die_errno(file);
	/* People may try /dev/stdout as OUT, which must not be replaced by a file. */
	if (lstat(out, &status) == 0 && !S_ISREG(status.st_mode))
		die(out, "exists and is not a regular file");
	publish_begin((const char *const[]){out, NULL});
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		publish_add(buffer, (size_t)n);
	if (n < 0)
		die_errno(file);
	publish_finish();
}

int main(int argc, char *argv[])
{
	struct options options;

	/* A closed pipe or a limit on the size of files makes a call fail instead of killing the
	 * program, which cleans up and says why. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	options = options_read(argc, argv);
	if (options.source == ROOTS)
		write_roots(options.set[ROOTS].value, options.set[OUT].value);
	else
		write_unit(&options);
	return 0;
}
