# SPDX-License-Identifier: MIT
#
# The NixOS module: options in, arguments for confinement.nix and chroot-paths.nix out. It takes the
# place of nixpkgs' security/systemd-confinement.nix.
{ config, lib, pkgs, ... }:

let
  inherit (lib) mkOption types;

  host = config.systemd.confinement;
  hostRoot = host.root;
  hostBinSh = config.environment.binsh;
  units = config.systemd.units;
  expression = lib.literalExpression or lib.literalExample;

  storeView = import ./store-view.nix { };

  rootType = types.enum [ "tmpfs" "read-only" ];

  decide = name: service: import ./confinement.nix {
    inherit name;
    inherit (service) serviceConfig confinement path environment;
    unit = units."${name}.service";
    storeView = if host.storeView.enable then storeView.where else null;
  };

  confined = lib.filterAttrs (name: service: service.confinement.enable) config.systemd.services;

  # What runs in a build is made for the machine that builds.
  buildPackages = pkgs.buildPackages or pkgs;
  chrootPaths = import ./chroot-paths.nix {
    system = (pkgs.stdenv.buildPlatform or pkgs.stdenv).system;
    helper = host.package;
    closureInfo = if host.closureInfo then pkgs.closureInfo else null;
  };

  confinementOptions = { name, config, ... }: {
    options.confinement = {
      enable = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether to run this service in a root directory of its own, in which the store paths that
          it needs are bound, read-only, and no other files of the host are there but what other
          settings bind. Give the service a `User`, or `DynamicUser`: root can do much in either
          `confinement.mode`.
        '';
      };

      fullUnit = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether to bind the closure of the whole unit file instead of that of the Exec options
          alone. This is the quick way to get a service to work; it may bind more than you expect.
          To name what is missing in `confinement.packages` confines the service better.
        '';
      };

      packages = mkOption {
        type = types.listOf (types.either types.str types.package);
        default = [ ];
        description = ''
          Packages, or strings with context, whose closure is bound in addition to that of
          `serviceConfig.ExecCondition`, `ExecReload`, `ExecStart`, `ExecStartPost`, `ExecStartPre`,
          `ExecStop` and `ExecStopPost`. No other option counts, `path` and `environment` included,
          unless one of `confinement.fullUnit`, `confinement.includePath` and
          `confinement.includeEnvironment` is set.
        '';
      };

      disallowedPackages = mkOption {
        type = types.listOf types.package;
        default = [ ];
        description = ''
          Packages that must not be in the closure of the service, with any output: if one is, the
          build fails and names it. Nix checks this (`disallowedRequisites`), and has to have the
          packages for it. An output that is chosen, as in `pkgs.openssl.dev`, counts alone.
        '';
      };

      binSh = mkOption {
        type = types.nullOr types.path;
        default = hostBinSh;
        defaultText = expression "config.environment.binsh";
        example = expression ''"''${pkgs.dash}/bin/dash"'';
        description = ''
          The program to offer as `/bin/sh`, with its closure, or `null` for none. Among others the C
          function `system` and systemd's `script`-like options want it.
        '';
      };

      mode = mkOption {
        type = types.enum [ "full-apivfs" "chroot-only" ];
        default = "full-apivfs";
        description = ''
          With `"full-apivfs"` the service gets a `/proc`, a `/sys`, a private `/dev` and a private
          `/tmp`, in a user name space of its own. It still sees the processes of the host in `/proc`,
          and shares `/dev/shm`. With `"chroot-only"` it gets none of them: only the root directory is
          set, which does not hold root, who can mount what is missing. Each of the settings behind
          this can be overridden in `serviceConfig`. Neither touches the network.
        '';
      };

      root = mkOption {
        type = rootType;
        default = hostRoot;
        defaultText = expression "config.systemd.confinement.root";
        description = ''
          What the root directory is. `"tmpfs"` is an empty tmpfs over `/var/empty`, as it was in
          nixpkgs for years; `DynamicUser` and `ProtectSystem` are not supported with it.
          `"read-only"` is a read-only directory in `/run/confinement-root` that belongs to root:
          `DynamicUser`, `ProtectSystem` and the instances of a template work with it. What either
          sets, such as `RootDirectory`, can only be overridden with `mkForce`.
        '';
      };

      dropIn = mkOption {
        type = types.bool;
        default = config.confinement.root == "read-only";
        defaultText = expression ''confinement.root == "read-only"'';
        description = ''
          Whether the binds come as a drop-in, `<name>.service.d/confinement.conf`, and not as a unit
          file that NixOS extends. Needed where a package in `systemd.packages` ships the unit, since
          there can be one unit file of a name and any number of drop-ins.
        '';
      };

      includePath = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether to bind also the closure of the service's `path`, so that the programs in its
          `PATH` are there. NixOS puts coreutils, findutils, grep, sed and systemd into every `path`.
        '';
      };

      includeEnvironment = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether to bind also the closure of the service's `environment`, `PATH` excepted, so that
          what its variables name is there, such as a configuration file. What NixOS sets for all
          services, `LOCALE_ARCHIVE` among it, does not count.
        '';
      };
    };

    config =
      let inherit (decide name config) serviceConfig requires;
      in lib.mkIf config.confinement.enable {
        serviceConfig =
          serviceConfig.forced // lib.mapAttrs (setting: lib.mkDefault) serviceConfig.defaults;
        inherit requires;
        after = requires;
      };
  };

  # disabledModules came with NixOS 17.03, and is an error before. nixpkgs had nothing to disable then.
  canDisable = (builtins.tryEval (builtins.attrNames (lib.evalModules {
    modules = [ { disabledModules = [ ]; config = { }; } ];
  }).config)).success;
