#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs the tests of the Nix expressions and of confined services with another version of systemd and Nix,
# in a root file system of a Debian suite, which debootstrap makes and CACHE keeps.
# Usage: matrix.sh SUITE [COMMAND...]. Runs COMMAND instead of the tests. The name of each test starts with SUITE.
set -eu
cd "$(dirname "$0")/.."

suite=$1
export SUITE=$suite
root=${CACHE:-/var/cache/chroot-paths}/$suite
packages=busybox-static,dbus,file,gcc,git,libc6-dev,libdbi-perl,make,nix-bin,perl,python3,strace,systemd
packages+=,systemd-container
# For tests/guix.bats. debootstrap cannot configure it, apt can.
if [ "$suite" = sid ]; then added=guix; fi
# tests/daemons.bats confines these, and asks their clients.
if [ "$suite" = trixie ]; then
  packages+=,ca-certificates,curl,dnsmasq-base,libmemcached-tools,locales,memcached,nginx,openssh-client
  packages+=,openssh-server,openssl,patchelf,postgresql-17,redis-server,sshpass,tzdata
  packages+=,avahi-daemon,ldap-utils,mariadb-server,slapd,tor
  packages+=,bind9,bind9-dnsutils,nodejs,openjdk-21-jre-headless,php8.4-fpm
fi

# Makes the root file system, under an overlay, the root of this mount namespace, and runs the tests. In a
# chroot, the kernel would allow no user namespaces.
enter() {
  local file
  mount -t tmpfs none /mnt
  mkdir /mnt/{top,work,root}
  mount -t overlay -o "lowerdir=$root,upperdir=/mnt/top,workdir=/mnt/work" none /mnt/root
  # The machine's bats, whichever the suite has. It consists of scripts only.
  dpkg -L bats | while read -r file; do
    if [ ! -d "$file" ]; then install -D "$file" "/mnt/root$file"; fi
  done
  for place in /proc /sys /dev; do mount --rbind $place /mnt/root$place; done
  # The NixOS of tests/nixos.bats is elsewhere.
  for place in "$PWD" ${NIXOS_FILES:+"$NIXOS_FILES" "$NIXPKGS_LIB"}; do
    mkdir -p "/mnt/root$place"
    mount --bind "$place" "/mnt/root$place"
  done
  cd /mnt/root
  pivot_root . mnt
  cd "$OLDPWD"
  umount -l /mnt
  # The locales of the machine are not installed here.
  export LC_ALL=C.UTF-8
  systemctl --version | sed -n '1s/^/# /p'
  nix --version | sed 's/^/# /'
  if [ $# -gt 0 ]; then exec "$@"; fi
  case $suite in
    trixie) set -- tests/daemons.bats ;;
    sid) set -- tests/guix.bats ;;
  esac
  exec prove --verbose --exec 'bats --tap' tests/systemd.bats tests/store.bats tests/escape.bats tests/program.bats \
    tests/settings.bats tests/sandbox.bats tests/confinement.bats tests/nixos.bats tests/flake.bats "$@"
}

unmet() {
  if tests/setup.sh --done; then
    echo "not ok - $suite: $1"
    exit 1
  fi
  echo "ok - $suite # skip $1"
  exit 0
}

make_root() {
  local new
  mkdir -p "${root%/*}"
  new=$(mktemp -d "$root.XXXXXX")
  # The mounts of debootstrap end with its namespace.
  if unshare --mount --propagation private -- \
    debootstrap --variant=minbase --include="$packages" "$suite" "$new/root" >"$new/log" 2>&1 &&
    { [ -z "${added-}" ] || DEBIAN_FRONTEND=noninteractive chroot "$new/root" \
      apt-get install -y --no-install-recommends "$added" >>"$new/log" 2>&1; }; then
    echo "$packages ${added-}" >"$new/root/packages"
    rm -rf --one-file-system "$root"
    mv "$new/root" "$root"
    rm -r "$new"
  else
    tail -n 5 "$new/log" | sed 's/^/# /'
    rm -rf --one-file-system "$new"
    unmet 'no root file system could be made'
  fi
}

shift
if [ "${1-}" = --inside ]; then
  shift
  enter "$@"
fi
if [ "$(id -u)" != 0 ]; then unmet 'only root can make and enter a root file system'; fi
if ! command -v debootstrap >/dev/null; then unmet 'no debootstrap here'; fi
if [ "$(cat "$root/packages" 2>/dev/null)" != "$packages ${added-}" ]; then make_root; fi
# A suite has everything that its tests need.
if tests/setup.sh --done; then export CI=true; fi
set -o pipefail
unshare --mount --propagation private -- "$0" "$suite" --inside "$@" | sed -E "s/^((not )?ok [0-9]+ )/\1$suite: /"
