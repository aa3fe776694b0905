/* SPDX-License-Identifier: MIT */
#include "closure.h"

#include "path.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* Writes the name of the list in the directory DIR to FILE. False after a complaint. */
static bool find_store_paths(char file[PATH_MAX], const struct setting *dir)
{
	char *end;

	if (strlen(dir->value) + sizeof("/store-paths.zst") > PATH_MAX)
		return complain_errno(dir->origin, ENAMETOOLONG);
	end = stpcpy(stpcpy(file, dir->value), "/store-paths");
	if (access(file, F_OK) == 0 || errno != ENOENT)
		return true;
	(void)stpcpy(end, ".zst");
	return access(file, F_OK) == 0 || errno != ENOENT ||
	       complain_of(dir->origin, "neither store-paths nor store-paths.zst in ", dir->value);
}

bool closure_open(struct closure *closure, enum input_kind kind, const struct setting *setting)
{
	closure->graph = kind == REFERENCES_GRAPH;
	if (kind != CLOSURE_INFO)
		return input_open(&closure->input, setting->value);
	return find_store_paths(closure->file, setting) &&
	       input_open(&closure->input, closure->file);
}

/* Why the line PATH is not a store path, or NULL. */
static const char *line_fault(const char *path)
{
	/* An empty BindReadOnlyPaths= would reset the list. */
	if (path[0] == '\0')
		return "empty line instead of a path";
	if (path[strlen(path) - 1] == '\r')
		return "ends in a carriage return; only a newline may end a line: ";
	return path_fault(path);
}

/* Reads a line of a record, which must not be the end of the file. False after a complaint. */
static bool record_line(struct input *input, const char **line)
{
	int found = input_line(input, line);

	return found == 1 ||
	       (found == 0 && complain(input->place, "the references graph is cut off here"));
}

/* Skips the rest of a record after its path: the deriver, the count, the references. */
static bool skip_record(struct input *input)
{
	const char *line;
	uintmax_t count;

	if (!record_line(input, &line))
		return false;
	if (line[0] != '\0' && line[0] != '/')
		return complain(input->place, "not a deriver, so not a references graph: ", line);
	if (!record_line(input, &line))
		return false;
	errno = 0;
	count = strtoumax(line, NULL, 10);
	if (line[0] == '\0' || line[strspn(line, "0123456789")] != '\0' || errno != 0)
		return complain(input->place,
				"not the number of references, so not a references graph: ", line);
	for (; count > 0; count--) {
		const char *fault;

		if (!record_line(input, &line))
			return false;
		fault = line_fault(line);
		if (fault != NULL)
			return complain(input->place, fault, line);
	}
	return true;
}

int closure_next(struct closure *closure, const char **path, struct place *place)
{
	struct input *input = &closure->input;
	const char *fault;
	int found;

	/* The caller still needs the path of a record, so the rest is read at the next call. */
	if (closure->graph && input->place.line > 0 && !skip_record(input))
		return -1;
	found = input_line(input, path);
	*place = input->place;
	fault = found == 1 ? line_fault(*path) : NULL;
	if (fault == NULL)
		return found;
	complain(*place, fault, *path);
	return -1;
}

void closure_close(struct closure *closure)
{
	input_close(&closure->input);
}
