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

# block SECTION N: prints the N-th code block in a section of README.md or of a man page.
block() {
  awk -v section="$1" -v number="$2" '
    /^(##|\.Sh) / { inside = substr($0, index($0, " ") + 1) == section }
    /^```$/ || $0 == ".Ed" { shown = 0 }
    shown && FILENAME ~ /[17]$/ { gsub(/\\e/, "\\"); gsub(/\\&/, "") }
    shown { print }
    inside && (/^```[a-z]/ || /^\.Bd /) { shown = ++blocks == number }
  ' "$ROOT/README.md" "$ROOT"/src/*.[17]
}

# entries: prints what a service lacks, by chroot-paths-confinement(7), and its code blocks, with a tab before
# each line. The first block is what cures it; another follows an empty line.
entries() {
  awk '
    /^\.Sh / { inside = $0 == ".Sh WHAT A SERVICE LACKS" }
    !inside { next }
    /^\.It / { print substr($0, 5); blocks = 0 }
    $0 == ".Ed" { shown = 0 }
    shown { gsub(/\\e/, "\\"); print "\t" $0 }
    /^\.Bd / { shown = 1; if (blocks++ > 0) print "" }
  ' "$ROOT/src/chroot-paths-confinement.7"
}
