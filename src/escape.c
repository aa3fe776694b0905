/* SPDX-License-Identifier: MIT */
#include "escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * The length of the UTF-8 character that TEXT begins with, 0 where systemd sees none: its
 * utf8_is_valid() also refuses surrogates and Unicode's noncharacters.
 */
static size_t utf8_length(const unsigned char *text)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t character;
	size_t len;

	if (text[0] < 0x80)
		return 1;
	if ((text[0] & 0xe0) == 0xc0)
		len = 2;
	else if ((text[0] & 0xf0) == 0xe0)
		len = 3;
	else if ((text[0] & 0xf8) == 0xf0)
		len = 4;
	else
		return 0;
	character = text[0] & (0x7fU >> len);
	/* The NUL at the end of TEXT is not a continuation, so nothing behind it is read. */
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

#define BIT(character) ((uint64_t)1 << ((character)&63))

/* How many of the first characters of TEXT are written as they are and mean themselves. */
static size_t plain_length(const unsigned char *text)
{
	static const uint64_t plain[4] = {
		~(uint64_t)0 << ' ' & ~(BIT('"') | BIT('%') | BIT('\'') | BIT(':')),
		~(BIT('\\') | BIT(0x7f)),
	};
	size_t len = 0;

	while (plain[text[len] >> 6] >> (text[len] & 63) & 1)
		len++;
	return len;
}

/*
 * The length of the character that TEXT begins with, none of the plain ones, and in *ESCAPE what it
 * is written with before it, 0 for nothing. 0, and in *FAULT why, where it cannot be written.
 */
static size_t special_length(const unsigned char *text, char *escape, const char **fault)
{
	size_t len = utf8_length(text);

	*fault = NULL;
	if (len == 0)
		*fault = "not UTF-8, which systemd does not read in a unit";
	else if (*text < ' ' || *text == 0x7f)
		*fault = "has a control character, which no unit can hold";
	else if (*text == '"' || *text == '\'')
		*fault = "has a quote, with which systemd does not start a service";
	*escape = '\0';
	if (*text == '%')
		*escape = '%';
	else if (*text == '\\' || *text == ':')
		*escape = '\\';
	return *fault == NULL ? len : 0;
}

char *escape_path(char escaped[ESCAPED_LARGEST], const char *path, const char **fault)
{
	const unsigned char *next = (const unsigned char *)path;
	/* systemd 262 splits at an escaped space, so a path with one becomes a quoted word. */
	bool quoted = strchr(path, ' ') != NULL;

	if (quoted)
		*escaped++ = '"';
	for (;;) {
		size_t len = plain_length(next);
		char escape;

		if (next + len >= (const unsigned char *)path + PATH_MAX) {
			*fault = "longer than the 4095 bytes of the longest path";
			return NULL;
		}
		memcpy(escaped, next, len);
		escaped += len;
		next += len;
		if (*next == '\0')
			break;
		len = special_length(next, &escape, fault);
		if (len == 0)
			return NULL;
		if (escape != '\0')
			*escaped++ = escape;
		memcpy(escaped, next, len);
		escaped += len;
		next += len;
	}
	if (quoted)
		*escaped++ = '"';
	*escaped = '\0';
	return escaped;
}
