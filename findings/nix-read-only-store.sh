#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: what only reads (nix-store -qR for the closure of a package) works on a store in a file system that is
#        mounted read-only, such as an image; and a store that no process uses is complete in db.sqlite.
# Seen:  even the evaluation of 1 + 1 fails: "remounting /nix/store writable: Invalid argument". What helps is
#        local?read-only=true, with 2.26. With 2.34 it does not after nix-build, which ends with all it registered
#        still in db.sqlite-wal, where this mode does not look; it does once another command has opened the store
#        for writing.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

look() { # SUITE VERSION
  nix "$@"
  within <<'EOF'
set +e
path=$(build 'run "package" { } "echo > $out"')
try() {
  mount -o remount,ro /nix
  "${@:2}" >/tmp/out 2>&1
  echo "$1: status $?, $(tail -n 1 /tmp/out)"
  mount -o remount,rw /nix
}
read_only=(nix-store --store 'local?read-only=true' --extra-experimental-features read-only-local-store)
find /nix/var/nix/db -name 'db.sqlite-wal' -size +0 -printf 'not empty: %f\n'
try query nix-store -qR "$path"
try evaluate nix-instantiate --eval -E '1 + 1'
try 'read-only' "${read_only[@]}" -qR "$path"
nix-store -qR "$path" >/dev/null
try 'later' "${read_only[@]}" -qR "$path"
EOF
  seen 'a query fails' '^query: status 1, error: remounting .*writable: Invalid argument'
  seen 'so does an evaluation' '^evaluate: status 1, error: remounting .*writable: Invalid argument'
  seen 'after another command, local?read-only=true helps' '^later: status 0, /nix/store/.*-package'
}

look trixie 2.26.3+dfsg
seen 'so it does before' '^read-only: status 0, /nix/store/.*-package'
unseen 'the database is in one file' '^not empty:'
look sid 2.34.8+dfsg
seen 'before, it does not' '^read-only: status 1'
seen 'since the data is in another file' '^not empty: db.sqlite-wal'
