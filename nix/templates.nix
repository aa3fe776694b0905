# SPDX-License-Identifier: MIT
#
# The template units in src, for NixOS: with the absolute paths of their tools, and the layers where
# chroot-paths.nix has them.
{
  # TOOL PACKAGE NAME: where the program NAME of the package of that name in nixpkgs is.
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
      "confinement-store/%i"
      " %i.conf"
    ]
    [
      "=${tool "systemd" "systemd-tmpfiles"} "
      "=${tool "util-linux" "mount"} "
      "=-${tool "util-linux" "umount"} "
      "${storeDir},"
      "confinement-store${storeDir}/%i"
      " ${storeDir}/%i/lib/tmpfiles.d/%i.conf"
    ]
    (template "confinement-store@.service");

  "confinement-store@.target" = template "confinement-store@.target";
}
