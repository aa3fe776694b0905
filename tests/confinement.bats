#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The decisions of nix/confinement.nix, evaluated with nothing but Nix, and the units built from them.

load helpers
load nix

setup_file() {
  new_nix "$BATS_FILE_TMPDIR"
}

teardown_file() {
  remove_nix "$BATS_FILE_TMPDIR"
}

setup() {
  command -v nix-instantiate >/dev/null || unmet 'no nix-instantiate here'
  new_world
}

confined() {
  nix-build --no-out-link "$ROOT/tests/nix/world.nix" --argstr busybox "$BATS_FILE_TMPDIR/busybox" \
    --argstr helper "$BATS_FILE_TMPDIR/helper" -A confined."$1"
}

@test 'the decisions, case by case' {
  nix-instantiate --eval --strict --json "$ROOT/tests/nix/cases.nix" >decided
  grep -o '"count":[0-9]*' decided | sed 's/"count":/# cases: /' >&3
  [[ $(cat decided) == *'"failures":[]'* ]] || { cat decided; return 1; }
  [[ $(cat decided) =~ '"count":'[1-9][0-9] ]]
}

@test 'the unit of a service is built in the sandbox from the decisions' {
  if [ -s "$BATS_FILE_TMPDIR/why" ]; then unmet "$(cat "$BATS_FILE_TMPDIR/why")"; fi
  unit=$BATS_FILE_TMPDIR/root$(confined service)/lib/systemd/system/confined.service
  sed -n 's/^BindPaths=.*-\([a-z]*\)$/\1/p' "$unit" | sort >bound
  diff bound - <<<$'codec\ndata\nlink\nprogram'
}

@test 'a disallowed package fails the build, which names it' {
  if [ -s "$BATS_FILE_TMPDIR/why" ]; then unmet "$(cat "$BATS_FILE_TMPDIR/why")"; fi
  confined allowed
  run ! confined disallowed
  [[ $output == *'is not allowed to refer to'*-codec* ]]
}

@test 'the package has the version of the Makefile' {
  version=$(sed -n 's/^VERSION = //p' "$ROOT/Makefile")
  [ "$version" ]
  [ "$(sed -n 's/^ *version = "\(.*\)";$/\1/p' "$ROOT/nix/package.nix")" = "$version" ]
}
