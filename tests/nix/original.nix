# SPDX-License-Identifier: MIT
#
# A module with services like those that nixpkgs tests its confinement with, named test1 and so on.
{ lib, pkgs, ... }:

let
  link = pkgs.runCommand "link" { } "ln -s ${pkgs.jq} $out";
  chrootOnly.confinement.mode = "chroot-only";

  services = [
    { }
    { serviceConfig.DynamicUser = true; }
    { serviceConfig.PrivateTmp = false; }
    chrootOnly
    (
      chrootOnly
      // {
        serviceConfig.PrivateUsers = lib.mkForce false;
        serviceConfig.PrivateTmp = true;
      }
    )
    { serviceConfig.BindReadOnlyPaths = [ "/etc" ]; }
    { confinement.packages = [ link ]; }
    {
      serviceConfig = {
        User = "somebody";
        StateDirectory = "some-state";
        Restart = "on-failure";
      };
    }
    { confinement.binSh = null; }
    { confinement.binSh = "${pkgs.hello}/bin/hello"; }
    { environment.FILE = pkgs.jq; }
    {
      environment.FILE = pkgs.jq;
      confinement.fullUnit = true;
    }
  ];

  common = {
    requiredBy = [ "multi-user.target" ];
    confinement.enable = true;
    serviceConfig.ExecStart = "${pkgs.dash}/bin/dash";
    serviceConfig.Type = "exec";
  };
in
{
  # The first one extends a unit that a package ships.
  systemd.packages = [
    (pkgs.writeTextFile {
      name = "shipped";
      destination = "/etc/systemd/system/test1.service";
      text = "[Service]\nSystemCallFilter=~kill\n";
    })
  ];
  systemd.services = lib.listToAttrs (
    lib.imap1 (
      number: settings:
      lib.nameValuePair "test${toString number}" (
        lib.mkMerge [
          common
          settings
        ]
      )
    ) services
  );
}
