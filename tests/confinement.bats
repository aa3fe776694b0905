#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The decisions of nix/confinement.nix, evaluated with nothing but Nix. systemd.bats builds and starts units from them.

load helpers

setup() {
  command -v nix-instantiate >/dev/null || unmet 'no nix-instantiate here'
  new_world
}

@test 'the decisions, case by case' {
  NIX_REMOTE="local?root=$W/root" HOME=$W nix-instantiate --eval --strict --json "$ROOT/tests/nix/cases.nix" >decided
  grep -o '"count":[0-9]*' decided | sed 's/"count":/# cases: /' >&3
  [[ $(cat decided) == *'"failures":[]'* ]] || { cat decided; return 1; }
  [[ $(cat decided) =~ '"count":'[1-9][0-9] ]]
}

@test 'the package has the version of the Makefile' {
  version=$(sed -n 's/^VERSION = //p' "$ROOT/Makefile")
  [ "$version" ]
  [ "$(sed -n 's/^ *version = "\(.*\)";$/\1/p' "$ROOT/nix/package.nix")" = "$version" ]
}
