/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share. They take their input from memory: io.c here stands in for
 * src/io.c, hands the input out in pieces, and takes the complaints.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "../../src/input.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* A property that does not hold ends the run, and libFuzzer keeps the input. */
static inline void must(bool property)
{
	if (!property)
		abort();
}

/* What is read from now on, at most PIECE bytes (not 0) at a time. No complaint yet. */
void fuzz_begin(const uint8_t *data, size_t size, size_t piece);

/* How many lines of complaint there were since. */
unsigned fuzz_complaints(void);

#endif
