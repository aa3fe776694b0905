#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Boots this machine's own systemd in a container. Usage: boot.sh FILES RESULTS [NIX]
# FILES is laid over a copy of the machine's file system; its /driver is the bash script that the
# booted system runs, and what that writes to /results is copied to RESULTS. NIX, a directory of
# Nix's, becomes /nix. Ends with the status of the driver.
set -eu

# Mounts and processes are in namespaces of their own, and end with this script however that ends.
if [ "${1-}" != --inside ]; then
  # Two containers in one control group would fight over it, so this one gets its own. It has the
  # same name in both hierarchies of a hybrid system, since systemd-nspawn copies it from one.
  hierarchies=()
  group=chroot-paths.$$.$RANDOM
  container=
  leave() {
    if [ -n "$container" ]; then kill -KILL "$container" 2>/dev/null || :; fi
    for hierarchy in "${hierarchies[@]}"; do
      echo $$ >"$hierarchy/cgroup.procs"
      # What was killed is not gone at once.
      for _ in {1..50}; do
        find "$hierarchy/$group" -depth -type d -exec rmdir {} \; 2>/dev/null
        if [ ! -e "$hierarchy/$group" ]; then break; fi
        sleep 0.1
      done
    done
  }
  trap leave EXIT
  trap 'exit 1' INT TERM HUP
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    if [ -e $hierarchy/cgroup.procs ] && mkdir "$hierarchy/$group" 2>/dev/null; then
      hierarchies+=("$hierarchy")
      echo $$ >"$hierarchy/$group/cgroup.procs"
    fi
  done
  status=0
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --propagation private -- \
    "$0" --inside "$@" &
  container=$!
  wait $container || status=$?
  container=
  exit $status
fi

files=$2 results=$3 nix=${4-}
mount -t proc proc /proc
# systemd-nspawn keeps state there, and the machine's own systemd is none of the tests' business.
mount -t tmpfs none /run
mkdir /run/top /run/work /run/root
mount -t overlay -o lowerdir=/,upperdir=/run/top,workdir=/run/work none /run/root
cp -a "$files/." /run/root
mkdir -p /run/root/results /run/root/etc/systemd/system
cat >/run/root/etc/systemd/system/test-driver.service <<'END'
[Service]
Type=oneshot
ExecStart=/bin/bash /driver
ExecStopPost=systemctl --no-block exit $EXIT_STATUS
StandardOutput=file:/results/driver
StandardError=inherit
END

# systemd 256 and later boot on nothing but a unified hierarchy.
status=0
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 timeout --kill-after 10 "${TIMEOUT:-100}" \
  systemd-nspawn --directory /run/root --machine chroot-paths --register=no --keep-unit --boot --quiet \
  ${nix:+"--bind=$nix:/nix"} -- systemd.unit=test-driver.service systemd.show_status=no \
  </dev/null >/run/console 2>&1 || status=$?
cp -a /run/top/results/. "$results"
if [ $status != 0 ]; then
  echo "the container ended with status $status:"
  tail -n 30 /run/console
  cat "$results/driver" || :
fi
exit $status
