# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the tests share. Each makes its own world, $W, and runs $PROGRAM or $WITH_ZSTD in it.

bats_require_minimum_version 1.5.0

cd "$BATS_TEST_DIRNAME/.." || exit
ROOT=$PWD
BUILD=$(realpath "${BUILD:-build}")
PROGRAM=$BUILD/chroot-paths
WITH_ZSTD=$BUILD/zstd/chroot-paths
NAME=test.service

# The words of strerror(3): as musl has them, or glibc.
words() {
  if grep -q musl "$BUILD/command"; then echo "$1"; else echo "$2"; fi
}

# unmet REASON: skips a test whose needs are not met, or fails it where they have to be.
unmet() {
  if "$ROOT/tests/setup.sh" --done; then
    echo "$1, and nothing may be missing here"
    return 1
  fi
  skip "$1"
}

# Sanitizers take memory and linking of their own; what is measured of those means nothing then.
skip_if_sanitized() {
  if grep -q -e -fsanitize -e --coverage "$BUILD/command"; then skip 'not a property of a build with instruments'; fi
}

needs_root() {
  if [ "$(id -u)" != 0 ]; then unmet "only root can $1"; fi
}

new_world() {
  W=$(realpath "$(mktemp -d "${BATS_TEST_TMPDIR:?}/world.XXXXXX")")
  cd "$W" || return
  unset NIX_STORE NIX_BUILD_TOP closureInfo referencesGraph rootsPath serviceName excludedPath binSh dropIn \
    confinementRoot confinementMode hideTmp out storeMount
  UNIT=$W/out/lib/systemd/system/$NAME
  LAYER=$W/out/lib/tmpfiles.d/test.conf
}

# A store with one path of every kind, and $W/list with all of them.
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

# Runs the program with "--service NAME --out W/out" and what is given.
chroot_paths() {
  "$PROGRAM" --service "$NAME" --out "$W/out" "$@"
}

# Succeeds where FILE (default: the unit) has, byte for byte, what comes in; nothing else is there, but
# perhaps the layer.
assert_unit() {
  cat >"$W/expected"
  diff -u "$W/expected" "${1:-$UNIT}" || return
  [ "$(stat -c %a "${1:-$UNIT}")" = 644 ] || { echo "mode is not 644"; return 1; }
  [ "$(find "$W/out" -type f ! -path "$LAYER" | wc -l)" = 1 ] || { find "$W/out"; return 1; }
}

# Succeeds where the layer has, byte for byte, what comes in and the line with the fingerprint of that.
assert_layer() {
  cat >"$W/expected"
  echo "f $1/layer/closure-$("$ROOT/tests/fingerprint.pl" <"$W/expected") 0444 root root -" >>"$W/expected"
  diff -u "$W/expected" "$LAYER" || return
  [ "$(stat -c %a "$LAYER")" = 644 ] || { echo "mode is not 644"; return 1; }
}

# Runs COMMAND, which must end with STATUS and say, in one line, "chroot-paths: MESSAGE"; nothing may
# be written, neither where nothing stands nor over what stands there.
refuses() {
  local status=$1 message=$2 got left
  shift 2
  for before in nothing something; do
    rm -rf "$W/out"
    if [ $before = something ]; then
      mkdir -p "$(dirname "$UNIT")"
      echo before >"$UNIT"
    fi
    got=0
    "$@" 2>"$W/stderr" || got=$?
    echo "stderr: $(head -c 500 "$W/stderr")"
    [ "$got" = "$status" ] || { echo "exit $got, not $status"; return 1; }
    [ "$(cat "$W/stderr")" = "chroot-paths: $message" ] || { echo "not: ${message:0:500}"; return 1; }
    [ "$(wc -l <"$W/stderr")" = 1 ] || { echo 'not one line'; return 1; }
    left=$(find "$W/out" ! -type d 2>/dev/null || :)
    if [ $before = something ]; then
      if [ "$left" != "$UNIT" ] || [ "$(cat "$UNIT")" != before ]; then
        echo "changed: $left"
        return 1
      fi
    else
      [ ! -e "$W/out" ] || { echo "left over:"; find "$W/out"; return 1; }
    fi
  done
}

# A references graph of the paths that come in, each but the first referring to the one before.
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
