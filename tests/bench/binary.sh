#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Compares the cost of starting the program with that of starting a program that does nothing.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
needs strip binutils strace strace

cd "$W" || exit
: >list
arguments=(--store-paths list --service bench.service --out out)

size_of() {
  strip -o stripped "$1"
  stat -c %s stripped
}

faults_of() {
  for ((run = 0; run < 21; run++)); do
    rm -rf out
    "$BUILD/bench/faults" "$@"
  done >faults
  median faults
}

# Prints the number of system calls before the first read, or of all if there is no read.
calls_of() {
  rm -rf out
  strace -o calls "$@"
  awk '/^read\(|^exit_group\(/ { exit } { calls++ } END { print calls }' calls
}

line() { printf '%-40s %10d %12d %28d\n' "$@"; }

{
  echo 'The binary: what a start costs, with an empty closure'
  echo
  head_of_table "$(strace --version | head -n 1)"
  printf '%-40s %10s %12s %28s\n' '' 'stripped' 'page faults' 'calls before the first read'
  line 'return 0' "$(size_of "$NOTHING")" "$(faults_of "$NOTHING")" "$(calls_of "$NOTHING")"
  line 'chroot-paths' "$(size_of "$PROGRAM")" "$(faults_of "$PROGRAM" "${arguments[@]}")" \
    "$(calls_of "$PROGRAM" "${arguments[@]}")"
  line 'chroot-paths with zstd' "$(size_of "$BUILD/zstd/chroot-paths")" \
    "$(faults_of "$BUILD/zstd/chroot-paths" "${arguments[@]}")" \
    "$(calls_of "$BUILD/zstd/chroot-paths" "${arguments[@]}")"
  echo
  echo 'The calls of chroot-paths before the first read:'
  calls_of "$PROGRAM" "${arguments[@]}" >/dev/null
  sed -n '/^read(/q; s/(.*//p' calls | uniq -c | awk '{ printf "%s%s%s", sep, $2, ($1 > 1 ? " x" $1 : ""); sep = ", " } END { print "" }' |
    fold -s -w 98 | sed 's/^/  /; s/ *$//'
} | keep_table
