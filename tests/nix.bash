# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A private Nix in a directory, with its own configuration and store, and a real sandbox.

# For a test file that has no such functions of its own.
setup_file() {
  new_nix "$BATS_FILE_TMPDIR"
}

teardown_file() {
  remove_nix "$BATS_FILE_TMPDIR"
}

setup() {
  if [ -s "$BATS_FILE_TMPDIR/why" ]; then unmet "$(cat "$BATS_FILE_TMPDIR/why")"; fi
  new_world
}

# new_nix DIR [PATH...]: uses DIR/root as the store, and puts the program into DIR/helper and a busybox into
# DIR/busybox. The sandbox shows these paths of the machine. Writes to DIR/why why the tests cannot build here,
# or nothing if they can.
new_nix() {
  local dir=$1
  mkdir -p "$dir/conf" "$dir/busybox/bin"
  printf '%s\n' 'build-users-group =' 'sandbox = true' "sandbox-paths = ${*:2}" 'substituters =' \
    'experimental-features = nix-command flakes' >"$dir/conf/nix.conf"
  export NIX_CONF_DIR=$dir/conf NIX_REMOTE="local?root=$dir/root" HOME=$dir/home
  unset NIX_PATH
  install -D "$PROGRAM" "$dir/helper/bin/chroot-paths"
  if command -v busybox >/dev/null; then cp "$(command -v busybox)" "$dir/busybox/bin/"; fi
  why_no_nix "$dir" >"$dir/why"
}

why_no_nix() {
  if grep -q -e -fsanitize -e --coverage "$BUILD/command"; then
    echo 'an instrumented build is not static, and the sandbox has no libraries'
  elif ! command -v nix-build >/dev/null; then
    echo 'no nix-build here'
  elif ! file -L "$(command -v busybox)" 2>/dev/null | grep -q 'statically linked'; then
    echo 'no static busybox here'
  elif ! nix-build --no-out-link -E 'derivation { name = "try"; system = builtins.currentSystem;
      builder = "${builtins.path { name = "busybox"; path = '"$1"'/busybox; }}/bin/busybox";
      args = [ "sh" "-c" "echo > $out" ]; }' >"$1/try" 2>&1; then
    echo "Nix cannot build in a sandbox here: $(tail -n 1 "$1/try")"
  fi
}

# Removes DIR. The directories of its store are read-only.
remove_nix() {
  chmod -R u+w "$1/root" 2>/dev/null || :
  rm -rf "$1"
}
