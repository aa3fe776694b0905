/* SPDX-License-Identifier: MIT */
#include "escape.h"

#include <stdbool.h>

/* Whether CHARACTER is written unchanged. Most are a to z, 0 to 9, or one of "-./". */
static bool is_plain(char character)
{
	if ((character >= 'a' && character <= 'z') || (character >= '-' && character <= '9'))
		return true;
	return character >= ' ' && character < 0x7f && character != '"' && character != '%' &&
	       character != '\'' && character != ':' && character != '\\';
}

/*
 * The length of the UTF-8 character at the start of TEXT, or 0 if systemd does not accept it: its
 * utf8_is_valid() also refuses surrogates and Unicode's noncharacters.
 */
static size_t utf8_length(const unsigned char *text)
{
	static const struct {
		uint32_t mask, lead, smallest;
	} forms[] = {{0x80, 0, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	uint32_t character;
	size_t len = 1;

	while ((text[0] & forms[len - 1].mask) != forms[len - 1].lead) {
		if (++len > 4)
			return 0;
	}
	character = text[0] & ~forms[len - 1].mask;
	/* The NUL at the end of TEXT is not a continuation byte, so this stops there. */
	for (size_t i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (text[i] & 0x3fU);
	}
	if (character < forms[len - 1].smallest || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff) ||
	    (character >= 0xfdd0 && character <= 0xfdef) || (character & 0xfffe) == 0xfffe)
		return 0;
	return len;
}

/* Dies if systemd would not read back the character of LEN bytes at TEXT, however it is escaped. */
static void check_character(struct place place, const char *path, const char *text, size_t len)
{
	if (len == 0)
		die_at(place, "not UTF-8, so systemd would ignore the line: ", path);
	if ((unsigned char)*text < ' ' || *text == 0x7f)
		die_at(place, "has a control character, which a unit file cannot hold: ", path);
	if (*text == '"' || *text == '\'')
		die_at(place, "has a quote, with which systemd does not start a service: ", path);
}

char *escape_path(char escaped[ESCAPED_LARGEST], struct place place, const char *path)
{
	/* systemd 262 splits at an escaped space, so a path with a space becomes a quoted word. */
	bool quoted = strchr(path, ' ') != NULL;
	const char *next = path;

	if (quoted)
		*escaped++ = '"';
	while (*next != '\0') {
		size_t len = 0;

		while (is_plain(next[len]))
			len++;
		if (len == 0) {
			len = utf8_length((const unsigned char *)next);
			check_character(place, path, next, len);
			if (*next == '%')
				*escaped++ = '%';
			else if (*next == '\\' || *next == ':')
				*escaped++ = '\\';
		}
		escaped = mempcpy(escaped, next, len);
		next += len;
	}
	return stpcpy(escaped, quoted ? "\"" : "");
}
