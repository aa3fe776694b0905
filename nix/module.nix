# SPDX-License-Identifier: MIT
#
# The NixOS module: passes its options to confinement.nix and chroot-paths.nix. It replaces
# security/systemd-confinement.nix of nixpkgs.
{ config, lib, pkgs, modulesPath, ... }:

let
  inherit (lib) mkIf mkOption;

  host = config.systemd.confinement;

  # Since 2024, the module in nixpkgs has a root in /run that supports DynamicUser and ProtectSystem, and
  # other modules rely on that.
  original = modulesPath + "/security/systemd-confinement.nix";
  originalRoot =
    if builtins.pathExists original && lib.hasInfix "/run/confinement/" (builtins.readFile original)
    then "read-only" else "tmpfs";

  options = import ./options.nix {
    inherit lib originalRoot;
    inherit (host) root;
    binSh = config.environment.binsh;
    package = pkgs.buildPackages.pkgsStatic.callPackage ./package.nix { zstdSupport = false; };
  };

  # Every service has these options, but few set any. As a single option of this type they are evaluated
  # at a tenth of the cost of eleven options.
  # OWN has definitions of the fields from here.
  record = fields: own: lib.mkOptionType {
    name = "record";
    description = "set of options";
    check = builtins.isAttrs;
    merge = location: definitions:
      let
        given = lib.zipAttrs (map
          ({ file, value }: lib.mapAttrs (field: value: { inherit file value; }) value)
          ([ { file = ./module.nix; value = own; } ] ++ definitions));
        unknown = removeAttrs given (builtins.attrNames fields);
        valueOf = field: option:
          if given ? ${field} then
            (lib.mergeDefinitions (location ++ [ field ]) option.type
              (given.${field} ++ [ { file = ./options.nix; value = lib.mkOptionDefault option.default; } ])).mergedValue
          else option.default;
      in
      if unknown == { } then lib.mapAttrs valueOf fields
      else
        let field = lib.head (builtins.attrNames unknown); in
        throw "The option `${lib.showOption (location ++ [ field ])}', defined in `${(lib.head unknown.${field}).file}', does not exist.";
    # The manual lists the options with this.
    inherit (lib.types.submodule { _file = toString ./options.nix; options = fields; }) getSubOptions;
  };

  # The name of the unit, without ".service". Newer versions of NixOS let it differ from the attribute.
  nameOf = name: service: lib.removeSuffix ".service" (service.name or name);

  decide = name: service: import ./confinement.nix {
    name = nameOf name service;
    inherit (service) serviceConfig confinement path environment;
    overrideStrategy = service.overrideStrategy or null;
    unit = config.systemd.units."${nameOf name service}.service";
  };

  # The settings by root and mode, computed once for all services.
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
        # The other roots of the closure, for modules to read and to override. As a definition of the
        # option they would override a user's `confinement = mkDefault { … }`.
        type = record options.service {
          packages = mkIf enable ((decide name config).packages ++ lib.optional (binSh != null) binSh);
        };
        default = { };
        description = "Confines this service to a root directory that contains nothing but its closure.";
      };
      config = {
        serviceConfig = mkIf enable serviceConfig;
        requires = mkIf enable requires;
        after = mkIf enable requires;
      };
    };

  confined = lib.mapAttrsToList
    (name: service: { inherit service; decided = decide name service; })
    (lib.filterAttrs (name: service: service.confinement.enable) config.systemd.services);

  templates = import ./templates.nix {
    tool = package: name: "${pkgs.${package}}/bin/${name}";
  };

  chrootPaths = import ./chroot-paths.nix {
    inherit (pkgs.stdenv.buildPlatform) system;
    helper = host.package;
    closureInfo = if host.closureInfo then pkgs.closureInfo else null;
  };

  packages = map
    ({ service, decided }: chrootPaths (decided.chrootPaths // { inherit (service.confinement) packages; }))
    confined;

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

    systemd.units = lib.mapAttrs (name: text: { inherit text; }) templates;

    systemd.packages = packages;
  };
}
