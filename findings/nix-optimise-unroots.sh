#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: a file that a process has mapped keeps its package from a collection of garbage, as Nix looks at
#        /proc/*/maps. To optimise the store (hard links) changes nothing about that, since no path changes.
# Seen:  of equal files, all but the first are replaced. The process still maps the old one, which is now
#        "(deleted)", and Nix takes no such line for a root. A library that only /proc/*/maps shows is then
#        collected under the process.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

nix trixie 2.26.3+dfsg

within <<'EOF'
set -eu
for name in one two; do
  cp /lib/x86_64-linux-gnu/libz.so.1 /tmp/libz
  export name
  path=$(build 'run (builtins.getEnv "name") { z = /tmp/libz; } "mkdir $out; cp $z $out/libz.so"')
  # The library is named in the command line, where Nix does not look, and not in the environment, where it does.
  env -i /lib64/ld-linux-x86-64.so.2 --preload "$path/libz.so" /bin/sleep 1000 &
  sleep 0.5
  echo "$name is mapped, root: $(nix-store -q --roots "$path" 2>/dev/null)"
done
nix-store --optimise
for path in /nix/store/*-one /nix/store/*-two; do
  for maps in $(grep -l "$path" /proc/[0-9]*/maps); do
    echo "${path##*-}: $(grep -m 1 -o "$path.*" "$maps" | sed 's,.*libz,libz,')," \
      "roots $(nix-store -q --roots "$path" 2>/dev/null | wc -l)"
  done
done
nix-store --gc >/dev/null 2>&1
left=$(ls -d /nix/store/*-one /nix/store/*-two 2>/dev/null | wc -l)
echo "$left of 2 packages are left, $(jobs -r | wc -l) of 2 run"
kill %1 %2
EOF

if [ "$(lines '^(one|two) is mapped, root: /proc/[0-9]+/maps')" != 2 ]; then changed 'a mapping is no root'; fi
seen 'equal files become links' 'by hard-linking 2 files$'
seen 'the one in place is still a root' ': libz.so, roots 1$'
seen 'the replaced one is none' ': libz.so \(deleted\), roots 0$'
seen 'its package is collected while it is in use' '^1 of 2 packages are left, 2 of 2 run'
