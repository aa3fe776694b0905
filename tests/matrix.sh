#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs the tests of the Nix side and of the confined services on another generation of systemd
# and Nix: in a root file system of the Debian suite SUITE, made by debootstrap and kept in CACHE.
set -eu
cd "$(dirname "$0")/.."

suite=${SUITE:-trixie}
cache=${CACHE:-/var/cache/chroot-paths}
packages=bats,busybox-static,dbus,file,git,libdbi-perl,make,nix-bin,perl,systemd,systemd-container
root=$cache/$suite

skip() {
  echo "ok - the tests on $suite # skip $1"
  exit 0
}

# Inside: ROOT, under a temporary layer, becomes the root of a mount namespace of its own. A chroot
# would not do, since the kernel allows no user name spaces in one.
enter() {
  mount -t tmpfs none /mnt
  mkdir /mnt/{top,work,root}
  mount -t overlay -o "lowerdir=$root,upperdir=/mnt/top,workdir=/mnt/work" none /mnt/root
  for place in /proc /sys /dev; do mount --rbind $place /mnt/root$place; done
  mkdir -p "/mnt/root$PWD"
  mount --bind "$PWD" "/mnt/root$PWD"
  cd /mnt/root
  pivot_root . mnt
  cd "$OLDPWD"
  umount -l /mnt
  systemctl --version | sed -n '1s/^/# /p'
  nix --version | sed 's/^/# /'
  exec prove --verbose --exec 'bats --tap' tests/systemd.bats tests/sandbox.bats \
    tests/confinement.bats tests/flake.bats
}

if [ "${1-}" = --inside ]; then enter; fi

if [ "$(id -u)" != 0 ]; then skip 'only root can make and enter a root file system'; fi
if ! command -v debootstrap >/dev/null; then skip 'no debootstrap here'; fi
if [ "$(cat "$root/packages" 2>/dev/null)" != "$packages" ]; then
  echo "# making $root"
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/$suite.XXXXXX")
  trap 'rm -rf --one-file-system "$new"' EXIT
  # What it mounts goes with it.
  if ! unshare --mount --propagation private -- debootstrap --variant=minbase --include="$packages" "$suite" "$new/root" \
    >"$new/log" 2>&1; then
    why=$(tail -n 1 "$new/log")
    case $why in
      *'Failed getting release file'* | *"Couldn't download"* | *'No such script'*) skip "its packages cannot be had: $why" ;;
    esac
    echo "not ok - the root of $suite: $why"
    exit 1
  fi
  echo $packages >"$new/root/packages"
  rm -rf --one-file-system "$root"
  mv "$new/root" "$root"
  rm -r "$new"
  trap - EXIT
fi
exec unshare --mount --propagation private -- "$0" --inside
