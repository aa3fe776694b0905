# SPDX-License-Identifier: MIT
#
# Checks of the program as hermetic builds, one derivation each.
{ pkgs, chroot-paths }:

let
  chrootPaths =
    closureInfo:
    import ./chroot-paths.nix {
      inherit (pkgs.stdenv.buildPlatform) system;
      helper = chroot-paths;
      inherit closureInfo;
    };
  fromGraph = chrootPaths null service;
  fromInfo = chrootPaths pkgs.closureInfo service;

  service = {
    name = "check@1";
    packages = [
      "${pkgs.hello}/bin/hello --greeting"
      link
    ];
    binSh = pkgs.runtimeShell;
  };
  link = pkgs.runCommand "link" { } "ln -s ${pkgs.hello}/bin $out";
  info = pkgs.closureInfo {
    rootPaths = [
      pkgs.hello
      link
      service.binSh
    ];
  };
in
{
  inherit chroot-paths;

  # The unit binds exactly the paths that closureInfo lists, each once.
  unit = pkgs.runCommand "chroot-paths-unit" { } ''
    unit=${fromGraph}/lib/systemd/system/check@1.service
    cmp $unit ${fromInfo}/lib/systemd/system/check@1.service
    sed -n 's/^BindReadOnlyPaths=\(.*:\)\?//p' $unit | grep -v '^/bin/sh$' > bound
    sort ${info}/store-paths | cmp - <(sort bound)
    grep -x "BindReadOnlyPaths=$(readlink -e ${link}):${link}" $unit
    touch $out
  '';

  # If a path does not exist, the program fails and writes nothing.
  refusal = pkgs.runCommand "chroot-paths-refusal" { } ''
    echo /nowhere > closure
    run() { ${chroot-paths}/bin/chroot-paths --store-paths closure --service a.service --out out; }
    if run 2> said; then exit 1; fi
    grep -x 'chroot-paths: closure:1: No such file or directory: /nowhere' said
    [ ! -e out ]
    touch $out
  '';
}
