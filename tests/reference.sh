#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The rules of the NixOS module, as plainly as a shell can say them, to compare with.
# Usage: reference.sh STORE-PATHS EXCLUDED [BIN-SH]
set -eu

echo '[Service]'
if [[ ${3-} ]]; then
  shell=$(readlink -e -- "$3")
  echo "BindReadOnlyPaths=$shell:/bin/sh"
fi
while IFS= read -r path || [[ $path ]]; do
  if [[ -L $path ]]; then
    target=$(readlink -e -- "$path")
    echo "BindReadOnlyPaths=$target:$path"
  elif [[ $path != "$2" ]]; then
    echo "BindReadOnlyPaths=$path"
  fi
done <"$1"
