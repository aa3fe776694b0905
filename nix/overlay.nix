# SPDX-License-Identifier: MIT
final: prev: {
  chroot-paths = (final.pkgsStatic or final).callPackage ./package.nix { };
}
