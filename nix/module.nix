# SPDX-License-Identifier: MIT
#
# The NixOS module: options in, arguments for confinement.nix and chroot-paths.nix out. It takes the
# place of nixpkgs' security/systemd-confinement.nix.
{ config, lib, pkgs, modulesPath, ... }:

let
  inherit (lib) mkIf mkOption;

  host = config.systemd.confinement;

  # nixpkgs' own module has had a root in /run since 2024, which works with DynamicUser and
  # ProtectSystem, and other modules of nixpkgs rely on that.
  original = modulesPath + "/security/systemd-confinement.nix";
  originalRoot =
    if builtins.pathExists original && lib.hasInfix "/run/confinement/" (builtins.readFile original)
    then "read-only" else "tmpfs";

  options = import ./options.nix {
    inherit lib originalRoot;
    inherit (host) root;
    storeMount = host.storeMount.enable;
    binSh = config.environment.binsh;
    package = pkgs.buildPackages.pkgsStatic.callPackage ./package.nix { zstdSupport = false; };
  };

  # Every service of the host has these options, and few set any: as a record they are one option, which
  # costs a tenth of what eleven cost to evaluate.
  record = fields: lib.mkOptionType {
    name = "record";
    description = "set of options";
    check = builtins.isAttrs;
    merge = location: definitions:
      let
        given = lib.zipAttrs (map
          ({ file, value }: lib.mapAttrs (field: value: { inherit file value; }) value)
          definitions);
        unknown = removeAttrs given (builtins.attrNames fields);
        valueOf = field: option:
          if given ? ${field} then
            (lib.mergeDefinitions (location ++ [ field ]) option.type
              (given.${field} ++ [ { file = ./options.nix; value = lib.mkOptionDefault option.default; } ])).mergedValue
          else option.default;
      in
      if unknown == { } then lib.mapAttrs valueOf fields
      else throw "The option `${lib.showOption (location ++ [ (lib.head (builtins.attrNames unknown)) ])}' does not exist.";
    # For the manual.
    inherit (lib.types.submodule { options = fields; }) getSubOptions;
  };

  # The real name of the unit, without ".service", which later versions of NixOS let differ.
  nameOf = name: service: lib.removeSuffix ".service" (service.name or name);

  decide = name: service: import ./confinement.nix {
    name = nameOf name service;
    inherit (service) serviceConfig confinement path environment;
    overrideStrategy = service.overrideStrategy or null;
    unit = config.systemd.units."${nameOf name service}.service";
  };

  # What a service gets, by its root and mode: the same for all, so made once.
  settings = lib.mapAttrs
    (root: lib.mapAttrs (mode: it: it // {
      serviceConfig = it.forced // lib.mapAttrs (setting: lib.mkDefault) it.defaults;
    }))
    (import ./settings.nix);

  serviceModule = { name, config, ... }:
    let
      inherit (config.confinement) enable root mode binSh;
      inherit (settings.${root}.${mode}) serviceConfig requires;
    in
    {
      options.confinement = mkOption {
        type = record options.service;
        default = { };
        description = "The root directory of this service, in which it finds its closure and no more.";
      };
      config = {
        serviceConfig = mkIf enable serviceConfig;
        requires = mkIf enable requires;
        after = mkIf enable requires;
        # With what the user sets it is all that the closure is made of: the option says so, too.
        confinement.packages = mkIf enable
          ((decide name config).packages ++ lib.optional (binSh != null) binSh);
      };
    };

  confined = lib.mapAttrsToList
    (name: service: { inherit service; decided = decide name service; })
    (lib.filterAttrs (name: service: service.confinement.enable) config.systemd.services);

  templates = import ./templates.nix {
    tool = package: name: "${{ systemd = config.systemd.package; }.${package} or pkgs.${package}}/bin/${name}";
  };

  chrootPaths = import ./chroot-paths.nix {
    inherit (pkgs.stdenv.buildPlatform) system;
    helper = host.package;
    closureInfo = if host.closureInfo then pkgs.closureInfo else null;
  };

  packages = map
    ({ service, decided }: chrootPaths (decided.chrootPaths // { inherit (service.confinement) packages; }))
    confined;

  # For each configured mount its target as a unit of its own: a switch to a configuration without it stops
  # the target, and the mount goes with the last service that runs on it.
  targets = lib.concatLists (lib.zipListsWith
    ({ decided, ... }: package: lib.optional decided.chrootPaths.storeMount {
      name = "lib/systemd/system/confinement-store@${builtins.unsafeDiscardStringContext (baseNameOf package.outPath)}.target";
      path = pkgs.writeText "confinement-store.target" templates."confinement-store@.target";
    })
    confined
    packages);
in
{
  disabledModules = [ "security/systemd-confinement.nix" ];

  options.systemd = {
    services = mkOption { type = lib.types.attrsOf (lib.types.submodule serviceModule); };
    confinement = options.host;
  };

  config = {
    assertions = map (message: { assertion = false; inherit message; })
      (lib.concatMap ({ decided, ... }: decided.faults) confined);

    systemd.units = lib.mapAttrs (name: text: { inherit text; })
      (if targets == [ ] then { inherit (templates) "confinement-root@.service"; } else templates);

    systemd.packages = packages ++ lib.optional (targets != [ ]) (pkgs.linkFarm "confinement-store-targets" targets);
  };
}
