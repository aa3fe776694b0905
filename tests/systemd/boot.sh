#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Boots this machine's systemd in a container. Usage: boot.sh FILES RESULTS [NIX [OPTION...]]
# FILES is copied over the machine's file system, in a temporary overlay. The booted system runs the bash
# script FILES/driver, and the files that it writes to /results are copied to RESULTS. The directory NIX
# becomes /nix, and each OPTION is for systemd-nspawn. Exits with the status of the driver; with 100, a driver asks for a
# reboot. A container in which no file changes for PATIENCE seconds is ended.
set -eu

# Mounts and processes live in namespaces that end with this script, however it ends.
case ${1-} in
  --group | --boot) stage=$1; shift ;;
  *) exec unshare --mount --propagation private -- "$0" --group "$@" ;;
esac

# The container gets a control group of its own, so that it does not share one with another container.
if [ "$stage" = --group ]; then
  # systemd 258 and later, and their systemd-nspawn, need a cgroup2 here. The kernel can mount it
  # whichever hierarchy the machine uses.
  umount -l /sys/fs/cgroup
  mount -t cgroup2 none /sys/fs/cgroup
  group=/sys/fs/cgroup/chroot-paths.$$.$RANDOM
  container=
  leave() {
    if [ -n "$container" ]; then kill -KILL "$container" 2>/dev/null || :; fi
    echo $$ >/sys/fs/cgroup/cgroup.procs
    # Killed processes need a moment to disappear.
    for _ in {1..50}; do
      find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null
      if [ ! -e "$group" ]; then break; fi
      sleep 0.1
    done
  }
  trap leave EXIT
  trap 'exit 1' INT TERM HUP
  mkdir "$group"
  echo $$ >"$group/cgroup.procs"
  status=0
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --propagation private -- \
    "$0" --boot "$@" &
  container=$!
  wait $container || status=$?
  container=
  exit $status
fi

files=$1 results=$2 nix=${3-}
options=("${@:4}")
mount -t proc proc /proc
# systemd-nspawn keeps its state there. The machine's own systemd must not see it.
mount -t tmpfs none /run
mkdir /run/top /run/work /run/root
# With "metacopy", systemd-nspawn can change owners without a copy of each file.
mount -t overlay -o lowerdir=/,upperdir=/run/top,workdir=/run/work,metacopy=on none /run/root
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

# A busy machine may take any time for the tests, but not for one step of them.
patience=${PATIENCE:-180}
watch_over() {
  while touch /run/looked && sleep "$patience"; do
    if [ -z "$(find /run/top /run/console -newer /run/looked -print -quit)" ]; then
      echo "no file has changed for $patience seconds" >>/run/console
      kill -KILL "$1"
    fi
  done
}

boot() {
  local container watcher
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 \
    systemd-nspawn --directory /run/root --machine chroot-paths --register=no --keep-unit --boot --quiet \
    ${nix:+"--bind=$nix:/nix"} "${options[@]}" -- systemd.unit=test-driver.service systemd.show_status=no \
    </dev/null >>/run/console 2>&1 &
  container=$!
  watch_over $container &
  watcher=$!
  status=0
  wait $container || status=$?
  kill $watcher
}

touch /run/console
boot
while [ $status = 100 ]; do boot; done
cp -a /run/top/results/. "$results"
if [ $status != 0 ]; then
  echo "the container ended with status $status:"
  tail -n 30 /run/console
  echo "the files that changed last: $(cd "$results" && find . -type f -printf '%T@ %P\n' | sort -n | tail -n 3 | cut -d ' ' -f 2 | xargs)"
  cat "$results/driver" || :
fi
exit $status
