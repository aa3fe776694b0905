/* SPDX-License-Identifier: MIT */
/*
 * The references graph: the paths are the first lines of the records, and a graph that is
 * accepted ends with a complete record. The first byte is as in list.c.
 */
#include "fuzz.h"

#include "../../src/closure.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct text {
	const uint8_t *next;
	size_t left;
};

/* Returns the next line, which must exist, as a string that the caller frees. */
static char *take_line(struct text *text)
{
	const uint8_t *newline;
	size_t len;
	char *line;

	must(text->left > 0);
	newline = memchr(text->next, '\n', text->left);
	len = newline != NULL ? (size_t)(newline - text->next) : text->left;
	line = strndup((const char *)text->next, len);
	must(line != NULL && strlen(line) == len);
	if (newline != NULL)
		len++;
	text->next += len;
	text->left -= len;
	return line;
}

/* Skips the rest of a record that the program accepted. */
static void take_rest(struct text *text)
{
	unsigned long long count;
	char *line;

	free(take_line(text));
	line = take_line(text);
	must(line[0] != '\0' && strspn(line, "0123456789") == strlen(line));
	count = strtoull(line, NULL, 10);
	free(line);
	for (; count > 0; count--) {
		line = take_line(text);
		must(line[0] == '/');
		free(line);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct closure closure;
	struct text text;
	bool first = true;
	const char *path;

	if (size < 1 || setjmp(fuzz_death) != 0)
		return 0;
	text = (struct text){data + 1, size - 1};
	fuzz_begin(text.next, text.left, fuzz_piece(data[0]));
	closure.graph = true;
	closure.begun = false;
	/* Without zstd, the program dies of compressed input. */
	input_open(&closure.input, "-");
	while ((path = closure_next(&closure)) != NULL) {
		if (!first)
			take_rest(&text);
		first = false;
		char *line = take_line(&text);
		must(path[0] == '/' && strcmp(path, line) == 0);
		free(line);
	}
	if (!first)
		take_rest(&text);
	must(text.left == 0 && fuzz_messages() == 0);
	return 0;
}
