/* SPDX-License-Identifier: MIT */
/*
 * The layer: by the rules of tmpfiles.d(5), the lines that are written for a directory of the
 * store make that directory with its redirect, and nothing else. The input is its name.
 */
#include "fuzz.h"

#include "../../src/layer.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Splits the next line of TEXT, in place. It must have no quote, backslash or other character that
 * is special to systemd-tmpfiles. */
static char *next_line(char *text, char *fields[7])
{
	char *newline = strchr(text, '\n');
	size_t n = 0;

	must(newline != NULL);
	*newline = '\0';
	must(strpbrk(text, "\"'\\%\t\r") == NULL && text[0] != '#');
	for (char *field = strtok(text, " "); field != NULL; field = strtok(NULL, " ")) {
		must(n < 7);
		fields[n++] = field;
	}
	must(n > 0 && n == (fields[0][0] == 't' ? 7U : 6U));
	return newline + 1;
}

/* Turns the glob PATTERN, in place, into the only path that it matches. */
static void expand_glob(char *pattern)
{
	char *to = pattern;

	while (*pattern != '\0') {
		if (strncmp(pattern, "[?]", 3) == 0) {
			*to++ = '?';
			pattern += 3;
		} else {
			must(strchr("*?[", *pattern) == NULL);
			*to++ = *pattern++;
		}
	}
	*to = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct layer layer;
	static struct rule rule = {.store = "/store", .real_store = "/usr"};
	struct bind bind = {.renamed = true, .real = "/usr/bin"};
	char destination[PATH_MAX], path[2 * PATH_MAX];
	char *fields[7], *next;
	enum layer_outcome outcome;
	size_t len = strlen("/store/");

	if (size == 0 || size + len >= sizeof(destination))
		return 0;
	memcpy(destination, "/store/", len);
	memcpy(destination + len, data, size);
	destination[len + size] = '\0';
	bind.destination = destination;
	layer.dir = "/dir";
	layer.rule = &rule;
	layer.file.used = 0;
	fuzz_begin(NULL, 0, 1);
	outcome = layer_add(&layer, (struct place){"fuzz", 1}, &bind);
	if (outcome == LAYER_FAILED) {
		must(layer.file.used == 0 && fuzz_complaints() == 1);
		return 0;
	}
	must(outcome == LAYER_SHOWS && fuzz_complaints() == 0);
	must(layer.file.used < sizeof(layer.file.buffer));
	layer.file.buffer[layer.file.used] = '\0';
	(void)snprintf(path, sizeof(path), "/dir/layer%s", destination);
	next = next_line(layer.file.buffer, fields);
	must(strcmp(fields[0], "d") == 0 && strcmp(fields[1], path) == 0);
	next = next_line(next, fields);
	must(*next == '\0' && strcmp(fields[0], "t") == 0);
	expand_glob(fields[1]);
	must(strcmp(fields[1], path) == 0);
	must(strcmp(fields[6], "trusted.overlay.redirect=/bin") == 0);
	return 0;
}
