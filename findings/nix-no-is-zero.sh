#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: a command of Nix that says "no" has another status than 0, so that a script can ask whether a closure has a
#        package (nix why-depends) or whether a path is in the store (nix path-info --json).
# Seen:  "does not depend on" has status 0, as has the proof of the opposite. nix path-info fails for a path that is
#        not valid; with --json it prints {"valid":false} (2.8) or null (2.26, 2.34) and has status 0; with -r it
#        fails again.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

look() { # SUITE VERSION [OPTION...]
  nix "$1" "$2"
  shift 2
  within <<EOF
set -- $* /nix/store/00000000000000000000000000000000-none
$(cat "$work/ask")
EOF
  seen 'a dependency is a success' '^depends: status 0'
  seen 'so is none' '^depends not: status 0'
  seen 'what was said' 'does not depend on'
  seen 'a path that is not valid is a failure' '^plain: status 1'
  seen 'with --json, it is none' '^json: status 0'
  seen 'with --json -r, it is one' '^json -r: status 1'
}
cat >"$work/ask" <<'EOF'
try() {
  echo "$1: status $("${@:2}" >/tmp/out 2>&1; echo $?)"
  grep -v -e warning -e know -e "^  " /tmp/out
}
one=$(build 'run "one" { } "echo > $out"')
two=$(build 'run "two" { one = run "one" { } "echo > $out"; } "echo $one > $out"')
try depends nix why-depends "$two" "$one"
try 'depends not' nix why-depends "$one" "$two"
try plain nix path-info "${@: -1}"
try json nix path-info --json "$@"
try 'json -r' nix path-info --json -r "$@"
EOF

look bookworm 2.8.0
seen 'it is marked as not valid' '"valid":false'
look trixie 2.26.3+dfsg
seen 'it is null' '-none":null'
look sid 2.34.8+dfsg --json-format 1
seen 'it is null' '-none":null'
