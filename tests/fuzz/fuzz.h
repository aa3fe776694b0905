/* SPDX-License-Identifier: MIT */
/*
 * Functions that the fuzz targets share. The input comes from memory: io.c replaces src/io.c,
 * returns the input in pieces, and counts the complaints.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "../../src/input.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* If the property does not hold, the run ends, and libFuzzer keeps the input. */
static inline void must(bool property)
{
	if (!property)
		abort();
}

/* Sets the input, of which one read returns at most PIECE bytes (not 0), and forgets complaints. */
void fuzz_begin(const uint8_t *data, size_t size, size_t piece);

/* Returns the number of complaints since fuzz_begin(). */
unsigned fuzz_complaints(void);

#endif
