# SPDX-License-Identifier: MIT
#
# A module with services like those that nixpkgs tests its confinement with: each user with each
# mode and PrivateTmp, and nine other cases. They are named test1 and so on.
{ lib, pkgs, ... }:

let
  users = {
    root = { };
    static.User = "somebody";
    dynamic.DynamicUser = true;
  };
  combinations =
    lib.mapCartesianProduct
      (
        {
          user,
          mode,
          privateTmp,
        }:
        {
          confinement.mode = mode;
          serviceConfig = lib.mkMerge [
            users.${user}
            # Only where it differs from the default of the mode.
            (lib.mkIf (privateTmp != (mode == "full-apivfs")) { PrivateTmp = privateTmp; })
          ];
        }
      )
      {
        user = lib.attrNames users;
        mode = [
          "chroot-only"
          "full-apivfs"
        ];
        privateTmp = [
          true
          false
        ];
      };

  link = pkgs.runCommand "link" { } "ln -s ${pkgs.jq} $out";
  others = [
    { serviceConfig.BindReadOnlyPaths = [ "/etc" ]; }
    { confinement.packages = [ link ]; }
    {
      serviceConfig = {
        User = "somebody";
        StateDirectory = "some-state";
        Restart = "on-failure";
      };
    }
    { }
    { confinement.binSh = null; }
    { confinement.binSh = "${pkgs.hello}/bin/hello"; }
    { environment.FILE = pkgs.jq; }
    {
      environment.FILE = pkgs.jq;
      confinement.fullUnit = true;
    }
    { confinement.mode = "chroot-only"; }
  ];

  common = {
    requiredBy = [ "multi-user.target" ];
    confinement.enable = true;
    serviceConfig.ExecStart = "${pkgs.dash}/bin/dash";
    serviceConfig.Type = "exec";
  };
in
{
  # The last one extends a unit that a package ships.
  systemd.packages = [
    (pkgs.writeTextFile {
      name = "shipped";
      destination = "/etc/systemd/system/test21.service";
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
    ) (combinations ++ others)
  );
}
