# SPDX-License-Identifier: MIT
#
# The template unit in src, adapted to NixOS: its tools have absolute paths.
{
  # tool PACKAGE NAME: the path of the program NAME in the package PACKAGE of nixpkgs.
  tool,
}:

{
  "confinement-root@.service" =
    builtins.replaceStrings [ "=true" ] [ "=${tool "coreutils" "true"}" ]
      (builtins.readFile ../src/confinement-root@.service);
}
