#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

load helpers

@test '200 random closures give the unit that the reference script gives' {
  run -0 tests/random.pl "$PROGRAM" 200
  printf "# %s\n" "${lines[@]}" >&3
}
