#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: builtins.readFile of a file in a package gives a string whose context is that package.
# Seen:  never. It is what the package refers to, not the package: with Nix 2.8 all of it, whichever file is read;
#        with 2.26 and later, only what stands in that very file. And in a store below another directory (--store
#        DIR), 2.8 and 2.26 give no context at all, so that a unit made of the text has no closure; 2.34 does.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

look() { # SUITE VERSION
  nix "$@"
  within <<'EOF'
for store in /nix/store /other; do
  if [ $store = /other ]; then export NIX_REMOTE='local?root=/other'; fi
  for file in one two none; do
    echo "$store, $file: $(evaluate '
      let
        one = run "one" { } "echo > $out";
        two = run "two" { } "echo > $out";
        package = run "package" { } "
          mkdir $out; echo ${one} >$out/one; echo ${two} >$out/two; echo >$out/none";
        text = builtins.readFile "${package}/'$file'";
        nameOf = path: builtins.substring 44 (-1) path;
      in
      builtins.concatStringsSep " " (map nameOf (builtins.attrNames (builtins.getContext text)))' 2>/tmp/log)"
  done
done
EOF
}

look bookworm 2.8.0
for file in one two none; do seen "$file has all of the package's" "^/nix/store, $file: \"(one two|two one)\""; done
for file in one two none; do seen "$file has nothing in another store" "^/other, $file: \"\""; done

look trixie 2.26.3+dfsg
for file in one two; do seen "$file has what it holds" "^/nix/store, $file: \"$file\""; done
for file in one two none; do seen "$file has nothing in another store" "^/other, $file: \"\""; done

look sid 2.34.8+dfsg
for store in /nix/store /other; do
  for file in one two; do seen "$file has what it holds" "^$store, $file: \"$file\""; done
  seen 'a file without a path has nothing' "^$store, none: \"\""
done
