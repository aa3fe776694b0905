#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs the packages that the tests need, or lists them if it cannot. With --done it installs
# nothing, and succeeds if no test may be skipped because something is missing: if CI=true, or for
# root if everything is installed.
set -eu

packages='bats binutils busybox-static clang clang-format clang-tidy cppcheck debootstrap diffutils file gcc
  gcc-aarch64-linux-gnu gcc-i686-linux-gnu gcc-s390x-linux-gnu git groff-base libc6-dev libc6-dev-arm64-cross
  libc6-dev-i386-cross libc6-dev-s390x-cross libclang-rt-dev libzstd-dev make mandoc musl-tools nix-bin perl
  procps python3 qemu-user-static shellcheck strace systemd-container util-linux zstd'

missing=''
for package in $packages; do
  if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
    missing="$missing $package"
  fi
done

if [ "${1-}" = --done ]; then
  [ "${CI-}" = true ] || { [ "$(id -u)" = 0 ] && [ -z "$missing" ]; }
  exit
fi

if [ -z "$missing" ]; then
  echo 'setup: everything that the tests need is installed'
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "setup: installing$missing"
  # A list that cannot be fetched may not be needed.
  apt-get update -qq || :
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
else
  echo 'setup: nothing is installed, because that needs root on a Debian-like system. A test is skipped'
  echo "if it needs one of these Debian packages:$missing"
fi
