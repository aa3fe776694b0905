#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

load helpers

@test '500 random closures give the unit that the reference script gives' {
  tests/random.sh "$PROGRAM" 500 >"$BATS_TEST_TMPDIR/said" || { cat "$BATS_TEST_TMPDIR/said"; return 1; }
  sed 's/^/# /' "$BATS_TEST_TMPDIR/said" >&3
}
