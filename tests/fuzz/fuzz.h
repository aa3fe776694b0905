/* SPDX-License-Identifier: MIT */
/*
 * Functions that the fuzz targets share. The input comes from memory: io.c replaces read(2),
 * write(2), and returns the input in pieces. The program dies by a longjmp(3) instead of exit(3).
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <limits.h>
#include <setjmp.h>
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

/* To be set before the program is called: it returns again if the program dies, after a message. */
extern jmp_buf fuzz_death;

/* Sets the input, of which one read returns at most PIECE bytes (not 0), and forgets the rest. */
void fuzz_begin(const uint8_t *data, size_t size, size_t piece);

/* The piece that the first byte of an input of a target stands for. */
static inline size_t fuzz_piece(uint8_t byte)
{
	/* With 255, every read returns as much as it asks for. */
	return byte == 255 ? SIZE_MAX : byte + 1U;
}

/* Returns the number of messages since fuzz_begin(). */
unsigned fuzz_messages(void);

#endif
