#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A plain shell version of the rules of the NixOS module and of the store mount, to compare with.
# Usage: reference.sh STORE-PATHS EXCLUDED [BIN-SH [MOUNT LAYER]]. With MOUNT, NIX_STORE is the store,
# without symlinks in its path, and the layer is written to the file LAYER.
set -eu

mount=${4-}
layer=${5-/dev/null}
section=service
enter() {
  if [ "$section" != "$1" ]; then
    if [ "$1" = unit ]; then printf '\n[Unit]\n'; else printf '\n[Service]\n'; fi
    section=$1
  fi
}
# bind SOURCE DESTINATION
bind() {
  local source=$1
  enter service
  if [[ $mount && $1 == "$NIX_STORE"/* ]]; then source=$mount/mount${1#"$NIX_STORE"}; fi
  if [ "$source" = "$2" ]; then echo "BindReadOnlyPaths=$2"; else echo "BindReadOnlyPaths=$source:$2"; fi
}
# inode TYPE MODE PATH, attribute PATH ATTRIBUTE: a line of the layer.
inode() { echo "$1 $mount/layer/store$3 $2 root root -" >>"$layer"; }
attribute() { echo "t $mount/layer/store${1//\?/[?]} - - - - trusted.overlay.$2" >>"$layer"; }

if [[ $mount ]]; then
  printf '[Unit]\n%s=confinement-store@%s.service\n' Requires "${mount##*/}"
  printf '%s=confinement-store@%s.service\n' After "${mount##*/}"
  printf 'AssertPathIsMountPoint=%s/mount\n\n' "$mount"
  : >"$layer"
  inode d 0755 ''
  attribute '' opaque=y
fi
echo '[Service]'
if [[ $mount ]]; then echo "BindReadOnlyPaths=$mount/mount/store:$NIX_STORE"; fi
if [[ ${3-} ]]; then bind "$(readlink -e -- "$3")" /bin/sh; fi
while IFS= read -r path || [[ $path ]]; do
  target=$path
  if [[ -L $path ]]; then
    target=$(readlink -e -- "$path")
  elif [[ $path = "$2" ]]; then
    continue
  fi
  if [[ ! $mount || $path != "$NIX_STORE"/* ]]; then
    bind "$target" "$path"
  elif [[ -d $target ]]; then
    inode d "$(stat -c %04a "$target")" "${path#"$NIX_STORE"}"
    attribute "${path#"$NIX_STORE"}" "redirect=${target#"$NIX_STORE"}"
    enter unit
    echo "AssertPathIsDirectory=$target"
  else
    inode f 0444 "${path#"$NIX_STORE"}"
    bind "$target" "$path"
  fi
done <"$1"
if [[ $mount ]]; then
  mark=closure-$("$(dirname "$0")/fingerprint.pl" <"$layer")
  echo "f $mount/layer/$mark 0444 root root -" >>"$layer"
  enter unit
  echo "AssertPathExists=$mount/mount/$mark"
fi
