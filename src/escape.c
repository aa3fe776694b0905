/* SPDX-License-Identifier: MIT */
#include "escape.h"

#include <ctype.h>
#include <stddef.h>

/*
 * The length of the UTF-8 character at the start of TEXT, or 0 if systemd does not accept it: its
 * utf8_is_valid() also refuses surrogates and Unicode's noncharacters.
 */
static size_t utf8_length(const unsigned char *text)
{
	static const uint32_t smallest[] = {[2] = 0x80, [3] = 0x800, [4] = 0x10000};
	uint32_t character;
	size_t len = 0;

	if (text[0] < 0x80)
		return 1;
	/* The first byte begins with as many ones as there are bytes. */
	while ((text[0] << len & 0x80) != 0)
		len++;
	if (len < 2 || len > 4)
		return 0;
	character = text[0] & (0x7fU >> len);
	/* The NUL at the end of TEXT is not a continuation byte, so this stops there. */
	for (size_t i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (text[i] & 0x3fU);
	}
	if (character < smallest[len] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff) ||
	    (character >= 0xfdd0 && character <= 0xfdef) || (character & 0xfffe) == 0xfffe)
		return 0;
	return len;
}

char *escape_path(char escaped[ESCAPED_LARGEST], struct place place, const char *path)
{
	/* systemd 262 splits at an escaped space, so a path with a space becomes a quoted word. */
	const char *quote = strchr(path, ' ') == NULL ? "" : "\"";

	escaped = stpcpy(escaped, quote);
	for (const char *next = path; *next != '\0';) {
		unsigned char first = (unsigned char)*next;
		size_t len;

		/* Most bytes: this saves a quarter of the instructions of a run. */
		if (isalpha(first) || isdigit(first) || first == '/' || first == '-') {
			*escaped++ = *next++;
			continue;
		}
		len = utf8_length((const unsigned char *)next);
		if (len == 0)
			die_at(place, "not UTF-8, so systemd would ignore the line: ", path);
		if (first < ' ' || first == 0x7f)
			die_at(place,
			       "has a control character, which a unit file cannot hold: ", path);
		if (first == '"' || first == '\'')
			die_at(place,
			       "has a quote, with which systemd does not start a service: ", path);
		if (first == '%')
			*escaped++ = '%';
		if (first == '\\' || first == ':')
			*escaped++ = '\\';
		for (; len > 0; len--)
			*escaped++ = *next++;
	}
	return stpcpy(escaped, quote);
}
