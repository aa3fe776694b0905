#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs what the tests need where that can be done, and says what is missing where not.
set -eu

packages='bats binutils busybox-static clang clang-format clang-tidy cppcheck debootstrap diffutils file gcc git groff-base
  libc6-dev libclang-rt-dev libzstd-dev make mandoc musl-tools nix-bin perl procps shellcheck strace
  systemd-container util-linux zstd'

missing=''
for package in $packages; do
  if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
    missing="$missing $package"
  fi
done
if [ -z "$missing" ]; then
  echo 'setup: everything that the tests need is installed'
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "setup: installing$missing"
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
else
  echo 'setup: not root on a Debian-like system, so nothing is installed. The tests need the programs'
  echo "of these Debian packages, and skip what they cannot do without:$missing"
fi
