# SPDX-License-Identifier: MIT
#
# The package, for callPackage: a static bin/chroot-paths, its man page and its units. It is linked
# with musl in pkgsStatic, and with a static glibc elsewhere.
{
  lib,
  stdenv,
  buildPackages,
  zstd,
  # Whether to support compressed input.
  zstdSupport ? true,
}:

let
  inherit (stdenv.hostPlatform) isStatic;
  inherit (stdenv.cc) targetPrefix;
in
stdenv.mkDerivation (finalAttrs: {
  pname = "chroot-paths";
  version = "0.1.0";

  # Only the sources, so that an edit of any other file causes no rebuild.
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../Makefile
      ../src
    ];
  };

  strictDeps = true;

  buildInputs =
    # The static glibc is an output of its own. Other libcs do not have it.
    lib.optional (!isStatic && stdenv ? cc.libc.static) stdenv.cc.libc.static
    ++ lib.optional zstdSupport (if isStatic then zstd else zstd.override { static = true; });

  makeFlags = [
    "CC=${targetPrefix}cc"
    "PREFIX=$(out)"
    "STRIP=${targetPrefix}strip"
  ]
  ++ lib.optional zstdSupport "ZSTD=1";

  # As a builder it runs in a sandbox without libraries, so it has to be static.
  doInstallCheck = true;
  installCheckPhase = ''
    runHook preInstallCheck
    ${targetPrefix}readelf --wide --program-headers $out/bin/chroot-paths > headers
    if grep INTERP headers; then
      echo 'chroot-paths is not static' >&2
      exit 1
    fi
    runHook postInstallCheck
  '';

  passthru.tests = buildPackages.callPackages ./checks.nix {
    chroot-paths = finalAttrs.finalPackage;
  };

  meta = {
    description = "Write the systemd unit that binds the closure of a confined service";
    license = lib.licenses.mit;
    platforms = lib.platforms.linux;
    mainProgram = "chroot-paths";
  };
})
