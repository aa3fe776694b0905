# SPDX-License-Identifier: MIT
#
# The entry point for users without flakes.
{
  pkgs ? import <nixpkgs> { },
}:

{
  chroot-paths = pkgs.pkgsStatic.callPackage ./package.nix { };
  lib.chrootPaths = import ./chroot-paths.nix;
  module = ./module.nix;
  overlay = import ./overlay.nix;
}
