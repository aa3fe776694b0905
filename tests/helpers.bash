# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Functions for all tests. Each test runs $PROGRAM or $WITH_ZSTD in a directory of its own, $W.

bats_require_minimum_version 1.5.0

cd "$BATS_TEST_DIRNAME/.." || exit
ROOT=$PWD
BUILD=$(realpath "${BUILD:-build}")
PROGRAM=$BUILD/chroot-paths
WITH_ZSTD=$BUILD/zstd/chroot-paths
NAME=test.service

# A test that hangs for LIMIT seconds fails by name. With BATS_TEST_TIMEOUT, bats itself would hang, since that
# does not end what "run" has started (bats issue 1020).
watch() {
  setpriv --pdeathsig KILL "$ROOT/tests/watchdog.pl" "$@" </dev/null >>"$BATS_OUT" 2>&1 3>&- 4>&- &
  disown
}
if [ -n "$BATS_TEST_NAME" ]; then
  watch "${LIMIT:-300}"
else
  # This is setup_file(), which may boot a whole system. Then the first test makes the directory.
  watch 900 "$BATS_RUN_TMPDIR/test"
fi

# words MUSL GLIBC: the text of strerror(3) in this build.
words() {
  if grep -q musl "$BUILD/command"; then echo "$1"; else echo "$2"; fi
}

# unmet REASON: skips a test because something is missing, or fails it if nothing may be missing.
unmet() {
  if "$ROOT/tests/setup.sh" --done; then
    echo "$1, and nothing may be missing here"
    return 1
  fi
  skip "$1"
}

# Sanitizers change how the program is linked and how much memory it needs.
skip_if_sanitized() {
  if grep -q -e -fsanitize -e --coverage "$BUILD/command"; then skip 'does not apply to an instrumented build'; fi
}

needs_root() {
  if [ "$(id -u)" != 0 ]; then unmet "only root can $1"; fi
}

new_world() {
  mkdir "${BATS_TEST_TMPDIR:?}/world"
  cd -P "$BATS_TEST_TMPDIR/world" || return
  W=$PWD
  unset NIX_STORE NIX_BUILD_TOP closureInfo referencesGraph rootsPath serviceName excludedPath binSh dropIn \
    confinementRoot storeView unitPath hideTmp out
  UNIT=$W/out/lib/systemd/system/$NAME
}

# Makes a store with one path of every kind, and $W/list with all of them.
example_store() {
  mkdir -p store/dir/bin store/other
  echo program >store/dir/bin/sh
  chmod +x store/dir/bin/sh
  echo file >store/file
  echo roots >store/roots
  ln -s "$W/store/dir" store/link
  ln -s link store/chain
  ln -s ../store/chain store/longer-chain
  ln -s "$W/store/dir/bin/sh" store/link-to-file
  ln -s dir/bin store/relative-link
  printf "$W/store/%s\n" dir file roots link chain longer-chain link-to-file relative-link >list
}

chroot_paths() {
  "$PROGRAM" --service "$NAME" --out "$W/out" "$@"
}

# assert_unit [FILE]: FILE (default: the unit) must equal standard input and be the only output.
assert_unit() {
  diff -u - "${1:-$UNIT}" || return
  [ "$(find "$W/out" -type f -printf '%m %p\n')" = "644 ${1:-$UNIT}" ] || { find "$W/out" -ls; return 1; }
}

# repeated COUNT FILE: prints FILE COUNT times.
repeated() { yes "$(cat "$2")" | head -n $(($1 * $(wc -l <"$2"))); }

# refuses STATUS MESSAGE COMMAND...: COMMAND must exit with STATUS and print one line,
# "chroot-paths: MESSAGE". It may neither create a file nor change the unit that is there.
refuses() {
  local got=0 said
  [ -d "${UNIT%/*}" ] || mkdir -p "${UNIT%/*}" || return
  echo before >"$UNIT"
  "${@:3}" 2>"$W/stderr" || got=$?
  IFS= read -r -d '' said <"$W/stderr" || :
  echo "exit $got: ${said:0:500}"
  [ "$got" = "$1" ] || { echo "not $1"; return 1; }
  [ "$said" = "chroot-paths: $2"$'\n' ] || { echo "not one line: ${2:0:500}"; return 1; }
  if [ "$(find "$W/out" ! -type d)" != "$UNIT" ] || [ "$(<"$UNIT")" != before ]; then
    echo 'the unit is changed, or a file is beside it'
    return 1
  fi
}

# Prints a references graph of the paths on standard input, in which each path refers to the previous one.
as_graph() {
  local previous='' path
  while IFS= read -r path; do
    if [ -n "$previous" ]; then
      printf '%s\n%s\n1\n%s\n' "$path" "/nix/store/some.drv" "$previous"
    else
      printf '%s\n\n0\n' "$path"
    fi
    previous=$path
  done
}
