#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The fuzz targets pass on the corpus and on some new inputs, the same in each run. "make fuzz" continues
# from there.

load helpers

setup() {
  skip_if_sanitized
  echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' >"$BATS_TEST_TMPDIR/try.c"
  clang -fsanitize=fuzzer,address -o "$BATS_TEST_TMPDIR/try" "$BATS_TEST_TMPDIR/try.c" || unmet 'no clang with libFuzzer here'
}

@test 'no input breaks a property of the closure, the unit or its programs' {
  make -s --no-print-directory -C "$ROOT" fuzz LIMIT='-runs=5000 -seed=1' BUILD="$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/said" 2>&1 ||
    { tail -n 60 "$BATS_TEST_TMPDIR/said"; return 1; }
  # Each target ran on its whole corpus, and on more.
  [ "$(grep -c '^stat::number_of_executed_units: 5000' "$BATS_TEST_TMPDIR/said")" = 3 ]
  sed -n 's/^Done /# /p' "$BATS_TEST_TMPDIR/said" >&3
}
