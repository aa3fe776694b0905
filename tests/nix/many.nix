# SPDX-License-Identifier: MIT
#
# Services whose closures differ and partly overlap.
{ helper }:

let
  chrootPaths = import ../../nix/chroot-paths.nix {
    helper = builtins.path {
      name = "chroot-paths";
      path = helper;
    };
  };

  service =
    number:
    let
      n = toString number;
      shared = builtins.toFile "shared-${toString (number - number / 10 * 10)}" "shared by six";
      below = builtins.toFile "below-${n}" "below ${n}";
      top = builtins.toFile "top-${n}" "${below} ${shared}";
    in
    {
      unit = chrootPaths {
        name = "service-${n}";
        packages = [ top ];
      };
      closure = "service-${n} ${shared} ${below} ${top}\n";
    };

  services = builtins.genList service 60;
in
{
  units = map ({ unit, ... }: unit) services;
  # One line per service: its name and the paths of its closure.
  closures = builtins.concatStringsSep "" (map ({ closure, ... }: closure) services);
}
