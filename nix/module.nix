# SPDX-License-Identifier: MIT
#
# The NixOS module: passes its options to confinement.nix and chroot-paths.nix. It replaces
# security/systemd-confinement.nix of nixpkgs.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkIf mkOption types;

  cfg = config.systemd.confinement;
  serviceOptions = import ./options.nix { inherit config lib; };

  # Each service is decided on once. The decision is lazy, and settings of the service come from it.
  decisions = lib.mapAttrs (
    name: service:
    let
      # The name of the unit. NixOS lets it differ from the attribute since 2024.
      unitName = service.name or "${name}.service";
    in
    import ./confinement.nix (
      service
      // {
        name = lib.removeSuffix ".service" unitName;
        unit = config.systemd.units.${unitName};
      }
    )
  ) config.systemd.services;
  isConfined = name: service: service.enable && service.confinement.enable;
  confined = lib.attrValues (
    builtins.intersectAttrs (lib.filterAttrs isConfined config.systemd.services) decisions
  );

  serviceModule =
    { name, config, ... }:
    let
      decided = decisions.${name};
      inherit (config.confinement) binSh;
    in
    {
      options.confinement = serviceOptions;
      config = mkIf config.confinement.enable {
        serviceConfig =
          lib.mapAttrs (setting: lib.mkDefault) decided.serviceConfig.defaults
          // decided.serviceConfig.forced;
        # As unitConfig they merge with those of the user, whose priorities do not reach them.
        inherit (decided) unitConfig;
        confinement.packages = decided.packages ++ lib.optional (binSh != null) binSh;
      };
    };

  chroot-paths = pkgs.buildPackages.pkgsStatic.callPackage ./package.nix { zstdSupport = false; };
  chrootPaths = import ./chroot-paths.nix {
    inherit (pkgs.stdenv.buildPlatform) system;
    helper = cfg.package;
  };

  inherit (builtins) storeDir;
  rootDirectory = ''"/run/confinement-root/%i"'';
in
{
  disabledModules = [ "security/systemd-confinement.nix" ];

  options.systemd = {
    services = mkOption { type = types.attrsOf (types.submodule serviceModule); };

    confinement.package =
      lib.mkPackageOption { inherit chroot-paths; } "chroot-paths" {
        extraDescription = ''
          It writes the units, as the builder of a derivation, so it has to be built for the build
          platform. It need not be static: the closure of another one is in the sandbox, too.
        '';
      }
      // {
        defaultText = lib.literalMD "the package of this repository, static and without zstd";
      };
  };

  config = {
    assertions = map (message: {
      assertion = false;
      inherit message;
    }) (lib.concatMap (decided: decided.faults) confined);

    systemd.packages = map (decided: chrootPaths decided.chrootPaths) confined;

    # These two are the units in src, which say why each line is there.
    systemd.services."confinement-root@" = {
      description = "Root directory of the confined service %i";
      unitConfig.DefaultDependencies = false;
      conflicts = [ "shutdown.target" ];
      before = [ "shutdown.target" ];
      restartIfChanged = false;
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "${pkgs.coreutils}/bin/mkdir -p ${rootDirectory}";
        ExecStopPost = "${pkgs.coreutils}/bin/rm -rf --one-file-system ${rootDirectory}";
      };
    };
    # A switch to another configuration restarts a mount, and so the services on it, if anything
    # changes but the description and the options.
    systemd.mounts = [
      {
        description = "Read-only view of the Nix store";
        unitConfig.DefaultDependencies = false;
        conflicts = [ "umount.target" ];
        before = [ "umount.target" ];
        what = storeDir;
        where = "/run/readonly${storeDir}";
        type = "none";
        # "private", or a later mount over the store would propagate to the view.
        options = "bind,ro,nosuid,nodev,private";
      }
    ];
  };
}
