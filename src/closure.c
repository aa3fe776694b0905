/* SPDX-License-Identifier: MIT */
#include "closure.h"

#include "path.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Finds the list in the directory DIR; stays with the first name where there is neither. */
static bool find_store_paths(char file[PATH_MAX], const struct setting *dir)
{
	static const char list[] = "/store-paths", compressed[] = ".zst";
	size_t len = strlen(dir->value);

	if (len + sizeof(list) + sizeof(compressed) > PATH_MAX)
		return complain_errno(dir->origin, ENAMETOOLONG);
	memcpy(file, dir->value, len);
	memcpy(file + len, list, sizeof(list));
	if (access(file, F_OK) < 0 && errno == ENOENT) {
		memcpy(file + len + sizeof(list) - 1, compressed, sizeof(compressed));
		if (access(file, F_OK) < 0 && errno == ENOENT)
			return complain_of(dir->origin, "no store-paths and no store-paths.zst in ",
					   dir->value);
	}
	return true;
}

bool closure_open(struct closure *closure, enum input_kind kind, const struct setting *setting)
{
	const char *file = setting->value;

	closure->graph = kind == REFERENCES_GRAPH;
	if (kind == CLOSURE_INFO) {
		if (!find_store_paths(closure->file, setting))
			return false;
		file = closure->file;
	}
	return input_open(&closure->input, file);
}

/* What keeps PATH, of LEN bytes, from being a store path, or NULL. */
static const char *fault(const char *path, size_t len)
{
	if (len == 0)
		return "empty line, where a path should be";
	if (path[len - 1] == '\r')
		return "ends in a carriage return, where a newline alone should end a line: ";
	if (path[0] != '/')
		return "not an absolute path: ";
	/* systemd ignores a bind of a path with ".."; "/" would bring in the whole host. */
	if (!path_is_normal(path))
		return PATH_NOT_NORMAL;
	return NULL;
}

/* As input_line(), where a references graph cannot end. */
static int line_within(struct input *input, const char **line)
{
	int found = input_line(input, line);

	if (found != 0)
		return found;
	complain(input->place, "the references graph is cut off here");
	return -1;
}

/* Nix counts in decimal digits, nothing else. */
static bool parse_count(const char *digits, uintmax_t *count)
{
	*count = 0;
	for (const char *digit = digits; *digit != '\0'; digit++) {
		unsigned value = (unsigned)(*digit - '0');

		if (value > 9 || *count > (UINTMAX_MAX - value) / 10)
			return false;
		*count = *count * 10 + value;
	}
	return digits[0] != '\0';
}

/* Reads over what follows a record's path: the deriver, the count, the references. */
static bool finish_record(struct input *input)
{
	const char *line;
	uintmax_t count;

	if (line_within(input, &line) < 0)
		return false;
	if (line[0] != '\0' && line[0] != '/')
		return complain(input->place, "not a deriver, so not a references graph: ", line);
	if (line_within(input, &line) < 0)
		return false;
	if (!parse_count(line, &count))
		return complain(input->place,
				"not the number of references, so not a references graph: ", line);
	for (; count > 0; count--) {
		const char *why;

		if (line_within(input, &line) < 0)
			return false;
		why = fault(line, input->length);
		if (why != NULL)
			return complain(input->place, why, line);
	}
	return true;
}

int closure_next(struct closure *closure, const char **path, struct place *place)
{
	struct input *input = &closure->input;
	const char *why;
	int found;

	/* The path of a record must outlive this function, so the rest of it is read late. */
	if (closure->graph && input->place.line > 0 && !finish_record(input))
		return -1;
	found = input_line(input, path);
	*place = input->place;
	why = found == 1 ? fault(*path, input->length) : NULL;
	if (why == NULL)
		return found;
	complain(*place, why, *path);
	return -1;
}

void closure_close(struct closure *closure)
{
	input_close(&closure->input);
}
