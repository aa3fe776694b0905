#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds the program for another processor with Debian's cross compiler, and runs the tests that need
# only the program, under qemu. Usage: cross.sh arm64|i386|s390x. The name of each test starts with that.
set -eu
cd "$(dirname "$0")/.."

architecture=$1
cache=${CACHE:-/var/cache/chroot-paths}/libzstd-$architecture
build=$(realpath -m "${BUILD:-build}/cross/$architecture")
case $architecture in
  arm64) target=aarch64-linux-gnu emulator=qemu-aarch64-static ;;
  i386) target=i686-linux-gnu emulator=qemu-i386-static ;;
  s390x) target=s390x-linux-gnu emulator=qemu-s390x-static ;;
  *) echo "not ok - $architecture: not one of arm64, i386 and s390x"; exit 1 ;;
esac

unmet() {
  if tests/setup.sh --done; then
    echo "not ok - $architecture: $1"
    exit 1
  fi
  echo "ok - $architecture # skip $1"
  exit 0
}

# Fetches Debian's static libzstd of the architecture. apt has to use separate package lists for it,
# since the machine itself need not support that architecture.
get_libzstd() {
  local new apt
  mkdir -p "${cache%/*}"
  new=$(mktemp -d "$cache.XXXXXX")
  mkdir -p "$new/state/lists/partial" "$new/cache/archives/partial"
  apt=(apt-get -qq -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture"
    -o "Dir::State=$new/state" -o Dir::State::status=/dev/null -o "Dir::Cache=$new/cache"
    -o Acquire::Languages=none -o APT::Sandbox::User=root)
  # A list that cannot be fetched may not be needed.
  if (cd "$new" && { "${apt[@]}" update || :; } && "${apt[@]}" download libzstd-dev &&
    dpkg-deb --extract libzstd-dev_*.deb root) >"$new/log" 2>&1; then
    rm -rf "$cache"
    mv "$new/root" "$cache"
    rm -r "$new"
  else
    sed 's/^/# /' "$new/log"
    rm -r "$new"
    unmet 'apt-get finds no libzstd-dev for it'
  fi
}

# build DIR OPTION...: builds in DIR/real. DIR/chroot-paths runs the program in the emulator.
build() {
  local dir=$1
  shift
  make --no-print-directory -s BUILD="$dir/real" CC="$target-gcc" "$@"
  cp "$dir/real/command" "$dir/command"
  printf '#!/bin/sh\nexec %s %s "$@"\n' "$(command -v "$emulator")" "$dir/real/chroot-paths" >"$dir/chroot-paths"
  chmod +x "$dir/chroot-paths"
  file -b "$dir/real/chroot-paths" | sed "s/^/# $architecture: /"
}

if ! command -v "$target-gcc" >/dev/null; then unmet "no $target-gcc here"; fi
if ! command -v "$emulator" >/dev/null; then unmet "no $emulator here"; fi
if [ ! -e "$cache/usr/include/zstd.h" ]; then get_libzstd; fi
build "$build"
build "$build/zstd" ZSTD=1 CPPFLAGS="-I$cache/usr/include" LDFLAGS="-L$(dirname "$cache"/usr/lib/*/libzstd.a)"
set -o pipefail
BUILD=$build prove --verbose --exec 'bats --tap' tests/unit.bats tests/bad-input.bats tests/zstd.bats |
  sed -E "s/^((not )?ok [0-9]+ )/\1$architecture: /"
