# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Functions for the tests that boot a container, in which a driver starts services and writes to /results.

# Prints why no container boots here, or nothing if one does. DIR is for what it leaves.
why_no_container() {
  if [ "$(id -u)" != 0 ]; then
    echo 'only root can boot a container'
  elif ! command -v systemd-nspawn >/dev/null; then
    echo 'no systemd-nspawn here'
  else
    mkdir -p "$1/empty" "$1/tried"
    : >"$1/empty/driver"
    "$ROOT/tests/systemd/boot.sh" "$1/empty" "$1/tried" >"$1/try" 2>&1 ||
      echo "no container boots here: $(tail -n 1 "$1/try")"
  fi
}

# block SECTION LANGUAGE N: prints the N-th code block of that language in a section of the README.
block() {
  awk -v section="## $1" -v fence="\`\`\`$2" -v number="$3" '
    /^## / { inside = $0 == section }
    /^```$/ { shown = 0 }
    shown { print }
    inside && $0 == fence { shown = ++blocks == number }' "$ROOT/README.md"
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

# build_package ATTRIBUTE: builds it from systemd/store.nix and prints its store path, which lies below $W/root.
build_package() {
  nix-build --no-out-link "$ROOT/tests/systemd/store.nix" --argstr helper "$W/helper" \
    --argstr busybox "$W/busybox" --argstr probe "$W/probe" -A "$1" 2>"$W/log" || { cat "$W/log" >&2; return 1; }
}
