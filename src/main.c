/* SPDX-License-Identifier: MIT */
/*
 * chroot-paths: the closure of a service in, a systemd unit full of binds out.
 *
 *   options   what is asked for
 *   input     the lines of a file, decompressed
 *   closure   the store paths in them
 *   rule      what of a store path is bound where
 *   layer     with --store-mount: what one mount shows instead, and the text it is made from
 *   root      with --root: the settings of the root directory
 *   escape    a path as systemd reads it back
 *   unit      the lines of the unit
 *   publish   the files, complete under their names or not at all
 *
 * With --roots there is no unit: roots copies a file.
 */
#include "closure.h"
#include "complain.h"
#include "layer.h"
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
 * A file opened while descriptor 2 is closed would become standard error, and the complaints its
 * content. What stands in here can be neither read nor written.
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

static bool begin_unit(struct unit *unit, const struct rule *rule, const struct setting *set)
{
	const char *root = set[CONFINEMENT_ROOT].value, *mode = set[CONFINEMENT_MODE].value;
	struct root_settings settings = {0};

	if (root != NULL)
		settings = root_settings(strcmp(root, "read-only") == 0,
					 mode == NULL || strcmp(mode, "full-apivfs") == 0,
					 set[STORE].value);
	if (set[HIDE_TMP].value != NULL)
		root_hide_tmp(&settings);
	return unit_begin(unit, set[OUT].value, set[SERVICE].value, set[DROP_IN].value != NULL,
			  &settings, set[STORE_MOUNT].value, rule);
}

static bool add_bin_sh(struct unit *unit, const struct rule *rule, const struct setting *bin_sh)
{
	struct bind bind;

	return bin_sh->value == NULL || (rule_bin_sh(rule, &bind, bin_sh->origin, bin_sh->value) &&
					 unit_bind(unit, (struct place){bin_sh->origin, 0}, &bind));
}

/* Adds BIND, from PLACE, to the LAYER, if there is one, or to the unit. */
static bool add_bind(struct unit *unit, struct layer *layer, struct place place,
		     const struct bind *bind)
{
	switch (layer == NULL ? LAYER_BINDS : layer_add(layer, place, bind)) {
	case LAYER_SHOWS:
		return unit_expect(unit, bind);
	case LAYER_BINDS:
		return unit_bind(unit, place, bind);
	case LAYER_FAILED:
		break;
	}
	return false;
}

static bool add_closure(struct unit *unit, struct layer *layer, const struct rule *rule,
			struct closure *closure)
{
	const char *path;
	struct place place;
	int found;

	while ((found = closure_next(closure, &path, &place)) == 1) {
		struct bind bind;
		int bound = rule_store_path(rule, &bind, place, path);

		if (bound < 0 || (bound == 1 && !add_bind(unit, layer, place, &bind)))
			return false;
	}
	return found == 0;
}

/* Writes the unit alone, its lines from SET and CLOSURE. */
static bool write_unit(const struct setting *set, const struct rule *rule, struct closure *closure)
{
	struct unit unit;

	if (!begin_unit(&unit, rule, set))
		return false;
	if (add_bin_sh(&unit, rule, &set[BIN_SH]) && add_closure(&unit, NULL, rule, closure))
		return publish_finish((struct publication *const[]){&unit.file}, 1);
	publish_abandon(&unit.file);
	return false;
}

static bool add_mark(struct unit *unit, struct layer *layer)
{
	char mark[LAYER_MARK_SIZE];

	layer_mark(layer, mark);
	return unit_expect_mark(unit, mark) && layer_end(layer);
}

/* Writes the unit and the layer: the layer gets its name first, since the unit needs it. */
static bool write_unit_and_layer(const struct setting *set, const struct rule *rule,
				 struct closure *closure)
{
	struct layer layer;
	struct unit unit;

	if (!layer_begin(&layer, set[OUT].value, set[STORE_MOUNT].value, rule))
		return false;
	if (begin_unit(&unit, rule, set)) {
		if (add_bin_sh(&unit, rule, &set[BIN_SH]) &&
		    add_closure(&unit, &layer, rule, closure) && add_mark(&unit, &layer))
			return publish_finish(
				(struct publication *const[]){&layer.file, &unit.file}, 2);
		publish_abandon(&unit.file);
	}
	publish_abandon(&layer.file);
	return false;
}

static bool run(const struct options *options)
{
	const struct setting *set = options->set;
	struct closure closure;
	struct rule rule;
	bool written;

	if (options->closure == ROOTS)
		return roots_write(set[ROOTS].value, set[OUT].value);
	if (!closure_open(&closure, options->closure, &set[options->closure]))
		return false;
	rule_begin(&rule, set[EXCLUDE].value, set[STORE].value, set[BUILD_TOP].value);
	written = (set[STORE_MOUNT].value == NULL ? write_unit : write_unit_and_layer)(set, &rule,
										       &closure);
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
	/* Neither a reader of the complaints who is gone nor a limit on the size of files must keep
	 * us from complaining and cleaning up. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	status = options_read(&options, argc, argv);
	if (status >= 0)
		return status;
	return run(&options) ? 0 : 1;
}
