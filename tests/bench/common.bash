# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Functions that the benchmarks share. Each benchmark has its own directory, $W, and writes a table to
# tests/bench/results.

set -eu
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
ROOT=$PWD
BUILD=$(realpath "${BUILD:-build}")
# In another suite (see matrix.sh), the name of the part ends with that of the suite.
PART=$(basename "$0" .sh)${SUITE:+-$SUITE}
PROGRAM=$BUILD/chroot-paths
NOTHING=$BUILD/bench/nothing

unset NIX_STORE NIX_BUILD_TOP closureInfo referencesGraph rootsPath serviceName excludedPath binSh dropIn \
  confinementRoot storeView unitPath hideTmp out
W=$(realpath "$(mktemp -d)")
# The directories of a Nix store are read-only.
trap 'chmod -R u+w "$W"; rm -rf "$W"' EXIT

skip() {
  echo "bench: $PART is skipped: $1"
  exit 0
}

# needs PROGRAM PACKAGE...: each program, and the Debian package that has it.
needs() {
  while [ $# -gt 0 ]; do
    command -v "$1" >/dev/null || skip "no $1 here; Debian has it in the package $2"
    shift 2
  done
}

# make_store DIR COUNT [FILES]: makes a store with COUNT paths in DIR and prints them, sorted. 5% of them
# are symlinks to another path, and one in FILES is a plain file.
make_store() {
  mkdir -p "$1"
  perl -e '
    my ($dir, $count, $files) = @ARGV;
    my @digits = split //, "0123456789abcdfghijklmnpqrsvwxyz";
    my $target;
    srand 1;
    for my $n (1 .. $count) {
      my $path = "$dir/" . join("", map { $digits[rand @digits] } 1 .. 32) . "-package-$n";
      if ($n % 20 == 0) {
        symlink $target, $path or die "$path: $!";
      } elsif ($files && $n % $files == 1) {
        open my $file, ">", $path or die "$path: $!";
      } else {
        mkdir $path or die "$path: $!";
        $target = $path;
      }
      print "$path\n";
    }
  ' "$@" | sort
}

# median FILE: of the numbers in it.
median() {
  sort -g "$1" | awk '{ x[NR] = $1 } END { print (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2 }'
}

# calculate EXPRESSION
calculate() { awk "BEGIN { print $1 }"; }

# head_of_table VERSION...: prints the command that makes the table, the machine and the versions.
head_of_table() {
  local compiler libc
  compiler=$(grep -o '^[^ ]*' "$BUILD/command")
  if grep -q musl "$BUILD/command"; then
    libc="musl $(sh -c '/lib/ld-musl-*.so.1' 2>&1 | sed -n 's/^Version //p')"
  else
    libc="glibc $(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)"
  fi
  echo "command   make bench PART=$PART"
  echo "machine   $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(uname -sr)"
  echo "files on  $(stat -f -c %T "$W")"
  # Another suite may not have it.
  if command -v "$compiler" >/dev/null; then
    echo "compiler  $(basename "$compiler"), gcc $($compiler -dumpfullversion 2>/dev/null || $compiler -dumpversion), $libc"
  fi
  for version in "$@"; do echo "with      $version"; done
  echo
}

# target WHAT VALUE OPERATOR LIMIT UNIT: prints the value, the limit and whether the value reaches it.
target() {
  local verdict=missed words='at least'
  if [ "$3" = '<=' ]; then words='at most'; fi
  if awk "BEGIN { exit !($2 $3 $4) }"; then verdict=reached; fi
  printf '%-62s %8.2f%s  %s %s%s: %s\n' "$1" "$2" "$5" "$words" "$4" "$5" "$verdict"
}

# Prints the table on standard input and stores it in the results.
keep_table() {
  tee "$W/table"
  mv "$W/table" "$ROOT/tests/bench/results/$PART.txt"
}
