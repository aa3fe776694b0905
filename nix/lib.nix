# SPDX-License-Identifier: MIT
#
# The functions, none of which needs nixpkgs.
{
  chrootPaths = import ./chroot-paths.nix;
  confinement = import ./confinement.nix;
}
