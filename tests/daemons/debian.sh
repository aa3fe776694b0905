#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Prints, as JSON, the files of the named Debian packages, and which packages have the libraries that they
# link to. Packages that only these need are in it as well.
set -eu -o pipefail

libraries=/usr/lib/$(uname -m)-linux-gnu

# Documentation, configuration and the just-in-time compiler of PostgreSQL stay outside.
files_of() {
  local file
  dpkg-query -L "$1" | grep '^/usr/' | grep -v -E '^/usr/share/(doc|man|locale|lintian|bug)/|/llvmjit|/bitcode/' |
    while read -r file; do
      if [ -f "$file" ] || [ -L "$file" ]; then echo "${file#/}"; fi
    done
}

# needs_of PACKAGE FILE...: the packages of the libraries that the files name.
needs_of() {
  local package=$1
  shift
  { readelf -d "${@/#//}" 2>/dev/null || :; } | sed -n "s|.*(NEEDED).*\[\(.*\)\]|$libraries/\1|p" | sort -u |
    xargs -r dpkg-query -S 2>/dev/null | cut -d : -f 1 | sort -u | grep -v -x "$package" || :
}

# quoted WORD...: a list in JSON.
quoted() {
  local list
  list=$(printf '"%s", ' "$@")
  if [ $# -gt 0 ]; then echo "[ ${list%, } ]"; else echo '[ ]'; fi
}

queue=("$@")
declare -A seen=()
separator='{'
while [ ${#queue[@]} -gt 0 ]; do
  package=${queue[0]}
  queue=("${queue[@]:1}")
  if [ -n "${seen[$package]-}" ]; then continue; fi
  seen[$package]=1
  mapfile -t files < <(files_of "$package")
  mapfile -t needs < <(needs_of "$package" "${files[@]}")
  queue+=("${needs[@]}")
  echo "$separator \"$package\": { \"files\": $(quoted "${files[@]}"), \"needs\": $(quoted "${needs[@]}") }"
  separator=','
done
echo '}'
