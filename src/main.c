/* SPDX-License-Identifier: MIT */
/*
 * chroot-paths: the closure of a service in, a systemd unit full of binds out.
 */
#include "closure.h"
#include "complain.h"
#include "options.h"
#include "root.h"
#include "roots.h"
#include "rule.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/*
 * A file opened while descriptor 2 is closed would become standard error, and the
 * complaints its content. What stands in here is readable by nobody and writable by
 * nobody.
 */
static bool hold_standard_streams(void)
{
	static const char *const names[] = {"standard input", "standard output", "standard error"};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_RDONLY | O_DIRECTORY) != fd)
			return complain_errno(names[fd], errno);
	}
	return true;
}

static bool add_bin_sh(struct publication *unit, const struct setting *bin_sh,
		       const struct rule *rule, const struct view *view)
{
	struct bind bind;
	struct place place = {bin_sh->origin, 0};

	return bin_sh->value == NULL ||
	       (rule_bin_sh(rule, &bind, bin_sh->origin, bin_sh->value) &&
		view_apply(view, &bind, place) && unit_add(unit, place, &bind));
}

static bool add_closure(struct publication *unit, struct closure *closure, const struct rule *rule,
			const struct view *view)
{
	const char *path;
	int found;

	while ((found = closure_next(closure, &path)) == 1) {
		struct place place = closure->lines.place;
		struct bind bind;

		if (!rule_store_path(rule, &bind, place, path) || !view_apply(view, &bind, place) ||
		    !unit_add(unit, place, &bind))
			return false;
	}
	return found == 0;
}

static bool begin_unit(struct publication *unit, const struct setting *set)
{
	const char *view = set[STORE_VIEW].value;
	const char *mode = set[CONFINEMENT_MODE].value;
	struct root_settings root = {0};
	const char *unit_lines[8] = {NULL}, *service_lines[8] = {NULL};
	size_t n = 0;

	if (set[CONFINEMENT_ROOT].value != NULL)
		root = root_settings(strcmp(set[CONFINEMENT_ROOT].value, "read-only") == 0,
				     mode == NULL || strcmp(mode, "full-apivfs") == 0,
				     set[STORE].value);
	if (root.unit[0] != NULL)
		unit_lines[n++] = root.unit[0];
	if (view != NULL) {
		/* RequiresMountsFor= is also satisfied by a plain directory, which may be writable.
		 */
		unit_lines[n++] = "RequiresMountsFor=";
		unit_lines[n++] = view;
		unit_lines[n++] = "\nAssertPathIsMountPoint=";
		unit_lines[n++] = view;
		unit_lines[n++] = "\nAssertPathIsReadWrite=!";
		unit_lines[n++] = view;
		unit_lines[n++] = "\n";
	}
	for (n = 0; root.service[n] != NULL; n++)
		service_lines[n] = root.service[n];
	if (set[HIDE_TMP].value != NULL)
		service_lines[n] = ROOT_HIDE_TMP;
	return unit_begin(unit, set[OUT].value, set[SERVICE].value, set[DROP_IN].value != NULL,
			  unit_lines, service_lines);
}

static bool write_unit(const struct options *options)
{
	const struct setting *set = options->set;
	struct closure closure;
	struct rule rule;
	struct view view = {.dir = set[STORE_VIEW].value, .rule = &rule};
	struct publication unit;
	bool written = false;

	if (!closure_open(&closure, options))
		return false;
	rule_begin(&rule, set[EXCLUDE].value, set[STORE].value, set[BUILD_TOP].value);
	if (begin_unit(&unit, set)) {
		written = add_bin_sh(&unit, &set[BIN_SH], &rule, &view) &&
			  add_closure(&unit, &closure, &rule, &view);
		if (written)
			written = publish_finish(&unit);
		else
			publish_abandon(&unit);
	}
	rule_end(&rule);
	closure_close(&closure);
	return written;
}

int main(int argc, char *argv[])
{
	struct options options;

	if (!hold_standard_streams())
		return 1;
	/* Neither a reader of the complaints who is gone nor a limit on the size of files
	 * must keep us from complaining and cleaning up. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	switch (options_read(&options, argc, argv)) {
	case STOP_OK:
		return 0;
	case STOP_USAGE:
		return 2;
	case STOP_FAILED:
		return 1;
	case GO_ON:
		break;
	}
	if (options.closure == ROOTS)
		return roots_write(options.set[ROOTS].value, options.set[OUT].value) ? 0 : 1;
	return write_unit(&options) ? 0 : 1;
}
