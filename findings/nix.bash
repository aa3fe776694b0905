# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Nix in a Debian suite, for the scripts that source this file after common.bash.
#
#   nix SUITE VERSION [PACKAGE...]  makes a root file system with Nix, and checks its version
#   within                          runs there the bash script on standard input, with a new, empty store in /nix, a
#                                   real sandbox and no substituters; prints its output, and leaves it in $output
#
# `within` works in any root file system. With Nix, its script has `build EXPRESSION` and `evaluate EXPRESSION`. In both,
# `busybox` is a package, and `run NAME ATTRIBUTES SCRIPT` a derivation with a script for busybox' shell.

nix() {
  local suite=$1 is=$2
  shift 2
  # debootstrap does not know that libdbi-perl provides what nix-bin asks for.
  debian "$suite" nix-bin libdbi-perl busybox-static "$@"
  version nix-bin "$is"
}

within() {
  output=$work/output
  cat >"$work/script"
  # In a chroot, the kernel would allow no user namespaces: $root becomes the root of a mount namespace.
  # shellcheck disable=SC2016
  unshare --mount -- bash -euc '
    mount --bind "$1" "$1"
    cd "$1"
    for place in dev sys; do mount --rbind /$place $place; done
    mount -t proc none proc
    mkdir -p conf nix
    mount -t tmpfs none nix
    cp "$2/script" "$2/prelude" .
    pivot_root . mnt
    umount -l mnt
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 BASH_ENV=/prelude bash /script
  ' - "$root" "$work" >"$output" 2>&1 || changed "the script ended with status $?: $(cat "$output")"
  cat "$output"
}

cat >"$work/prelude" <<'EOF'
unset BASH_ENV
if [ ! -e /bin/busybox ]; then return; fi
install -D /bin/busybox /tmp/busybox/bin/busybox
export NIX_CONF_DIR=/conf NIX_REMOTE=local
cat >/conf/nix.conf <<'END'
build-users-group =
sandbox = true
sandbox-paths =
substituters =
experimental-features = nix-command flakes
END
cat >/conf/lib.nix <<'END'
rec {
  busybox = builtins.path { name = "busybox"; path = /tmp/busybox; };
  run = name: attributes: script: derivation ({
    inherit name;
    system = builtins.currentSystem;
    builder = "${busybox}/bin/busybox";
    args = [ "sh" "-euc" script ];
    PATH = "${busybox}/bin";
  } // attributes);
}
END
build() {
  nix-build --no-out-link -E "with import /conf/lib.nix; $1" 2>/tmp/log || { tail -n 5 /tmp/log >&2; return 1; }
}
evaluate() { nix-instantiate --eval --strict --read-write-mode -E "with import /conf/lib.nix; $1"; }
EOF
