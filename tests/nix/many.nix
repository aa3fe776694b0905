# SPDX-License-Identifier: MIT
#
# Two hundred services, each with a closure of its own that overlaps with some of the others.
{ helper }:

let
  chrootPaths = import ../../nix/chroot-paths.nix {
    helper = builtins.path { name = "chroot-paths"; path = helper; };
  };

  service = number:
    let
      n = toString number;
      shared = builtins.toFile "shared-${toString (number - number / 10 * 10)}" "shared by twenty";
      below = builtins.toFile "below-${n}" "below ${n}";
      top = builtins.toFile "top-${n}" "${below} ${shared}";
    in
    {
      unit = chrootPaths { name = "service-${n}"; packages = [ top ]; };
      closure = "service-${n} ${shared} ${below} ${top}\n";
    };

  services = builtins.genList service 200;
in
{
  units = map ({ unit, ... }: unit) services;
  # A line for each: its name, and the paths of its closure.
  closures = builtins.concatStringsSep "" (map ({ closure, ... }: closure) services);
}
