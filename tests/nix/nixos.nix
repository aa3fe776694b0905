# SPDX-License-Identifier: MIT
#
# Services on the systemd.nix of a NixOS of 2025 or later, without the rest of NixOS. FILES is the
# nixos directory of nixpkgs, or the files of it that nixos.bats lists, and LIBPATH the lib of
# nixpkgs. The packages are small ones, built as those of the stand-in for nixpkgs are. Only
# coreutils work: a static busybox, in the directory BUSYBOX.
#
# VARIANT selects the confinement module: "original" is that of nixpkgs, "ours" is imported after
# it, "reversed" is ours imported before it, "bare" is ours on only what it needs of a NixOS.
{
  files,
  libPath,
  helper,
  busybox,
  variant,
  modules,
}:

let
  lib = import libPath;
  words = lib.splitString " ";

  standIn = import ./nixpkgs { };
  run = standIn.runCommand;
  package =
    name:
    run name { } ''
      mkdir -p $out/bin
      echo ${name} > $out/bin/${name}
      chmod +x $out/bin/${name}
    '';
  file =
    name: text: script:
    run name {
      inherit text;
      passAsFile = [ "text" ];
    } script;
  shell = "${pkgs.coreutils}/bin/sh";
  script =
    name: text:
    file name "#!${shell}\n${text}" ''
      mkdir -p $out/bin
      cp $textPath $out/bin/${name}
      chmod +x $out/bin/${name}
    ''
    // {
      meta.mainProgram = name;
      overrideAttrs = change: script name text;
    };

  pkgs =
    standIn
    // lib.genAttrs (words "bashInteractive dash findutils gnugrep gnused hello jq openssh") package
    // {
      inherit lib systemd;
      buildPackages = pkgs;
      util-linux = package "util-linux";
      stdenv = lib.recursiveUpdate standIn.stdenv { hostPlatform.is64bit = true; };
      writeText = name: text: file name text "cp $textPath $out";
      writeTextFile =
        {
          name,
          text,
          destination ? "",
          ...
        }:
        file name text "mkdir -p $(dirname $out${destination}); cp $textPath $out${destination}";
      coreutils = run "coreutils" { } ''
        mkdir -p $out/bin
        cp ${
          builtins.path {
            path = busybox;
            name = "busybox";
          }
        }/bin/busybox $out/bin
        $out/bin/busybox --install -s $out/bin
      '';
      writeShellScript =
        name: text: file name "#!${shell}\n${text}" "cp $textPath $out; chmod +x $out";
      writeShellScriptBin = script;
      writeShellApplication = { name, text }: script name text;
      # lndir FROM TO makes symlinks in TO to all files below FROM.
      xorg.lndir = script "lndir" ''cp -rs "$1/." "$2"'';
    };

  # It contains the units that systemd.nix names, and has none of the optional features.
  systemd =
    run "systemd" { } ''
      units=$out/example/systemd/system
      mkdir -p $units/{sysinit,sockets,local-fs,multi-user,timers}.target.wants
      grep -oE '"[A-Za-z0-9@.-]+[.](mount|path|service|slice|socket|target|timer)"' \
        ${files + "/modules/system/boot/systemd.nix"} | tr -d '"' | while read -r unit; do
        echo '[Unit]' > $units/$unit
      done
      printf '[Service]\nUser=nspawn\nExecStart=/bin/nspawn %%i\n' > $units/systemd-nspawn@.service
    ''
    // {
      inherit (pkgs) util-linux;
    }
    // lib.genAttrs (map (feature: "with${feature}") (
      words "Bootloader Cryptsetup Efi Hostnamed Importd Localed Machined Portabled"
      ++ words "Timedated Tpm2Units Utmp"
    )) (feature: false);

  option =
    default:
    lib.mkOption {
      inherit default;
      type = lib.types.anything;
    };
  # The options that systemd.nix reads from the rest of NixOS.
  rest = {
    config._module.check = false;
    options = {
      boot = {
        isContainer = option false;
        extraSystemdUnitPaths = option [ ];
      };
      environment = {
        binsh = lib.mkOption {
          type = lib.types.path;
          default = "${pkgs.bashInteractive}/bin/bashInteractive";
        };
        etc = lib.mkOption {
          default = { };
          type = lib.types.attrsOf (
            lib.types.submodule {
              options.source = option null;
              options.text = option null;
            }
          );
        };
      };
      ids = option {
        uids = { };
        gids = { };
      };
      lib.kernelConfig.isEnabled = option (name: name);
      networking.proxy.envVars = option { };
      services.openssh.enable = option false;
      system.fsPackages = option [ ];
      systemd.user.generators = option { };
    };
  };

  original = [ (files + "/modules/security/systemd-confinement.nix") ];
  ours = [
    ../../nix/module.nix
    {
      systemd.confinement.package = builtins.path {
        name = "chroot-paths";
        path = helper;
      };
    }
  ];
  nixos = [
    (files + "/modules/misc/assertions.nix")
    (files + "/modules/system/boot/systemd.nix")
    rest
    (
      { config, ... }:
      {
        _module.args.utils = import (files + "/lib/utils.nix") { inherit lib config pkgs; };
      }
    )
  ];
  # A service of early 2024 has no name but that of its attribute.
  bare.config._module.check = false;
  bare.options = {
    assertions = option [ ];
    environment.binsh = option null;
    systemd.packages = option [ ];
    systemd.units = option { "test.service".text = "[Service]"; };
    systemd.services = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submodule {
          config._module.check = false;
          options = {
            enable = option true;
            environment = option { };
            serviceConfig = option { };
            unitConfig = option { };
          };
        }
      );
    };
  };

  inherit
    (lib.evalModules {
      specialArgs.modulesPath = toString (files + "/modules");
      modules =
        [ { _module.args.pkgs = pkgs; } ]
        ++ {
          original = nixos ++ original;
          ours = nixos ++ original ++ ours;
          reversed = nixos ++ ours ++ original;
          bare = [ bare ] ++ ours;
        }
        .${variant}
        ++ modules;
    })
    config
    options
    ;
in
{
  inherit
    lib
    pkgs
    config
    options
    ;
  services = config.systemd.services;
  # The settings of a service that do not depend on the kind of root directory. BindReadOnlyPaths is
  # where a chroot-only service of ours has the socket for notifications.
  confinedSettings =
    service:
    removeAttrs service.serviceConfig (
      words "BindReadOnlyPaths InaccessiblePaths ReadOnlyPaths RootDirectory RuntimeDirectory"
      ++ [ "TemporaryFileSystem" ]
    );
  # /etc/systemd/system.
  units = config.environment.etc."systemd/system".source;
  # The messages of the failed assertions.
  refused = map (assertion: assertion.message) (
    lib.filter (assertion: !assertion.assertion) config.assertions
  );
}
