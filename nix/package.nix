# SPDX-License-Identifier: MIT
#
# The package, for callPackage: bin/chroot-paths, static, and its man page. In pkgsStatic it is linked
# with musl; elsewhere with the static part of glibc.
{ lib
, stdenv
, zstd
  # Whether it reads compressed input.
, zstdSupport ? true
  # For passthru.tests.
, pkgs
}:

let
  inherit (stdenv.hostPlatform) isStatic;
  inherit (stdenv.cc) targetPrefix;
  # As far as a given stdenv tells: nixpkgs has the static part of glibc in an output of its own.
  staticLibc = lib.optional (!isStatic && stdenv ? cc.libc.static) stdenv.cc.libc.static;
  staticZstd = if isStatic then zstd else zstd.override { static = true; };

  makefile = builtins.readFile ../Makefile;
  version = builtins.head (builtins.match ".*\nVERSION = ([0-9.]+)\n.*" makefile);

  chroot-paths = stdenv.mkDerivation {
    pname = "chroot-paths";
    inherit version;

    # Only what it is made of: an edit of the README builds nothing anew.
    src = builtins.path {
      name = "chroot-paths-source";
      path = ../.;
      filter = path: type: path == toString ../Makefile || lib.hasPrefix "${toString ../src}/" "${path}/";
    };

    buildInputs = staticLibc ++ lib.optional zstdSupport staticZstd;

    makeFlags = [ "CC=${targetPrefix}cc" "PREFIX=$(out)" "EMPTY=" "STRIP=${targetPrefix}strip" ]
      ++ lib.optional zstdSupport "ZSTD=1";

    # A sandbox in which it is the builder has no library: better no package than one that needs them.
    doInstallCheck = true;
    installCheckPhase = ''
      ${targetPrefix}readelf --wide --program-headers $out/bin/chroot-paths > headers
      if grep INTERP headers; then
        echo 'chroot-paths is not static' >&2
        exit 1
      fi
    '';

    meta = {
      description = "Write the systemd unit that binds the closure of a confined service";
      license = lib.licenses.mit;
      platforms = lib.platforms.linux;
      mainProgram = "chroot-paths";
    };

    passthru.tests = import ./checks.nix { pkgs = pkgs.buildPackages; inherit chroot-paths; };
  };
in
chroot-paths
