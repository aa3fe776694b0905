#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# mount --bind /store /view, on a system where all mounts are shared (as systemd makes them). Later, something else is
# mounted over /store.
# Guess: /view goes on showing what it was bound to. That is what a bind is for.
# Seen: the new mount appears on /view, too, and covers it: a bind of a part of a shared mount is its peer, and a
# mount on the source's place is one that happens inside of both. Only --make-private for the view, before that,
# prevents it.
. "${0%/*}/common.bash"

debian bookworm mount
version mount 2.38.1
inside bash -s <<'END_OF_SCRIPT' | tee "$work/output"
mkdir -p /host
mount -t tmpfs none /host
mount --make-shared /host
mkdir /host/{store,view,private}
echo old >/host/store/file
mount --bind /host/store /host/view
mount --bind /host/store /host/private
mount --make-private /host/private
mount -t tmpfs none /host/store
echo new >/host/store/file
for view in view private; do
  echo "$view: $(cat /host/$view/file), mounts on it: $(grep -c " /host/$view " /proc/self/mountinfo)"
done
END_OF_SCRIPT
output=$work/output
seen 'a mount over the source covers the bind' '^view: new, mounts on it: 2$'
seen 'not if the bind is private' '^private: old, mounts on it: 1$'
