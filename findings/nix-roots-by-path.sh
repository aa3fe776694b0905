#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: with two stores on a host, a process protects the package that it runs from, in the store that it runs
#        from.
# Seen:  only the text of its path in /proc counts. A program of the host's store protects the same path in a store
#        below another directory (--store DIR). One that runs from there, by its path on the host, protects it
#        nowhere. Nor does one in a plain chroot; in a root that was moved to / of a mount namespace (as systemd
#        does), it does.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

nix trixie 2.26.3+dfsg

within <<'EOF'
set -eu
program='run "program" { } "mkdir $out; cp ${busybox}/bin/busybox $out/sleep"'
path=$(build "$program")
mkdir /other
NIX_REMOTE='local?root=/other' build "$program" >/dev/null
roots() { # WHERE, a process started before
  sleep 0.5
  echo "$1: host $(nix-store -q --roots "$path" 2>/dev/null | grep -c /proc/ || :)," \
    "other $(NIX_REMOTE='local?root=/other' nix-store -q --roots "$path" 2>/dev/null | grep -c /proc/ || :)"
  kill $!
  wait $! 2>/dev/null || :
}
enter() { # HOW, with a bind of the package in a directory
  exec env -i PATH="$PATH" unshare --mount bash -euc '
    mount -t tmpfs none /mnt
    mkdir -p "/mnt$1"
    mount --bind "$1" "/mnt$1"
    cd /mnt
    '"$1"'
    exec env -i /usr/sbin/chroot . "$1/sleep" 1000' - "$path"
}
env -i "$path/sleep" 1000 &
roots 'runs from the store of the host'
env -i "/other$path/sleep" 1000 &
roots 'runs from the other store'
enter : &
roots 'runs in a chroot'
enter 'mount --move . /' &
roots 'runs in a root that was moved'
EOF

seen 'the process protects what it does not use, too' '^runs from the store of the host: host [1-9].*, other [1-9]'
seen 'the process protects nothing' '^runs from the other store: host 0, other 0'
seen 'nor does one in a chroot' '^runs in a chroot: host 0, other 0'
seen 'one with a moved root does' '^runs in a root that was moved: host [1-9].*, other [1-9]'
