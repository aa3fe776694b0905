# SPDX-License-Identifier: MIT
#
# The module on nothing but the lib of nixpkgs. The NixOS options that it needs are declared here.
libPath:

let
  lib = import libPath;
  inherit (lib) mkOption types;
  package = builtins.toFile "chroot-paths" "";

  list =
    type:
    mkOption {
      type = types.listOf type;
      default = [ ];
    };
  set = mkOption {
    type = types.attrs;
    default = { };
  };
  service.options = {
    enable = lib.mkEnableOption "" // {
      default = true;
    };
    serviceConfig = mkOption { type = types.attrsOf types.unspecified; };
    unitConfig = set;
    environment = set;
    description = mkOption { type = types.str; };
    conflicts = list types.str;
    before = list types.str;
    restartIfChanged = mkOption { type = types.bool; };
  };
in
(lib.evalModules {
  modules = [
    ../../nix/module.nix
    {
      options = {
        assertions = list types.attrs;
        environment.binsh = mkOption { type = types.str; };
        systemd.packages = list types.package;
        systemd.mounts = list types.attrs;
        systemd.units = mkOption {
          type = types.attrs;
          default = {
            "test.service".text = "[Service]";
            "other.service".text = "[Service]";
          };
        };
        systemd.services = mkOption { type = types.attrsOf (types.submodule service); };
      };
      config = {
        _module.args.pkgs = {
          stdenv.buildPlatform.system = "x86_64-linux";
          coreutils = package;
        };
        environment.binsh = "${builtins.toFile "sh" ""}";
        systemd.confinement.package = package;
        systemd.services.test = {
          serviceConfig.ExecStart = "${package}/bin/test";
          serviceConfig.DynamicUser = "yes";
          confinement.enable = true;
          confinement.root = "tmpfs";
        };
        systemd.services.other = {
          serviceConfig.ExecStart = "${package}/bin/test";
          confinement.enable = true;
          confinement.mode = "chroot-only";
        };
      };
    }
  ];
}).config
