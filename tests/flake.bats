#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# nix/flake.nix as ?dir=nix of a git checkout, in pure mode. Its nixpkgs is a local tree: the stand-in in
# tests/nix/nixpkgs, whose stdenv is the machine's compiler.

load helpers
load nix
load container

setup_file() {
  new_nix "$BATS_FILE_TMPDIR" /bin /lib /lib64 /usr
  git init -q "$BATS_FILE_TMPDIR/checkout" 2>/dev/null || return 0
  cp -r Makefile src nix "$BATS_FILE_TMPDIR/checkout"
  git -C "$BATS_FILE_TMPDIR/checkout" add -A
}

setup() {
  if [ -s "$BATS_FILE_TMPDIR/why" ]; then unmet "$(cat "$BATS_FILE_TMPDIR/why")"; fi
  command -v git >/dev/null || unmet 'no git here'
  new_world
}

needs_compiler() {
  command -v gcc >/dev/null || unmet 'no gcc here'
}

# flake COMMAND ATTRIBUTE [OPTION]...: if ATTRIBUTE is empty, the flake's URL stands alone.
flake() {
  local command=$1 attribute=$2
  shift 2
  # shellcheck disable=SC2086
  nix $command "git+file://$BATS_FILE_TMPDIR/checkout?dir=nix${attribute:+#$attribute}" --no-write-lock-file \
    --override-input nixpkgs "path:$ROOT/tests/nix/nixpkgs" "$@"
}

system=$(uname -m)-linux

@test 'nix flake check finds no error' {
  flake 'flake check' '' --no-build
}

@test 'the flake has the outputs that users expect' {
  types='builtins.mapAttrs (system: builtins.mapAttrs (name: it: it.type))'
  both() { echo "{\"aarch64-linux\":{$1},\"x86_64-linux\":{$1}}"; }
  [ "$(flake eval packages --apply "$types" --json)" = "$(both '"chroot-paths":"derivation","default":"derivation"')" ]
  [ "$(flake eval checks --apply "$types" --json)" = \
    "$(both '"chroot-paths":"derivation","refusal":"derivation","unit":"derivation"')" ]
  [ "$(flake eval devShells --apply "$types" --json)" = "$(both '"default":"derivation"')" ]
  [ "$(flake eval packages.x86_64-linux.default.tests.unit.type)" = '"derivation"' ]
  [[ $(flake eval lib.chrootPaths --apply builtins.typeOf) == '"lambda"' ]]
  [[ $(flake eval nixosModules.default --apply 'module: map baseNameOf module.imports') == '[ "module.nix" ]' ]]
}

@test 'nix run and nix build work with the URL of the flake, and the package has a man page' {
  needs_compiler
  [[ $(flake run '' -- --version) == 'chroot-paths '[0-9]* ]]
  flake build ''
  [ -f "$BATS_FILE_TMPDIR/root$(readlink result)/share/man/man1/chroot-paths.1" ]
}

