/* SPDX-License-Identifier: MIT */
#include "die.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* Room for a name and two paths of PATH_MAX (4096) bytes, each byte as \xNN, and a sentence. */
enum { LONGEST = 50 * 1024 };

struct text {
	size_t len;
	char bytes[LONGEST];
};

static void add(struct text *text, const char *string)
{
	const char *end = string + strnlen(string, PATH_MAX);

	/* Always leaves room for one escape and the newline. */
	for (; string < end && text->len < LONGEST - 5; string++) {
		unsigned char byte = (unsigned char)*string;

		if (byte >= ' ' && byte <= '~') {
			text->bytes[text->len++] = *string;
			continue;
		}
		text->bytes[text->len++] = '\\';
		text->bytes[text->len++] = 'x';
		text->bytes[text->len++] = "0123456789abcdef"[byte >> 4];
		text->bytes[text->len++] = "0123456789abcdef"[byte & 15];
	}
}

static void add_number(struct text *text, uintmax_t number)
{
	char digits[3 * sizeof(number) + 1];
	char *first = &digits[sizeof(digits) - 1];

	*first = '\0';
	do
		*--first = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	add(text, first);
}

void die_joined(int status, struct place place, const char *const strings[])
{
	struct text text = {.len = 0};

	add(&text, "chroot-paths: ");
	add(&text, place.name);
	if (place.line > 0) {
		add(&text, ":");
		add_number(&text, place.line);
	}
	add(&text, ": ");
	for (; *strings != NULL; strings++)
		add(&text, *strings);
	text.bytes[text.len++] = '\n';
	/* There is nowhere else to say that this fails. */
	(void)!write(STDERR_FILENO, text.bytes, text.len);
	exit(status);
}