in
{
  options = {
    systemd.services = mkOption {
      type = types.attrsOf (types.submodule confinementOptions);
    };

    systemd.confinement = {
      root = mkOption {
        type = rootType;
        default = "tmpfs";
        description = "The default of `confinement.root` for all services.";
      };

      closureInfo = mkOption {
        type = types.bool;
        default = pkgs ? closureInfo;
        defaultText = expression "pkgs ? closureInfo";
        description = ''
          Whether the closures come from `pkgs.closureInfo`. If not, Nix exports the references graph
          of each: the same units, in two cheap derivations a service instead of three of which one
          runs the stdenv.
        '';
      };

      storeView.enable = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether to mount a read-only view of the store at `${storeView.where}`, and to bind the store
          paths of all confined services from it. A service then starts in a time linear in its
          closure; without, systemd takes quadratic time, seconds for a closure of a thousand paths.
          A service does not start where the view is missing, writable or no mount. Do not use it
          where somebody who must not change what services see may remount the view, and leave it off
          where all closures are small: with ten paths it gains next to nothing, with fifty almost half
          of the time.
        '';
      };

      package = mkOption {
        type = types.package;
        default = (buildPackages.pkgsStatic or buildPackages).callPackage ./package.nix {
          zstdSupport = false;
        };
        defaultText = expression
          "pkgs.buildPackages.pkgsStatic.callPackage ./package.nix { zstdSupport = false; }";
        description = ''
          The `chroot-paths` that writes the units. It runs alone in the sandbox of a build, so it has
          to be static, and made for the machine that builds.
        '';
      };
    };
  };

  config = {
    assertions = lib.concatLists
      (lib.mapAttrsToList (name: service: (decide name service).assertions) confined);

    # As src/confinement-root@.service has it.
    systemd.services."confinement-root@" = {
      description = "Root directory of the confined service %i";
      unitConfig.DefaultDependencies = false;
      conflicts = [ "shutdown.target" ];
      before = [ "shutdown.target" ];
      # The services that are confined to it would be stopped, too.
      restartIfChanged = false;
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        RuntimeDirectory = "confinement-root/%i";
        ExecStart = "${pkgs.coreutils}/bin/true";
      };
    };

    systemd.mounts = lib.optional host.storeView.enable storeView;

    systemd.packages =
      lib.mapAttrsToList (name: service: chrootPaths (decide name service).chrootPaths) confined;
  };
} // lib.optionalAttrs canDisable {
  disabledModules = [ "security/systemd-confinement.nix" ];
}
