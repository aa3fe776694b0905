#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Prints paths in DIR, each followed by a NUL: names with every byte at every position, and COUNT random
# names. Usage: names.sh DIR COUNT SEED
set -eu
export LC_ALL=C

dir=$1 count=$2
RANDOM=$3

byte() {
  # shellcheck disable=SC2059
  printf -v REPLY "\\x$(printf %02x "$1")"
}

one() { printf '%s/%s\0' "$dir" "$1"; }

for ((code = 1; code < 256; code++)); do
  # No name can contain a slash.
  if [ $code = 47 ]; then continue; fi
  byte $code
  for name in "$REPLY" "$REPLY$REPLY" "${REPLY}12" "1${REPLY}2" "12$REPLY"; do one "$name"; done
done

# Half of the names contain only what a unit can hold, so that not all are refused.
writable=(a Z 0 - _ . + '=' '?' ' ' ':' '%' "\\" '$' '~' '#' ';' '*' '[' '@' '!' '&' ',' é € 😀 '%n' '\x41' ' :')
for ((number = 0; number < count; number++)); do
  name=
  for ((length = RANDOM % 16 + 1; length > 0; length--)); do
    if [ $((number % 2)) = 0 ]; then
      REPLY=${writable[RANDOM % ${#writable[@]}]}
    else
      byte $((RANDOM % 255 + 1))
      if [ "$REPLY" = / ]; then REPLY=x; fi
    fi
    name+=$REPLY
  done
  one "$name"
done
