# SPDX-License-Identifier: MIT
#
# The package, for callPackage: bin/chroot-paths, static, and its man page. In pkgsStatic it is linked
# with musl; elsewhere with the static part of glibc.
{ lib
, stdenv
, zstd ? null
  # Whether it reads compressed input.
, zstdSupport ? true
  # For passthru.tests.
, pkgs ? null
}:

let
  isStatic = stdenv.hostPlatform.isStatic or false;
  # As far as a given stdenv tells: nixpkgs has the static part of glibc in an output of its own.
  staticLibc = lib.optional (!isStatic && stdenv ? cc.libc.static) stdenv.cc.libc.static;
  staticZstd = if isStatic then zstd else zstd.override { static = true; };

  # builtins.path came with Nix 2.0.
  sourceOf = builtins.path or ({ path, filter, ... }: builtins.filterSource filter path);
  makefile = builtins.readFile ../Makefile;
  version = builtins.head (builtins.match ".*\nVERSION = ([0-9.]+)\n.*" makefile);

  chroot-paths = stdenv.mkDerivation {
    name = "chroot-paths-${version}";
    pname = "chroot-paths";
    inherit version;

    # Only what it is made of: an edit of the README builds nothing anew.
    src = sourceOf {
      name = "chroot-paths-source";
      path = ../.;
      filter = path: type:
        let below = dir: builtins.substring 0 (builtins.stringLength dir + 1) path == "${dir}/";
        in path == toString ../Makefile || path == toString ../src || below (toString ../src);
    };

    buildInputs = staticLibc ++ lib.optional zstdSupport staticZstd;

    makeFlags = [ "CC=${stdenv.cc.targetPrefix or ""}cc" "PREFIX=$(out)" "EMPTY=" "STRIP=${stdenv.cc.targetPrefix or ""}strip" ]
      ++ lib.optional zstdSupport "ZSTD=1";

    # A sandbox in which it is the builder has no library: better no package than one that needs them.
    doInstallCheck = true;
    installCheckPhase = ''
      ${stdenv.cc.bintools.targetPrefix or ""}readelf --wide --program-headers $out/bin/chroot-paths > headers
      if grep INTERP headers; then
        echo 'chroot-paths is not static' >&2
        exit 1
      fi
    '';

    meta = {
      description = "Write the systemd unit that binds the closure of a confined service";
      license = lib.licenses.mit or "MIT";
      platforms = lib.platforms.linux or [ "x86_64-linux" "aarch64-linux" ];
      mainProgram = "chroot-paths";
    };

    passthru.tests =
      if pkgs == null then { }
      else import ./checks.nix { pkgs = pkgs.buildPackages or pkgs; inherit chroot-paths; };
  };
in
chroot-paths
