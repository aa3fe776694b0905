# SPDX-License-Identifier: MIT
#
# The read-only view of the store that units are made for: one mount for all services of a host. In
# the words of NixOS' systemd.mounts.
{ where ? "/run/nix-store-view" }:
{
  inherit where;
  what = builtins.storeDir;
  type = "none";
  options = "bind,ro";
  description = "Read-only view of the Nix store, for confined services";
}
