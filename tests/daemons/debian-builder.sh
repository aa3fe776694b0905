# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
#
# Copies the files of a Debian package to $out, without the /usr of their names. Programs and libraries get
# the store paths of the loader and of the libraries that they need.
set -eu
export PATH=/usr/bin LC_ALL=C

mkdir "$out"
tar --create --absolute-names --transform='s|^/usr/||S' --files-from="$files" |
  tar --extract --directory="$out" --no-same-owner

# The loader and the C library find each other in any case.
if [ "$name" = libc6 ]; then exit; fi
paths=
loader=
for path in $needs $out; do
  for file in "$path"/lib/*-linux-gnu; do
    if [ -d "$file" ]; then paths+=:$file; fi
  done
  for file in "$path"/lib/*-linux-gnu/ld-linux*; do
    if [ -e "$file" ]; then loader=$file; fi
  done
done
find "$out" -type f | while read -r file; do
  read -r -N 4 magic <"$file" 2>/dev/null || :
  if [ "$magic" != $'\x7fELF' ]; then continue; fi
  chmod u+w "$file"
  # In this order: patchelf 0.18 breaks Python in the other, and in one step.
  patchelf --add-rpath "${paths#:}" "$file"
  if patchelf --print-interpreter "$file" >/dev/null 2>&1; then patchelf --set-interpreter "$loader" "$file"; fi
done
