# SPDX-License-Identifier: MIT
#
# The functions, for those who need no package: none of them needs nixpkgs.
{
  chrootPaths = import ./chroot-paths.nix;
  confinement = import ./confinement.nix;
  templates = import ./templates.nix;
}
