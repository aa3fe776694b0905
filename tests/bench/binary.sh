#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Compares the cost of starting the program with that of starting a program that does nothing.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
needs strip binutils strace strace python3 python3

cd "$W" || exit
: >list
arguments=(--store-paths list --service bench.service --out out)

size_of() {
  strip -o stripped "$1"
  stat -c %s stripped
}

# Prints the page faults of a run, the median of 21.
faults_of() {
  for ((run = 0; run < 21; run++)); do
    rm -rf out
    python3 - "$@" <<'END'
import os, sys
usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)[2]
print(usage.ru_minflt + usage.ru_majflt)
END
  done >faults
  median faults
}

# Prints the number of system calls before the first read, or of all if there is no read.
calls_of() {
  rm -rf out
  strace -o calls "$@"
  awk '/^read\(|^exit_group\(/ { exit } { calls++ } END { print calls }' calls
}

# line NAME PROGRAM ARGUMENT...
line() {
  printf '%-40s %10d %12d %28d\n' "$1" "$(size_of "$2")" "$(faults_of "${@:2}")" "$(calls_of "${@:2}")"
}

{
  echo 'The binary: what a start costs, with an empty closure'
  echo
  head_of_table "$(strace --version | head -n 1)"
  printf '%-40s %10s %12s %28s\n' '' 'stripped' 'page faults' 'calls before the first read'
  line 'return 0' "$NOTHING"
  line 'chroot-paths' "$PROGRAM" "${arguments[@]}"
  line 'chroot-paths with zstd' "$BUILD/zstd/chroot-paths" "${arguments[@]}"
  echo
  echo 'The calls of chroot-paths before the first read:'
  calls_of "$PROGRAM" "${arguments[@]}" >/dev/null
  sed -n '/^read(/q; s/(.*//p' calls | paste -s -d ' ' | fold -s -w 98 | sed 's/^/  /; s/ *$//'
} | keep_table
