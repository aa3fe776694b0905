# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the scripts of this directory share. Each sources this file first, and from then on runs in mount and process
# namespaces of its own, with a temporary folder $work (a tmpfs): whatever it makes, mounts and starts ends with it.
#
#   debian SUITE PACKAGE...       makes a root file system by debootstrap, below $root
#   version PACKAGE UPSTREAM      prints the upstream version of a package in $root, and fails if it is another
#   inside COMMAND...             runs a command in $root
#   boot                          boots $root in a container, and runs there, as a service, the bash script on standard
#                                 input; prints its output, and leaves it in $output; what changes in $root is lost
#   seen WHAT PATTERN             fails unless a line of $output matches the extended regular expression
#   unseen WHAT PATTERN           the opposite
#   lines PATTERN                 how many lines of $output match
#
# CACHE=DIR, for whoever works on a script, keeps the root file systems there.
set -eu -o pipefail
export LC_ALL=C.UTF-8

if [ -z "${FINDINGS-}" ]; then
  if [ "$(id -u)" != 0 ]; then echo "${0##*/}: only root can make a root file system" >&2; exit 2; fi
  for tool in debootstrap systemd-nspawn; do
    if ! command -v $tool >/dev/null; then echo "${0##*/}: $tool is missing" >&2; exit 2; fi
  done
  folder=$(mktemp -d)
  status=0
  # Whoever kills this process ends all of it.
  FINDINGS=$folder setpriv --pdeathsig KILL \
    unshare --mount --propagation private --pid --fork --kill-child --mount-proc -- "$0" "$@" || status=$?
  rmdir "$folder"
  exit $status
fi
work=$FINDINGS
mount -t tmpfs -o mode=755 none "$work"

debian() {
  local suite=$1 packages kept
  shift
  packages=$(IFS=,; echo "$*")
  root=$work/$suite
  kept=${CACHE:+$CACHE/$suite+${packages//,/+}}
  if [ ! -e "${kept:-$root}" ]; then
    mkdir -p "$root" ${CACHE:+"$CACHE"}
    if ! debootstrap --variant=minbase --include="$packages" "$suite" "$root" >"$work/log" 2>&1; then
      tail -n 5 "$work/log" >&2
      exit 2
    fi
    if [ -n "$kept" ]; then cp -a "$root" "$kept.new" && mv "$kept.new" "$kept" && rm -rf --one-file-system "$root"; fi
  fi
  # A kept one stays as it was made. Either is a mount, since some programs mind what their root directory is.
  if ! mountpoint -q "$root"; then
    if [ -n "$kept" ]; then overlay "$kept" "$root"; else mount --bind "$root" "$root"; fi
  fi
  echo "== Debian $suite"
}

overlay() { # LOWER PLACE
  mkdir -p "$2" "$2.top" "$2.work"
  mount -t overlay -o "lowerdir=$1,upperdir=$2.top,workdir=$2.work" none "$2"
}

version() {
  local is
  # shellcheck disable=SC2016
  is=$(chroot "$root" dpkg-query --show --showformat='${source:Upstream-Version}' "$1")
  echo "== $1 $is"
  if [ "$is" != "$2" ]; then echo "${0##*/}: this was seen with $1 $2" >&2; exit 1; fi
}

inside() {
  local place
  if ! mountpoint -q "$root/proc"; then
    for place in /dev /sys; do mount --rbind $place "$root$place"; done
    mount -t proc none "$root/proc"
  fi
  chroot "$root" "$@"
}

# The container has a control group of its own, and the cgroup2 that systemd 258 and later ask for.
boot() {
  local place=$work/booted group=/sys/fs/cgroup/findings.$$ status=0
  if ! mountpoint -q /sys/fs/cgroup || [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
    umount -l /sys/fs/cgroup || :
    mount -t cgroup2 none /sys/fs/cgroup
  fi
  # systemd-nspawn keeps its state there.
  if [ ! -e /run/findings ]; then mount -t tmpfs none /run && touch /run/findings; fi
  overlay "$root" "$place"
  cat >"$place/driver"
  cat >"$place/etc/systemd/system/driver.service" <<'UNIT'
[Unit]
Wants=basic.target
[Service]
Type=oneshot
ExecStart=/bin/bash /driver
ExecStopPost=systemctl --no-block exit 0
StandardOutput=file:/output
StandardError=inherit
UNIT
  mkdir -p "$group"
  (
    exec </dev/null
    sh -c 'echo $PPID' >"$group/cgroup.procs"
    export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
    exec timeout 300 systemd-nspawn --directory "$place" --machine findings --register=no --keep-unit --boot --quiet \
      -- systemd.unit=driver.service systemd.show_status=no >"$work/console" 2>&1
  ) || status=$?
  for _ in {1..50}; do
    if find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; then break; fi
    sleep 0.1
  done
  output=$work/output
  cp "$place/output" "$output" 2>/dev/null || : >"$output"
  cat "$output"
  umount -l "$place"
  rm -rf "$place" "$place.top" "$place.work"
  if [ $status != 0 ]; then
    tail -n 20 "$work/console" >&2
    echo "${0##*/}: the container ended with status $status" >&2
    exit 1
  fi
}

seen() {
  if grep -Eq -- "$2" "$output"; then echo "seen: $1"; else changed "not seen any more: $1"; fi
}

unseen() {
  if grep -Eq -- "$2" "$output"; then changed "$1: no longer so"; else echo "seen: $1"; fi
}

lines() { grep -Ec -- "$1" "$output" || :; }

changed() {
  echo "${0##*/}: $1" >&2
  exit 1
}
