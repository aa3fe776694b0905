#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Twenty mount namespaces, as of services, have 300 binds each from a shared mount of the host. They were made as
# systemd makes them: they receive mounts of the host (slave). Then the host mounts 100 file systems, at places that
# no bind shows.
# Guess: that takes as long as before. Other namespaces are none of its business, and the places are outside of all
# binds.
# Seen: several times as long: for each mount, the kernel looks at every bind in every namespace that comes from the
# same mount, in case the place is below it. If the binds come from a private bind of the same directory, it takes as
# long as before.
. "${0%/*}/common.bash"

debian bookworm mount
version mount 2.38.1
inside bash -s <<'END_OF_SCRIPT' | tee "$work/output"
mkdir /host
mount -t tmpfs none /host
mount --make-shared /host
mkdir -p /host/{place,view,store}
for i in {1..100}; do mkdir /host/place/$i && echo "none /host/place/$i tmpfs defaults 0 0"; done >/tmp/mounts
mount --bind /host/store /host/view
mount --make-private /host/view
take() { # NAME: the best of five
  local best=999999 start took
  for _ in 1 2 3 4 5; do
    start=${EPOCHREALTIME/./}
    mount --all --fstab /tmp/mounts
    took=$(((${EPOCHREALTIME/./} - start) / 1000))
    umount /host/place/*
    if [ $took -lt $best ]; then best=$took; fi
  done
  echo "$1: 100 mounts in $best ms"
  eval "$1=$best"
}
namespaces() { # SOURCE
  local pids=() n
  for i in {1..300}; do echo "$1 /tmp/binds/$i none bind 0 0"; done >/tmp/binds.fstab
  mkdir -p /tmp/binds/{1..300}
  for n in {1..20}; do
    rm -f /tmp/ready.$n
    unshare --mount --propagation slave \
      sh -c "mount --all --fstab /tmp/binds.fstab; touch /tmp/ready.$n; exec sleep infinity" &
    pids+=($!)
  done
  for n in {1..300}; do
    if [ "$(find /tmp -name 'ready.*' | wc -l)" = 20 ]; then break; fi
    sleep 0.2
  done
  take "$2"
  kill "${pids[@]}"
  wait
  rm /tmp/ready.*
}
take none
namespaces /host/store shared
namespaces /host/view private
echo "shared is slow: $((shared > none * 2)), private is: $((private > none * 2))"
END_OF_SCRIPT
output=$work/output
seen '6000 binds from a shared mount slow down others, from a private one do not' '^shared is slow: 1, private is: 0$'
