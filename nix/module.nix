# SPDX-License-Identifier: MIT
#
# The NixOS module: passes its options to confinement.nix and chroot-paths.nix. It replaces
# security/systemd-confinement.nix of nixpkgs.
{
  config,
  options,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkIf mkOption types;

  cfg = config.systemd.confinement;
  serviceOptions = import ./options.nix { inherit config lib; };

  # The name of the unit, without ".service". NixOS lets it differ from the attribute since 2024.
  nameOf = name: service: lib.removeSuffix ".service" (service.name or name);
  decide =
    name: service:
    import ./confinement.nix {
      name = nameOf name service;
      inherit (service)
        serviceConfig
        confinement
        path
        environment
        ;
      isMerged = true;
      overrideStrategy = service.overrideStrategy or null;
      unit = config.systemd.units."${nameOf name service}.service";
    };

  # Computed once for all services.
  defaults = lib.mapAttrs (
    mode: lib.mapAttrs (setting: lib.mkDefault)
  ) (import ./settings.nix).modes;

  serviceModule =
    { name, config, ... }:
    let
      inherit (config.confinement) binSh mode;
      decided = decide name config;
    in
    {
      options.confinement = serviceOptions;
      config = mkIf config.confinement.enable {
        serviceConfig = defaults.${mode} // decided.serviceConfig.forced;
        # As unitConfig they merge with those of the user, whose priorities do not reach them.
        inherit (decided) unitConfig;
        confinement.packages = decided.packages ++ lib.optional (binSh != null) binSh;
      };
    };

  chrootPaths = import ./chroot-paths.nix {
    inherit (pkgs.stdenv.buildPlatform) system;
    helper = cfg.package;
  };

  confined = lib.filterAttrs (
    name: service: service.enable && service.confinement.enable
  ) config.systemd.services;
  decisions = lib.mapAttrsToList decide confined;
  units = lib.zipListsWith (
    service: decided:
    chrootPaths (
      decided.chrootPaths
      // {
        inherit (service.confinement) packages;
        inherit (cfg) readOnlyStore;
      }
    )
  ) (lib.attrValues confined) decisions;

  notify =
    decided:
    let
      unit = "${decided.chrootPaths.name}.service";
    in
    lib.optional (decided.binds != [ ]) (
      pkgs.writeTextFile {
        name = "confinement-notify";
        destination = "/lib/systemd/system/${unit}.d/confinement-notify.conf";
        text = "[Service]\nBindReadOnlyPaths=${toString decided.binds}\n";
      }
    );

  chroot-paths = pkgs.buildPackages.pkgsStatic.callPackage ./package.nix { zstdSupport = false; };

  # boot.nixStoreMountOpts replaced boot.readOnlyNixStore, which throws when it is read since then.
  hasReadOnlyStore =
    let
      boot = options.boot or { };
    in
    if boot ? nixStoreMountOpts then
      lib.elem "ro" (lib.concatMap (lib.splitString ",") config.boot.nixStoreMountOpts)
    else
      boot ? readOnlyNixStore && config.boot.readOnlyNixStore;

  # As a package, so that systemd.services."confinement-root@" extends it.
  template = pkgs.writeTextFile {
    name = "confinement-root";
    destination = "/lib/systemd/system/confinement-root@.service";
    text =
      lib.replaceStrings
        [
          "=mkdir "
          "=rm "
        ]
        [
          "=${pkgs.coreutils}/bin/mkdir "
          "=${pkgs.coreutils}/bin/rm "
        ]
        (lib.readFile (../src + "/confinement-root@.service"));
  };
  isReadOnly = service: service.confinement.root == "read-only";
in
{
  disabledModules = [ "security/systemd-confinement.nix" ];

  options.systemd = {
    services = mkOption { type = types.attrsOf (types.submodule serviceModule); };

    confinement = {
      package =
        lib.mkPackageOption { inherit chroot-paths; } "chroot-paths" {
          extraDescription = ''
            It writes the units, as the builder of a derivation, so it has to be built for the build
            platform. It need not be static: the closure of another one is in the sandbox, too.
          '';
        }
        // {
          defaultText = lib.literalExpression (
            "pkgs.buildPackages.pkgsStatic.callPackage ./package.nix { zstdSupport = false; }"
          );
        };

      readOnlyStore = mkOption {
        type = types.bool;
        default = hasReadOnlyStore;
        defaultText = lib.literalExpression ''lib.elem "ro" config.boot.nixStoreMountOpts'';
        description = ''
          Whether the host mounts {file}`/nix/store` read-only. Confined services then start much
          faster: systemd need not make each store path read-only by itself.

          ::: {.note}
          If the store is writable after all, confined services do not start, and their status says
          why.
          :::
        '';
      };
    };
  };

  config = {
    assertions = map (message: {
      assertion = false;
      inherit message;
    }) (lib.concatMap (decided: decided.faults) decisions);

    systemd.packages =
      units
      ++ lib.concatMap notify decisions
      ++ lib.optional (lib.any isReadOnly (lib.attrValues confined)) template;
  };
}
