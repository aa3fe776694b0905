/* SPDX-License-Identifier: MIT */
#include "closure.h"

#include "path.h"

#include <inttypes.h>
#include <unistd.h>

/* Writes the name of the list in DIR to FILE. Dies if there is none; input_open() checks more. */
static void find_store_paths(char file[PATH_MAX], const struct setting *dir)
{
	static const char *const names[] = {"/store-paths", "/store-paths.zst"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!path_join(file, dir->value, names[i]))
			die(dir->origin, strerror(ENAMETOOLONG));
		if (access(file, F_OK) == 0 || errno != ENOENT)
			return;
	}
	die(dir->origin, "neither store-paths nor store-paths.zst in ", dir->value);
}

void closure_open(struct closure *closure, enum setting_kind source, const struct setting *setting)
{
	closure->graph = source == REFERENCES_GRAPH;
	closure->begun = false;
	if (source == CLOSURE_INFO)
		find_store_paths(closure->file, setting);
	input_open(&closure->input, source == CLOSURE_INFO ? closure->file : setting->value);
}

/* Dies unless the line PATH is a normal path. */
static void check_path(struct place place, const char *path)
{
	/* An empty BindReadOnlyPaths= would reset the list. */
	if (path[0] == '\0')
		die_at(place, "empty line instead of a path");
	if (!path_is_normal(path))
		die_at(place, NOT_NORMAL, path);
}

/* Returns a line of a record, which must not be the end of the file. */
static const char *record_line(struct input *input)
{
	const char *line = input_line(input);

	if (line == NULL)
		die_at(input->place, "the references graph is cut off here");
	return line;
}

/* Skips the rest of a record after its path: the deriver, the count, the references. */
static void skip_record(struct input *input)
{
	const char *line = record_line(input);
	uintmax_t count;

	if (line[0] != '\0' && line[0] != '/')
		die_at(input->place, "not a deriver, so not a references graph: ", line);
	line = record_line(input);
	errno = 0;
	count = strtoumax(line, NULL, 10);
	if (line[0] == '\0' || line[strspn(line, "0123456789")] != '\0' || errno != 0)
		die_at(input->place,
		       "not the number of references, so not a references graph: ", line);
	for (; count > 0; count--) {
		line = record_line(input);
		check_path(input->place, line);
	}
}

const char *closure_next(struct closure *closure)
{
	const char *path;

	/* The caller still needed the path of the last record, so the rest is read only now. */
	if (closure->graph && closure->begun)
		skip_record(&closure->input);
	path = input_line(&closure->input);
	if (path != NULL)
		check_path(closure->input.place, path);
	else if (!closure->begun && closure->input.fd == STDIN_FILENO)
		die(closure->input.place.name, "empty, so the command that should list the closure "
					       "has probably failed");
	closure->begun = true;
	return path;
}
