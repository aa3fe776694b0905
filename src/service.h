/* SPDX-License-Identifier: MIT */
/*
 * The settings that decide what the commands of a service find, from a unit in systemd.syntax(7).
 */
#pragma once

#include "die.h"
#include "options.h"

#include <stddef.h>

/* What separates words. */
#define BLANKS " \t"

enum { UNIT_LARGEST = 1024 * 1024, SETTINGS_MOST = 4096 };

struct service_setting {
	const struct key {
		const char *name;
		enum {
			COMMAND,
			WORKING_DIRECTORY,
			SEARCH_PATH,
			BINDS,
			IMAGES,
			DIRECTORIES,
			ROOT_OF_ITS_OWN
		} kind;
		const char *parent; /* of DIRECTORIES */
	} * key;
	struct place place;
	char *value; /* may be changed; "" if a later line has undone the setting */
};

struct service {
	size_t n;
	struct service_setting settings[SETTINGS_MOST];
	char text[UNIT_LARGEST + 1];
};

/*
 * Reads FILE, which is one unit or the output of "systemctl cat"; "-" is standard input. FILE is
 * not copied. Leaves out the drop-in confinement.conf, which this program writes. Dies if FILE
 * cannot be read or is larger than UNIT_LARGEST or SETTINGS_MOST.
 */
void service_read(struct service *service, const struct setting *file);

/*
 * Takes the next word from *NEXT, in place. Removes its quotes, but expands no escape sequence: a
 * word that has a backslash is not what systemd reads. Returns NULL at the end, or if a quote is
 * not closed.
 */
char *service_word(char **next);
