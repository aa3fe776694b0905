#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What the other tests rely on.

load helpers
load container

@test 'a test that hangs fails by name, and leaves no process behind' {
  new_world
  mkdir tests
  ln -s "$ROOT"/tests/{helpers.bash,watchdog.pl} tests
  # bats would take an @ here for a test of this file.
  sed 's/^%/@/' >tests/hangs.bats <<'END'
load helpers
endless() { perl -e "1 while '$W'"; }
%test 'a program whose status counts for nothing' { run endless; }
%test 'a wait' { until false; do sleep 0.1; done; }
%test 'none' { true; }
END
  W=$W LIMIT=1 BUILD=$BUILD run -1 bats --tap tests/hangs.bats
  diff <(grep -E '^(not )?ok ' <<<"$output") - <<'END'
not ok 1 a program whose status counts for nothing
not ok 2 a wait
ok 3 none
END
  [ "$(grep -c '^# no end after 1 seconds$' <<<"$output")" = 2 ]
  run -1 pgrep -f "perl -e 1 while '$W'"
}

@test 'a container in which nothing happens is ended, with a word about where it stood' {
  new_world
  mkdir files results
  echo 'echo >/results/the-last-step; sleep infinity' >files/driver
  if ! PATIENCE=5 run -137 "$ROOT/tests/systemd/boot.sh" files "$W/results"; then
    why=$(why_no_container "$W")
    [ -z "$why" ] || unmet "$why"
    return 1
  fi
  grep -x 'no file has changed for 5 seconds' <<<"$output"
  grep -x 'the files that changed last:.* the-last-step.*' <<<"$output"
}
