#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: bubblewrap takes the binds of a closure of any size from --args FD, which is there since a command line has
#        a limit, and each bind costs the same.
# Seen:  "Exceeded maximum number of arguments 9000": with three arguments a bind, a closure of 3,000 paths is
#        refused. Before that, the time grows with the square, as each bind reads the whole mount table: four times
#        as many binds take ten times as long and more.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

debian trixie bubblewrap
version bubblewrap 0.12.0

within <<'EOF'
mount -t tmpfs none /tmp
binds() {
  printf '%s\0' --ro-bind /usr /usr --symlink usr/lib /lib --symlink usr/lib64 /lib64
  for i in $(seq "$1"); do printf '%s\0' --ro-bind /usr/bin "/nix/store/$i"; done
}
for number in 100 400 1600 3010; do
  binds $number >/tmp/binds
  start=$(date +%s%N)
  bwrap --args 9 /usr/bin/true 9</tmp/binds && status=0 || status=$?
  echo "$number binds: status $status, $((($(date +%s%N) - start) / 1000000)) ms"
done
EOF

took() { sed -n "s/^$1 binds: status 0, \([0-9]*\) ms/\1/p" "$output"; }
seen '1,600 binds work' '^1600 binds: status 0'
seen '3,010 are too many' 'Exceeded maximum number of arguments 9000'
seen 'so it fails' '^3010 binds: status 1'
if [ "$(took 1600)" -lt "$(($(took 400) * 6))" ]; then changed 'the time is no longer quadratic'; fi
echo "seen: 1,600 binds take $(($(took 1600) / $(took 400))) times as long as 400"
