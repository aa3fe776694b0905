#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A service binds /run/peer, the RuntimeDirectory= of another service that holds its socket, and the other is
# restarted.
# Guess: a bind of a single file goes stale when the file is replaced, a bind of its directory follows. So the
# directory is the thing to bind.
# Seen: a restart removes the runtime directory and makes a new one. With a RootDirectory= the bind keeps the removed
# one: it is empty for good, and only a restart of the service that binds it helps. Without a RootDirectory=, where
# the bind is over the very same path, the removal takes the bind away, the new directory appears (now without the
# bind's "ro"), and all seems well. RuntimeDirectoryPreserve=restart cures it.
# The same with 252 and 257.
. "${0%/*}/common.bash"

debian sid systemd dbus
version systemd 262.1
boot <<'END_OF_DRIVER'
mkdir -p /srv/root/{usr,run,proc,sys,dev}
ln -s usr/bin usr/lib usr/lib64 /srv/root
peer() { # PRESERVE
  systemd-run --quiet --unit peer -p RuntimeDirectory=peer -p "RuntimeDirectoryPreserve=$1" \
    sh -c 'rm -f /run/peer/socket.*; mktemp /run/peer/socket.XXXXXX; exec sleep infinity'
}
try() { # NAME PRESERVE PROPERTY...
  local name=$1 preserve=$2
  shift 2
  peer "$preserve"
  sleep 0.5
  systemd-run --quiet --unit "$name" -p StandardOutput=truncate:/tmp/out -p MountAPIVFS=yes "$@" \
    -p BindReadOnlyPaths=/run/peer \
    sh -c 'trap "ls /run/peer; grep -o \"/run/peer r[ow]\" /proc/self/mountinfo; exit" USR1
      while :; do sleep 0.1; done'
  sleep 0.5
  systemctl restart peer
  sleep 0.5
  systemctl kill --kill-whom=main --signal USR1 "$name"
  sleep 0.5
  echo "$name: host $(ls /run/peer), service $(grep socket /tmp/out || echo nothing)," \
    "mount $(grep / /tmp/out || echo none)"
  systemctl stop peer
}
try plain no
try rooted no -p RootDirectory=/srv/root -p BindReadOnlyPaths=/usr
try preserved restart -p RootDirectory=/srv/root -p BindReadOnlyPaths=/usr
END_OF_DRIVER
seen 'without a root directory, the new directory is seen, and no bind' \
  '^plain: host (socket.*), service \1, mount none$'
seen 'with one, the removed directory, which is empty' '^rooted: host socket.*, service nothing, mount /run/peer ro$'
seen 'a preserved one is followed' '^preserved: host (socket.*), service \1, mount /run/peer ro$'
