# SPDX-License-Identifier: MIT
#
# The module on nothing but the lib of nixpkgs. The NixOS options that it needs are declared here.
libPath:
let
  lib = import libPath;
  anything = lib.types.attrs;
  package = builtins.toFile "chroot-paths" "";
in
(lib.evalModules {
  specialArgs.modulesPath = "/none";
  modules = [
    ../../nix/module.nix
    {
      options = {
        assertions = lib.mkOption { type = lib.types.listOf anything; };
        environment.binsh = lib.mkOption { type = lib.types.str; };
        systemd.packages = lib.mkOption { type = lib.types.listOf lib.types.package; };
        systemd.package = lib.mkOption { type = lib.types.unspecified; default = package; };
        systemd.units = lib.mkOption { type = anything; default = { }; };
        systemd.services = lib.mkOption {
          type = lib.types.attrsOf (lib.types.submodule {
            options = lib.genAttrs [ "after" "before" "conflicts" "requires" ]
              (name: lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; }) // {
              enable = lib.mkEnableOption "" // { default = true; };
              serviceConfig = lib.mkOption { type = lib.types.attrsOf lib.types.unspecified; };
              unitConfig = lib.mkOption { type = anything; default = { }; };
              description = lib.mkOption { type = lib.types.str; default = ""; };
              restartIfChanged = lib.mkOption { type = lib.types.bool; default = true; };
              path = lib.mkOption { type = lib.types.listOf lib.types.package; default = [ ]; };
              environment = lib.mkOption { type = anything; default = { }; };
            };
          });
        };
      };
      config = {
        environment.binsh = "${builtins.toFile "sh" ""}";
        systemd.confinement.package = package;
        _module.args.pkgs = {
          stdenv.buildPlatform.system = "x86_64-linux";
          coreutils = package;
          writeTextFile = { text, ... }: builtins.toFile "template" text;
        };
        systemd.services.test = {
          serviceConfig.ExecStart = "/bin/true";
          serviceConfig.DynamicUser = "yes";
          confinement = { enable = true; root = "tmpfs"; };
        };
        systemd.services.other = {
          serviceConfig.ExecStart = "/bin/true";
          confinement = { enable = true; root = "read-only"; mode = "chroot-only"; };
        };
      };
    }
  ];
}).config
