# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For a test file that boots one container, with a real Nix store, for all of its tests. DRIVER is its script in
# systemd/, OPTIONS are for systemd-nspawn, and lay_out_files makes the other files of the container in $W/files. With
# KEEP=DIR, the results are copied there.

load helpers
load nix
load container

setup_file() {
  export W=$BATS_FILE_TMPDIR
  new_nix "$W"
  if [ ! -s "$W/why" ]; then why_no_container "$W" >"$W/why"; fi
  if [ -s "$W/why" ]; then return; fi
  install -D -t "$W/probe/bin" "$BUILD/probe"
  mkdir -p "$W/files/readme" "$W/results"
  # Without a build, since there may be no compiler.
  make -s --no-print-directory -C "$ROOT" -o all install BUILD="$BUILD" DESTDIR="$W/files" PREFIX=/usr/local
  install -D -m 644 -t "$W/files/etc/nix" "$W/conf/nix.conf"
  cp "$ROOT/tests/systemd/common.bash" "$W/files"
  cp "$ROOT/tests/systemd/$DRIVER" "$W/files/driver"
  lay_out_files
  "$ROOT/tests/systemd/boot.sh" "$W/files" "$W/results" "$W/root/nix" "${OPTIONS[@]}"
}

teardown_file() {
  if [ -n "${KEEP-}" ]; then cp -a "$BATS_FILE_TMPDIR/results/." "$KEEP"; fi
  remove_nix "$BATS_FILE_TMPDIR"
}

setup() {
  W=$BATS_FILE_TMPDIR
  if [ -s "$W/why" ]; then unmet "$(cat "$W/why")"; fi
  # shellcheck source=/dev/null
  if [ -e "$W/files/packages" ]; then . "$W/files/packages"; fi
  cd "$W/results" || return
}

# packages NAME...: builds these of systemd/units.nix, and writes the file "packages" of the container, with a variable
# for the store path of each, which lies below $W/root.
packages() {
  local chosen
  mapfile -t chosen < <(printf -- '-A\n%s\n' "$@")
  nix-build --no-out-link "$ROOT/tests/systemd/units.nix" --argstr helper "$W/helper" --argstr busybox "$W/busybox" \
    --argstr probe "$W/probe" "${chosen[@]}" >"$W/built" 2>"$W/log" || { cat "$W/log" >&2; return 1; }
  paste -d = <(printf '%s\n' "${@^^}") "$W/built" >"$W/files/packages"
  # shellcheck source=/dev/null
  . "$W/files/packages"
}

# says SERVICE: prints the output of the service. If the service failed, prints its journal, too, and fails.
says() {
  if grep -qx -e "$1.service success" results; then
    cat "$1.out"
  else
    {
      echo "$1 failed. Its output:"
      cat "$1.out"
      echo 'Its journal:'
      grep -F "$1" journal
    } >&2
    return 1
  fi
}
