/* SPDX-License-Identifier: MIT */
/*
 * Escaping: by systemd's rules, the line that is written for a bind is read back as that bind.
 * The input is the source and, if the destination differs, a NUL and the destination.
 */
#include "fuzz.h"

#include "../../src/unit.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* string-util.h */
static const char white_space[] = " \t\n\r";

/* specifier_printf(), in place. Our units use only the specifier "%%". */
static void expand_specifiers(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		if (*text == '%') {
			text++;
			must(*text == '%');
		}
		*to++ = *text;
	}
	*to = '\0';
}

/*
 * extract_first_word() of extract-word.c with ":" and white space as SEPARATORS and the
 * flags EXTRACT_UNQUOTE and EXTRACT_DONT_COALESCE_SEPARATORS, in place. Returns the
 * separator that ended the word, 0 at the end of the line.
 */
static char extract_word(char **next, char **word, const char *separators)
{
	char *from = *next;
	char *to = from;
	char quote = 0;
	char ended_by = 0;

	*word = from;
	for (; *from != '\0'; from++) {
		if (*from == '\\') {
			from++;
			must(*from != '\0');
			*to++ = *from;
		} else if (quote != 0) {
			if (*from == quote)
				quote = 0;
			else
				*to++ = *from;
		} else if (*from == '"' || *from == '\'') {
			quote = *from;
		} else if (strchr(separators, *from) != NULL) {
			ended_by = *from++;
			break;
		} else {
			*to++ = *from;
		}
	}
	must(quote == 0);
	*next = from;
	*to = '\0';
	return ended_by;
}

/* config_parse() and parse_line() of conf-parser.c: the value of the one line TEXT. */
static char *value_of(char *text)
{
	static const char key[] = "BindReadOnlyPaths=";
	size_t len = strlen(text);
	bool escaped = false;

	must(len > 0 && text[len - 1] == '\n');
	text[--len] = '\0';
	must(strchr(text, '\n') == NULL);
	/* A backslash at the end would continue the line. */
	for (const char *at = text; *at != '\0'; at++)
		escaped = !escaped && *at == '\\';
	must(!escaped);
	while (len > 0 && strchr(white_space, text[len - 1]) != NULL)
		text[--len] = '\0';
	must(strncmp(text, key, strlen(key)) == 0);
	text += strlen(key);
	return text + strspn(text, white_space);
}

/* config_parse_bind_paths() of load-fragment.c. */
static void expect_line(char *line, const char *source, const char *destination)
{
	char *next = value_of(line);
	char *word;
	char ended_by = extract_word(&next, &word, ": \t\n\r");

	expand_specifiers(word);
	must(strcmp(word, source) == 0);
	if (ended_by == ':') {
		ended_by = extract_word(&next, &word, ": \t\n\r");
		expand_specifiers(word);
	}
	must(ended_by == '\0');
	must(strcmp(word, destination) == 0);
	must(*next == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char both[2 * PATH_MAX];
	struct bind bind = {.in_view = false};
	size_t len = strnlen((const char *)data, size);

	if (len == 0 || len >= PATH_MAX || size - len > PATH_MAX)
		return 0;
	memcpy(both, data, size);
	both[size] = '\0';
	bind.source = len < size ? both : NULL;
	bind.destination = bind.source == NULL ? both : both + len + 1;
	if (bind.destination[0] == '\0')
		return 0;
	fuzz_begin(NULL, 0, 1);
	if (setjmp(fuzz_death) != 0) {
		must(fuzz_published()[0] == '\0');
		return 0;
	}
	unit_bind((struct place){"fuzz", 1}, &bind);
	must(fuzz_messages() == 0);
	expect_line(fuzz_published(), both, bind.destination);
	return 0;
}
