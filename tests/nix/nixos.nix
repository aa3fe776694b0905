# SPDX-License-Identifier: MIT
#
# NixOS systems with confined services, on the nixpkgs in NIX_PATH.
{
  # A directory with bin/chroot-paths.
  helper,
  # The original module, to compare with; without it nothing can be compared.
  seed ? null,
}:

let
  system = modules: (import <nixpkgs/nixos> {
    configuration = {
      imports = modules;
      fileSystems."/".device = "/dev/example";
      boot.loader.grub.device = "/dev/example";
    };
  }).config;

  ours = configuration: system [
    ../../nix/module.nix
    { systemd.confinement.package = builtins.path { name = "chroot-paths"; path = helper; }; }
    configuration
  ];

  withServices = attributes: count: {
    systemd.services = builtins.listToAttrs (builtins.genList
      (n: {
        name = "test${toString n}";
        value = { serviceConfig.ExecStart = "/bin/true"; } // attributes;
      })
      count);
  };
  confined = withServices { confinement.enable = true; };
  service = confinement: serviceConfig: {
    systemd.services.test = {
      serviceConfig = { ExecStart = "/bin/true"; } // serviceConfig;
      confinement = { enable = true; } // confinement;
    };
  };
  data = builtins.toFile "data" "data";

  # Every setting that the seed knows, and overrides of its defaults.
  seedSettings = { lib, ... }: {
    imports = [
      {
        systemd.services = lib.mapAttrs
          (name: confinement: {
            serviceConfig.ExecStart = "/bin/true";
            confinement = { enable = true; } // confinement;
          })
          {
            plain = { };
            chroot-only.mode = "chroot-only";
            full-apivfs.mode = "full-apivfs";
            full-unit.fullUnit = true;
            no-shell.binSh = null;
            packages.packages = [ data ];
            disabled.enable = false;
          };
      }
    ];
    systemd.services.overrides = {
      confinement.enable = true;
      serviceConfig = {
        ExecStart = [ "" "/bin/true" ];
        PrivateMounts = false;
        MountAPIVFS = "no";
        PrivateDevices = false;
        PrivateTmp = "yes";
        PrivateUsers = lib.mkForce false;
        ProtectControlGroups = true;
        ProtectKernelModules = lib.mkForce "no";
        ProtectKernelTunables = false;
        User = "someone";
      };
    };
  };
  settings = config: builtins.listToAttrs (map
    (name: { inherit name; value = config.systemd.services.${name}.serviceConfig; })
    [ "plain" "chroot-only" "full-apivfs" "full-unit" "no-shell" "packages" "disabled" "overrides" ]);
in
{
  toplevel = configuration: (ours configuration).system.build.toplevel.drvPath;
  systems = {
    none = confined 0;
    one = confined 1;
    two = confined 2;
    fifty = confined 50;
    fiftyUnconfined = withServices { } 50;
    rootDirectoryStartOnly = service { } { RootDirectoryStartOnly = true; };
    dynamicUser = service { } { DynamicUser = true; };
    protectSystem = service { } { ProtectSystem = "strict"; };
    readOnly = service { root = "read-only"; } { DynamicUser = true; ProtectSystem = "strict"; };
    hostReadOnly.imports =
      [ { systemd.confinement.root = "read-only"; } (service { } { DynamicUser = true; }) ];
    unknownMode = service { mode = "none"; } { };
    unknownRoot = service { root = "rom"; } { };
    wrongType = service { enable = "yes"; } { };
    unknownOption = service { binsh = null; } { };
  };

  text = let config = ours (confined 1); in config.systemd.units."test0.service".text;

  viewText = (ours ({ systemd.confinement.storeView.enable = true; } // { imports = [ (confined 1) ]; }))
    .systemd.units."run-nix\\x2dstore\\x2dview.mount".text;
  viewOff = (ours (confined 1)).systemd.units ? "run-nix\\x2dstore\\x2dview.mount";

  # What the module adds to systemd.packages.
  packages = builtins.filter
    (package: builtins.match ".*-chroot-paths" (package.name or "") != null)
    (ours {
      imports = [ (service { packages = [ data ]; binSh = null; } { }) ];
      systemd.services."instance@" = {
        serviceConfig.ExecStart = "/bin/true ${data}";
        confinement = { enable = true; binSh = null; root = "read-only"; };
      };
    }).systemd.packages;

  settings = settings (ours seedSettings);
  seedSettings = settings (system [
    seed
    seedSettings
    # Where nixpkgs brings one of its own.
    (if builtins.pathExists (<nixpkgs> + "/nixos/modules/security/systemd-confinement.nix")
      then { disabledModules = [ "security/systemd-confinement.nix" ]; } else { })
  ]);
}
