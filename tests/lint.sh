#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Checks the format, the warnings of both compilers, static analysis, scripts, the man pages and the Nix
# syntax. Prints one TAP line per check.
set -u

count=0
failed=0
# check NAME COMMAND...
check() {
  name=$1
  shift
  count=$((count + 1))
  if ! command -v "$1" >/dev/null; then
    echo "ok $count - $name # skip no $1 here"
  # groff exits with 0 even if it warns.
  elif said=$("$@" 2>&1) && ! echo "$said" | grep -q -e '^troff' -e '^mdoc'; then
    echo "ok $count - $name"
  else
    failed=1
    echo "not ok $count - $name"
    echo "$said" | sed 's/^/# /'
  fi
}

flags="-std=c17 -D_GNU_SOURCE -DCHROOT_PATHS_VERSION=__FILE__ -DWITH_ZSTD"
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only'

check 'the format of the C code' clang-format --dry-run --Werror src/*.[ch] tests/*.[ch] tests/*/*.[ch]
for compiler in gcc clang; do
  # shellcheck disable=SC2086
  check "no warning from $compiler" $compiler $flags $warnings src/*.c tests/*.c tests/*/*.c
  # shellcheck disable=SC2086
  check "no warning from $compiler without zstd" $compiler $flags -UWITH_ZSTD $warnings src/*.c
done
# shellcheck disable=SC2086
check 'clang-tidy' clang-tidy --quiet --warnings-as-errors='*' src/*.c tests/*.c tests/*/*.c -- $flags
check 'cppcheck' cppcheck --quiet --std=c11 --enable=warning,style,performance,portability \
  --inline-suppr --suppress=missingIncludeSystem --error-exitcode=1 -DWITH_ZSTD \
  -DCHROOT_PATHS_VERSION=__FILE__ src tests
check 'the shell scripts' shellcheck --external-sources tests/*.sh tests/*.bash tests/*/*.bash tests/*/*.sh .ci/run
check 'the bats files' shellcheck --external-sources tests/*.bats
for file in tests/*.pl tests/*/*.pl; do
  check "the syntax of $file" perl -Mstrict -wc "$file"
done
# man(1) uses 78 columns on a terminal of 80.
for page in src/*.[17]; do
  check "$page" mandoc -Tlint -Wwarning "$page"
  check "$page in groff" groff -z -t -mdoc -Tutf8 -rLL=78n -ww "$page"
done
for file in nix/*.nix tests/*/*.nix; do
  check "the syntax of $file" nix-instantiate --parse "$file"
done
check 'no line of a Nix expression is longer than 100 columns' \
  sh -c '! git grep -n -E "^.{101}" -- "nix/*.nix" "tests/nix/*.nix"'
# git grep exits with 1 if it finds no file, and with more outside of a git checkout.
check 'a licence in every file' sh -c 'git grep --files-without-match SPDX-License-Identifier: -- \
  ":!tests/bench/results" ":!tests/fuzz/corpus" ":!*.lock"; test $? = 1'
echo "1..$count"
exit $failed
