#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Writes the files of the named Debian packages to DIR/PACKAGE/files, and to DIR/PACKAGE/needs which packages have the
# libraries that they link to. Packages that only these need are in DIR as well. Usage: debian.sh DIR PACKAGE...
set -eu
cd "$1"
libraries=/usr/lib/$(uname -m)-linux-gnu

add() {
  local file need
  if [ -e "$1" ]; then return; fi
  mkdir "$1"
  # Documentation, configuration and the just-in-time compiler of PostgreSQL stay outside.
  dpkg-query -L "$1" | grep '^/usr/' | grep -v -E '^/usr/share/(doc|man|locale|lintian|bug)/|/llvmjit|/bitcode/' |
    while read -r file; do
      if [ -f "$file" ] || [ -L "$file" ]; then echo "$file"; fi
    done >"$1/files"
  { xargs -d '\n' readelf -d <"$1/files" 2>/dev/null || :; } |
    sed -n "s|.*(NEEDED).*\[\(.*\)\]|$libraries/\1|p" | sort -u | xargs -r dpkg-query -S 2>/dev/null |
    cut -d : -f 1 | sort -u | sed "/^$1\$/d" >"$1/needs"
  while read -r need; do add "$need"; done <"$1/needs"
}

for package in "${@:2}"; do add "$package"; done
