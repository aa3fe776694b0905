# SPDX-License-Identifier: MIT
#
# Services on the systemd.nix of a NixOS of 2025 or later, without the rest of NixOS. FILES is the
# nixos directory of nixpkgs, or the files of it that nixos.bats lists, and LIB the lib of nixpkgs.
# The packages are real derivations, but small ones that the machine's bash builds: the sandbox must
# show /bin, /lib, /lib64 and /usr. Only coreutils work: a static busybox, in the directory BUSYBOX.
#
# VARIANT selects the confinement module: "original" is that of nixpkgs, "ours" is imported after
# it, "reversed" is ours imported before it, "none" is neither.
{
  files,
  lib,
  helper,
  busybox ? "/none",
  variant ? "ours",
  modules ? [ ],
}:

let
  libPath = lib;
in
let
  lib = import libPath;

  run =
    name: attributes: script:
    derivation (
      attributes
      // {
        inherit name;
        system = "x86_64-linux";
        builder = "/bin/bash";
        args = [
          "-euc"
          "PATH=/usr/bin:/bin; shopt -s nullglob; ${script}\nexit 0"
        ];
      }
    );
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
    lib.genAttrs [
      "bashInteractive"
      "dash"
      "findutils"
      "gnugrep"
      "gnused"
      "hello"
      "jq"
      "openssh"
      "util-linux"
    ] package
    // {
      inherit lib systemd;
      buildPackages = pkgs;
      stdenv = {
        system = "x86_64-linux";
        buildPlatform.system = "x86_64-linux";
        hostPlatform = {
          is64bit = true;
          isStatic = false;
          system = "x86_64-linux";
        };
      };
      runCommand = run;
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
      closureInfo =
        { rootPaths }:
        run "closure-info"
          {
            exportReferencesGraph = [
              "graph"
              rootPaths
            ];
          }
          ''
            mkdir $out
            while read -r path; do
              echo "$path"
              read -r deriver
              read -r count
              for ((; count > 0; count--)); do read -r reference; done
            done < graph > $out/store-paths
          '';
      # lndir FROM TO makes symlinks in TO to all files below FROM.
      xorg.lndir = run "lndir" { } ''
        mkdir -p $out/bin
        {
          echo '#!/bin/bash'
          echo 'cd "$1"; find . -mindepth 1 -type d -exec mkdir -p "$2/{}" ";"'
          echo 'find . ! -type d -exec ln -s "$1/{}" "$2/{}" ";"'
        } > $out/bin/lndir
        chmod +x $out/bin/lndir
      '';
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
    // lib.genAttrs (map (feature: "with${feature}") [
      "Bootloader"
      "Cryptsetup"
      "Efi"
      "Hostnamed"
      "Importd"
      "Localed"
      "Machined"
      "Portabled"
      "Timedated"
      "Tpm2Units"
      "Utmp"
    ]) (feature: false);

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
  confinement = {
    none = [ ];
    inherit original;
    ours = original ++ ours;
    reversed = ours ++ original;
  };

  evaluated = lib.evalModules {
    specialArgs.modulesPath = toString (files + "/modules");
    modules = [
      (files + "/modules/misc/assertions.nix")
      (files + "/modules/system/boot/systemd.nix")
      rest
      (
        { config, ... }:
        {
          _module.args = {
            inherit pkgs;
            utils = import (files + "/lib/utils.nix") { inherit lib config pkgs; };
          };
        }
      )
    ]
    ++ confinement.${variant}
    ++ modules;
  };
  inherit (evaluated) config options;
in
{
  inherit
    lib
    pkgs
    config
    options
    ;
  inherit (evaluated) extendModules;
  services = config.systemd.services;
  # The settings of a service that do not depend on the kind of root directory. BindReadOnlyPaths is
  # where a chroot-only service of ours has the socket for notifications.
  confinedSettings =
    service:
    removeAttrs service.serviceConfig [
      "BindReadOnlyPaths"
      "InaccessiblePaths"
      "ReadOnlyPaths"
      "RootDirectory"
      "RuntimeDirectory"
      "TemporaryFileSystem"
    ];
  # /etc/systemd/system.
  units = config.environment.etc."systemd/system".source;
  # The messages of the failed assertions.
  refused = map (assertion: assertion.message) (
    lib.filter (assertion: !assertion.assertion) config.assertions
  );
}
