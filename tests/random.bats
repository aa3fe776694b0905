#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

load helpers

@test '100 random closures give the unit that the reference script gives' {
  run -0 tests/random.pl "$PROGRAM" 100
  printf "# %s\n" "${lines[@]}" >&3
}
