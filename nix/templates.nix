# SPDX-License-Identifier: MIT
#
# The template units in src, adapted to NixOS: their tools have absolute paths, and the layers are where
# chroot-paths.nix has them.
{
  # tool PACKAGE NAME: the path of the program NAME in the package PACKAGE of nixpkgs.
  tool,
}:

let
  inherit (builtins) readFile replaceStrings storeDir;
  template = name: readFile (../src + "/${name}");
in
{
  "confinement-root@.service" =
    replaceStrings [ "=true" ] [ "=${tool "coreutils" "true"}" ] (template "confinement-root@.service");

  "confinement-store@.service" = replaceStrings
    [
      "=systemd-tmpfiles "
      "=mount "
      "=-umount "
      "/nix/store,"
      "For=/nix/store"
      "confinement-store/%i"
      " %i.conf"
    ]
    [
      "=${tool "systemd" "systemd-tmpfiles"} "
      "=${tool "util-linux" "mount"} "
      "=-${tool "util-linux" "umount"} "
      "${storeDir},"
      "For=${storeDir}"
      "confinement-store${storeDir}/%i"
      " ${storeDir}/%i/lib/tmpfiles.d/%i.conf"
    ]
    (template "confinement-store@.service");

  "confinement-store@.target" = template "confinement-store@.target";
}
