# SPDX-License-Identifier: MIT
#
# What the flake needs of the lib of nixpkgs.
{
  licenses.mit = { };
  platforms.linux = [ ];
  genAttrs =
    names: function:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = function name;
      }) names
    );
  optional = condition: value: if condition then [ value ] else [ ];
  fileset = {
    unions = paths: map toString paths;
    toSource =
      { root, fileset }:
      builtins.path {
        name = "source";
        path = root;
        filter =
          path: type:
          builtins.any (
            file: builtins.substring 0 (builtins.stringLength file + 1) "${path}/" == "${file}/"
          ) fileset;
      };
  };
}
