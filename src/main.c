/* SPDX-License-Identifier: MIT */
/*
 * chroot-paths: reads the closure of a service and writes a systemd unit that binds it.
 *
 *   options   the command line and the environment
 *   input     the lines of a file, decompressed
 *   closure   the store paths in them
 *   rule      the bind that a store path asks for
 *   unit      the lines of the unit
 *     escape    a path, so that systemd reads it back unchanged
 *   publish   the files, which appear complete or not at all
 *
 * With --roots it writes no unit, but publishes a copy of a file.
 */
#include "closure.h"
#include "complain.h"
#include "io.h"
#include "options.h"
#include "publish.h"
#include "rule.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Opens the standard streams that are closed. Otherwise a file could get descriptor 2, and the
 * complaints would go into it. The stand-in can be neither read nor written.
 */
static bool hold_standard_streams(void)
{
	static const char *const names[] = {"standard input", "standard output", "standard error"};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH) != fd)
			return complain_errno(names[fd], errno);
	}
	return true;
}

static bool add_bin_sh(struct unit *unit, const struct rule *rule, const struct setting *bin_sh)
{
	struct bind bind;

	return bin_sh->value == NULL || (rule_bin_sh(rule, &bind, bin_sh->origin, bin_sh->value) &&
					 unit_bind(unit, (struct place){bin_sh->origin, 0}, &bind));
}

static bool add_closure(struct unit *unit, const struct rule *rule, struct closure *closure)
{
	const char *path;
	struct place place;
	int found;

	while ((found = closure_next(closure, &path, &place)) == 1) {
		struct bind bind;
		int bound = rule_store_path(rule, &bind, place, path);

		if (bound < 0 || (bound == 1 && !unit_bind(unit, place, &bind)))
			return false;
	}
	return found == 0;
}

static bool write_unit(const struct setting set[N_INPUTS], const struct rule *rule,
		       struct closure *closure)
{
	struct unit unit;

	if (!unit_begin(&unit, set, rule))
		return false;
	if (add_bin_sh(&unit, rule, &set[BIN_SH]) && add_closure(&unit, rule, closure) &&
	    unit_finish(&unit))
		return true;
	unit_abandon(&unit);
	return false;
}

static bool copy(struct publication *to, int fd, const char *file)
{
	char buffer[64 * 1024];
	ssize_t n;

	while ((n = read_some(fd, buffer, sizeof(buffer))) > 0) {
		if (!publish_add(to, buffer, (size_t)n))
			return false;
	}
	return n == 0 || complain_errno(file, errno);
}

/* Copies FILE to OUT. Nix finds the store paths in OUT and makes them its references. */
static bool write_roots(const char *file, const char *out)
{
	struct publication roots;
	struct stat status;
	int fd = open_file(file, O_RDONLY | O_NOCTTY);
	bool written;

	if (fd < 0)
		return complain_errno(file, errno);
	/* A name such as /dev/stdout is easily given here and must not be replaced. */
	if (lstat(out, &status) == 0 && !S_ISREG(status.st_mode)) {
		written = complain_of(out, "exists and is not a regular file");
	} else {
		written = publish_begin(&roots, (const char *[]){out, NULL}) &&
			  copy(&roots, fd, file) && publish_finish(&roots);
		if (!written)
			publish_abandon(&roots);
	}
	close(fd);
	return written;
}

static bool run(const struct options *options)
{
	const struct setting *set = options->set;
	struct closure closure;
	struct rule rule;
	bool written;

	if (options->closure == ROOTS)
		return write_roots(set[ROOTS].value, set[OUT].value);
	if (!closure_open(&closure, options->closure, &set[options->closure]))
		return false;
	rule_begin(&rule, set[EXCLUDE].value, set[STORE].value, set[BUILD_TOP].value != NULL);
	written = write_unit(set, &rule, &closure);
	rule_end(&rule);
	closure_close(&closure);
	return written;
}

int main(int argc, char *argv[])
{
	struct options options;
	int status;

	if (!hold_standard_streams())
		return 1;
	/* A closed pipe or a limit on the size of files makes a call fail instead of killing the
	 * program, which complains and cleans up. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	status = options_read(&options, argc, argv);
	if (status >= 0)
		return status;
	return run(&options) ? 0 : 1;
}
