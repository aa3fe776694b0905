#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: a regular expression, builtins.match as builtins.split, gives text without context: which part of the
#        string has it cannot be known. replaceStrings gives the context of its replacements to what it returns.
# Seen:  match drops the context even of the whole string. split drops it where the separator is found, and keeps it
#        where it is not. replaceStrings adds the context of a replacement only where it was used. So whether Nix
#        knows the closure of a string depends on its text. (fromJSON refuses a string that has a context: an
#        error.)
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

nix trixie 2.26.3+dfsg

within <<'EOF'
while read -r name expression; do
  echo "$name: $(evaluate '
    let
      path = "${run "package" { } "echo > $out"}";
    in
    builtins.hasContext ('"$expression"')' 2>&1 | grep -v '^ *$' | tail -n 1)"
done <<'END'
match builtins.elemAt (builtins.match "(.*)-(.*)" path) 0
whole builtins.elemAt (builtins.match "(.*)" path) 0
split builtins.elemAt (builtins.split "-" path) 0
unsplit builtins.elemAt (builtins.split "!" path) 0
substring builtins.substring 0 0 path
used builtins.replaceStrings [ "a" ] [ path ] "abc"
unused builtins.replaceStrings [ "x" ] [ path ] "abc"
hash builtins.hashString "sha256" path
toJSON builtins.toJSON { inherit path; }
fromJSON builtins.fromJSON (builtins.toJSON path)
END
EOF

for name in match whole split; do seen "$name drops the context" "^$name: false"; done
for name in unsplit substring used toJSON; do seen "$name keeps it" "^$name: true"; done
seen 'a replacement that was not used adds none' '^unused: false'
seen 'a hash has none' '^hash: false'
seen 'fromJSON wants none' '^fromJSON: .*(error|not allowed)'
