/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include "io.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool lines_open(struct lines *lines, const char *file)
{
	bool standard_input = strcmp(file, "-") == 0;
	const char *name = standard_input ? "standard input" : file;
	int fd = standard_input ? STDIN_FILENO : open_input(file);

	if (fd < 0)
		return complain_errno(name, errno);
	lines->bytes = (struct bytes){.fd = fd, .name = name};
	lines->place = (struct place){name, 0};
	lines->length = lines->next = lines->end = 0;
	lines->at_end = false;
	return true;
}

/* Moves what is left to the front and reads more behind it. False after a complaint. */
static bool refill(struct lines *lines)
{
	size_t left = lines->end - lines->next;
	ssize_t n;

	memmove(lines->buffer, lines->buffer + lines->next, left);
	lines->next = 0;
	lines->end = left;
	/* One byte stays free for the NUL after a last line without a newline. */
	n = bytes_read(&lines->bytes, lines->buffer + left, sizeof(lines->buffer) - 1 - left);
	if (n < 0)
		return false;
	lines->end += (size_t)n;
	lines->at_end = n == 0;
	return true;
}

/* Where the next line ends: at its newline, at the end of the input, or NULL: not read
 * yet. */
static char *line_end(struct lines *lines)
{
	char *first = lines->buffer + lines->next;
	char *newline = memchr(first, '\n', lines->end - lines->next);

	if (newline == NULL && lines->at_end)
		return lines->buffer + lines->end;
	return newline;
}

int lines_next(struct lines *lines, const char **line)
{
	char *first, *last;

	lines->place.line++;
	while ((last = line_end(lines)) == NULL) {
		if (lines->end - lines->next >= PATH_MAX)
			break;
		if (!refill(lines))
			return -1;
	}
	first = lines->buffer + lines->next;
	if (last == NULL || last - first >= PATH_MAX) {
		complain(lines->place, "longer than the 4095 bytes of the longest path");
		return -1;
	}
	if (last == lines->buffer + lines->end) {
		if (last == first)
			return 0;
		lines->next = lines->end;
	} else {
		lines->next = (size_t)(last - lines->buffer) + 1;
	}
	*last = '\0';
	lines->length = (size_t)(last - first);
	if (strlen(first) != lines->length) {
		complain(lines->place, "has a NUL byte");
		return -1;
	}
	*line = first;
	return 1;
}

void lines_close(struct lines *lines)
{
	bytes_end(&lines->bytes);
	/* Nothing was written, so nothing is lost if this fails. */
	if (lines->bytes.fd != STDIN_FILENO)
		close(lines->bytes.fd);
}
