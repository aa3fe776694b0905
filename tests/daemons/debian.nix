# SPDX-License-Identifier: MIT
#
# The packages in FILE, the output of debian.sh, as store paths, one each. Their programs and
# libraries find each other by store path, so that Nix knows the references. Those named in REVISED
# depend on REVISION.
{
  file,
  revision,
  revised,
}:

let
  inherit (builtins)
    concatStringsSep
    currentSystem
    elem
    fromJSON
    mapAttrs
    readFile
    ;

  package =
    name:
    { files, needs }:
    derivation {
      inherit name;
      system = currentSystem;
      builder = "/bin/bash";
      args = [ ./debian-builder.sh ];
      files = concatStringsSep "\n" files + "\n";
      needs = map (need: packages.${need}) needs;
      revision = if elem name revised then revision else "";
      passAsFile = [ "files" ];
    };

  packages = mapAttrs package (fromJSON (readFile file));
in
packages