@test 'the overlay and nix/default.nix give the same package' {
  package=$(flake eval packages."$system".default.outPath)
  [ "$package" = "$(flake eval overlays.default --apply "overlay:
    let pkgs = import $ROOT/tests/nix/nixpkgs { system = \"$system\"; };
    in (overlay (pkgs // { }) pkgs).chroot-paths.outPath" --impure)" ]
  [ "$package" = "$(NIX_PATH=nixpkgs=$ROOT/tests/nix/nixpkgs nix-instantiate --eval --json \
    -E "(import $ROOT/nix { }).chroot-paths.outPath")" ]
}

@test 'a flake of a user takes the package from the nixpkgs that it follows, and fetches no other' {
  mkdir user
  cp -r "$ROOT/tests/nix/nixpkgs" .
  # Its packages have other names than those of the stand-in.
  sed -i 's/${attributes.pname}-/users-&/' nixpkgs/default.nix
  cat >user/flake.nix <<END
{
  inputs.nixpkgs.url = "path:$W/nixpkgs";
  inputs.chroot-paths = { url = "git+file://$BATS_FILE_TMPDIR/checkout?dir=nix"; inputs.nixpkgs.follows = "nixpkgs"; };
  outputs = { nixpkgs, chroot-paths, ... }: {
    packages.$system.default = chroot-paths.packages.$system.default;
  };
}
END
  [[ $(nix eval "path:$W/user#default.name" --no-write-lock-file) == '"users-chroot-paths-'* ]]
  nix flake metadata "path:$W/user" --no-write-lock-file --json >metadata
  locked='builtins.attrNames (builtins.fromJSON (builtins.readFile ./metadata)).locks.nodes'
  [ "$(nix eval --impure --expr "$locked")" = '[ "chroot-paths" "nixpkgs" "root" ]' ]
}

@test 'the flake of the README checks that no disallowed package is in a closure' {
  needs_compiler
  mkdir user
  cp -r "$ROOT/tests/nix/nixpkgs" .
  # "hello" refers to "perl" or does not.
  cat >nixpkgs/flake.nix <<END
{
  outputs = { self }: {
    lib = import ./lib.nix;
    legacyPackages.$system =
      let pkgs = import ./. { system = "$system"; };
      in pkgs // rec {
        perl = pkgs.runCommand "perl" { } "echo >\$out";
        hello = pkgs.runCommand "hello" { } "echo \${perl} >\$out";
      };
  };
}
END
  block 'A flake' 1 | sed "s|github:NixOS/nixpkgs/nixos-unstable|path:$W/nixpkgs|; s|x86_64-linux|$system|
    s|file:///path/to/chroot-paths|file://$BATS_FILE_TMPDIR/checkout|" >user/flake.nix
  run ! nix build "path:$W/user#checks.$system.no-perl" --no-link --no-write-lock-file
  [[ $output == *'is not allowed to refer to'*-perl* ]]
  sed -i 's/\${perl} //' nixpkgs/flake.nix
  nix build "path:$W/user#checks.$system.no-perl" --no-write-lock-file
  [ -f "$BATS_FILE_TMPDIR/root$(readlink result)/lib/systemd/system/hello.service" ]
}

@test 'the directory nix alone is no flake, and the message says what is' {
  cp -r "$ROOT/nix" .
  run ! nix eval "path:$W/nix#packages.$system.default.name" --no-write-lock-file \
    --override-input nixpkgs "path:$ROOT/tests/nix/nixpkgs"
  [[ $output == *'chroot-paths: the flake is path:CHECKOUT?dir=nix or git+file://CHECKOUT?dir=nix'* ]]
}

@test 'the checks pass, and fail when what they check is broken' {
  needs_compiler
  for check in unit refusal; do flake build checks."$system".$check --no-link; done
  sed -i '0,/bind->source = bind->resolved;/s//bind->source = NULL;/' "$BATS_FILE_TMPDIR/checkout/src/bind.c"
  sed -i 's/FAILED = 1/FAILED = 0/' "$BATS_FILE_TMPDIR/checkout/src/die.h"
  for check in unit refusal; do
    run ! flake build checks."$system".$check --no-link
    # In the words of this Nix
    grep -E "error: (builder for|Cannot build) '[^']*-chroot-paths-$check\.drv'" <<<"$output"
  done
  cp "$ROOT"/src/{bind.c,die.h} "$BATS_FILE_TMPDIR/checkout/src"
}

@test 'an edit outside of src and Makefile causes no rebuild' {
  before=$(flake eval packages."$system".default.outPath)
  echo '# changed' >>"$BATS_FILE_TMPDIR/checkout/nix/module.nix"
  [ "$(flake eval packages."$system".default.outPath)" = "$before" ]
  echo '// changed' >>"$BATS_FILE_TMPDIR/checkout/src/main.c"
  [ "$(flake eval packages."$system".default.outPath)" != "$before" ]
  cp "$ROOT/src/main.c" "$BATS_FILE_TMPDIR/checkout/src"
}
