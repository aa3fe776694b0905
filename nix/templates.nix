# SPDX-License-Identifier: MIT
#
# The template unit in src, adapted to NixOS: its programs have absolute paths.
{
  # tool PACKAGE NAME: the path of the program NAME in the package PACKAGE of nixpkgs.
  tool,
}:

{
  "confinement-root@.service" =
    builtins.replaceStrings
      [
        "=mkdir "
        "=rm "
      ]
      [
        "=${tool "coreutils" "mkdir"} "
        "=${tool "coreutils" "rm"} "
      ]
      (builtins.readFile (../src + "/confinement-root@.service"));
}
