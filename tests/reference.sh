#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A plain shell version of the rules of the NixOS module, to compare with.
# Usage: reference.sh STORE-PATHS EXCLUDED [BIN-SH]
set -eu

echo '[Service]'
if [[ ${3-} ]]; then echo "BindReadOnlyPaths=$(readlink -e -- "$3"):/bin/sh"; fi
while IFS= read -r path || [[ $path ]]; do
  if [[ -L $path ]]; then
    echo "BindReadOnlyPaths=$(readlink -e -- "$path"):$path"
  elif [[ $path != "$2" ]]; then
    echo "BindReadOnlyPaths=$path"
  fi
done <"$1"
