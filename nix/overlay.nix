# SPDX-License-Identifier: MIT
final: prev: {
  chroot-paths = final.pkgsStatic.callPackage ./package.nix { };
}
