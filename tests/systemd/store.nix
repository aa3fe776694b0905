# SPDX-License-Identifier: MIT
#
# The packages for store.bats and escape.bats. HELPER, BUSYBOX and PROBE are directories with a bin
# directory.
{
  helper,
  busybox,
  probe,
}:
let
  world = import ../nix/world.nix { inherit helper busybox; };
  inherit (world) run import';
in
world.packages
// {
  probe = run "probe" { } "cp -r ${import' "probe" probe} $out";
  applets = run "applets" { } ''
    mkdir -p $out/bin
    ${import' "busybox" busybox}/bin/busybox --install -s $out/bin
  '';

  # The driver plants what Nix does not put into a store.
  planted = run "planted" { } "mkdir $out";
}
