/* SPDX-License-Identifier: MIT */
/*
 * The unit of --unit: any text is judged, or the program dies. The first byte is as in closure.c.
 */
#include "fuzz.h"

#include "../../src/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct store store = {.path = "/nix/store", .real = "/nix/store", .fd = -1};

	if (size < 1 || setjmp(fuzz_death) != 0)
		return 0;
	fuzz_begin(data + 1, size - 1, fuzz_piece(data[0]));
	programs_judge(&(struct setting){"-", "--unit"}, &store, (struct place){"fuzz", 0}, NULL);
	programs_bound("/nix/store/bound");
	programs_finish();
	must(fuzz_messages() == 0);
	return 0;
}
