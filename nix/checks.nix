# SPDX-License-Identifier: MIT
#
# Checks of the program as hermetic builds, one derivation each.
{ pkgs, chroot-paths }:

let
  inherit (pkgs.stdenv.buildPlatform) system;
  lib = import ./lib.nix;
  fromGraph = lib.chrootPaths { inherit system; helper = chroot-paths; };
  fromInfo = lib.chrootPaths { inherit system; helper = chroot-paths; inherit (pkgs) closureInfo; };

  service = {
    name = "check@1";
    packages = [ "${pkgs.hello}/bin/hello --greeting" link ];
    binSh = pkgs.runtimeShell;
  };
  link = pkgs.runCommand "link" { } "ln -s ${pkgs.hello}/bin $out";
  info = pkgs.closureInfo { rootPaths = [ pkgs.hello link service.binSh ]; };
in
{
  inherit chroot-paths;

  # The unit binds exactly the paths that closureInfo lists, each once.
  unit = pkgs.runCommand "chroot-paths-unit" { } ''
    unit=lib/systemd/system/check@1.service
    cmp ${fromGraph service}/$unit ${fromInfo service}/$unit
    sed -n 's/^BindReadOnlyPaths=\(.*:\)\?//p' ${fromGraph service}/$unit | grep -v '^/bin/sh$' > bound
    sort ${info}/store-paths | cmp - <(sort bound)
    grep -x "BindReadOnlyPaths=$(readlink -e ${link}):${link}" ${fromGraph service}/$unit
    touch $out
  '';

  # If a path does not exist, the program fails and writes nothing.
  refusal = pkgs.runCommand "chroot-paths-refusal" { } ''
    if echo /nowhere | ${chroot-paths}/bin/chroot-paths --store-paths - --service a.service --out out 2> said; then
      exit 1
    fi
    grep -x 'chroot-paths: standard input:1: No such file or directory: /nowhere' said
    [ ! -e out ]
    touch $out
  '';
}
