# SPDX-License-Identifier: MIT
#
# Everything, for people without flakes.
{ pkgs ? import <nixpkgs> { } }:
{
  chroot-paths = pkgs.pkgsStatic.callPackage ./package.nix { };
  lib = import ./lib.nix;
  module = ./module.nix;
  overlay = import ./overlay.nix;
}
