/* SPDX-License-Identifier: MIT */
/*
 * Step 3, lines: the text in a file, line by line, whatever its length.
 */
#ifndef LINES_H
#define LINES_H

#include "bytes.h"
#include "complain.h"

#include <limits.h>

struct lines {
	struct bytes bytes;
	struct place place; /* of the line that was read last, for complaints; from 1 */
	size_t length;	    /* of that line */
	size_t next, end;   /* what of the buffer is not read yet */
	bool at_end;
	char buffer[64 * 1024];
};

/* Opens FILE, "-" being standard input. FILE stays the caller's. False after a complaint. */
bool lines_open(struct lines *lines, const char *file);

/*
 * Points *LINE at the next line, without its newline, valid until the next call. A last
 * line without a newline counts. Returns 1, 0 at the end, and -1 after a complaint: bytes
 * that cannot be read, a line of PATH_MAX (4096) bytes or more, a NUL byte.
 */
int lines_next(struct lines *lines, const char **line);

/* Closes the file, unless it is standard input, and frees what LINES holds. */
void lines_close(struct lines *lines);

#endif
