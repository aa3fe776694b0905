# SPDX-License-Identifier: MIT
#
# The options of the NixOS module: of a service, systemd.services.<name>.confinement, and of the host,
# systemd.confinement.
{ lib
  # The values of the host, as defaults for each service.
, root
, binSh
  # The kind of root that the module in nixpkgs uses.
, originalRoot
  # The default package.
, package
}:

let
  inherit (lib) mkOption types;
  expression = lib.literalExpression or lib.literalExample;
  rootType = types.enum [ "tmpfs" "read-only" ];
  flag = description: mkOption { type = types.bool; default = false; inherit description; };
in
{
  service = {
    enable = flag ''
      Whether to run this service in a root directory of its own. It contains no files of the host
      except the store paths that the service needs, read-only, and those that other settings bind.
      Set `User` or `DynamicUser`, too: root keeps much of its power in either `confinement.mode`.
    '';

    fullUnit = flag ''
      Whether to bind the closure of the whole unit file instead of only that of the Exec options.
      This is the quick way to get a service to work, but it may bind more than you expect. Prefer to
      add what is missing to `confinement.packages`.
    '';

    packages = mkOption {
      type = types.listOf (types.either types.str types.package);
      default = [ ];
      description = ''
        Packages, or strings with context, whose closure is bound. The commands in
        `serviceConfig.ExecCondition`, `ExecReload`, `ExecStart`, `ExecStartPost`, `ExecStartPre`,
        `ExecStop` and `ExecStopPost`, and `confinement.binSh`, are added automatically. Other
        options, such as `path` and `environment`, are not, unless `confinement.fullUnit`,
        `confinement.includePath` or `confinement.includeEnvironment` is set.
      '';
    };

    disallowedPackages = mkOption {
      type = types.listOf types.package;
      default = [ ];
      description = ''
        Packages that may not be in the closure of the service, with any output: if one is, the build
        fails and names it. Nix checks this (`disallowedRequisites`), and builds or downloads these
        packages to do so. If an output is chosen, as in `pkgs.openssl.dev`, only that output is
        disallowed.
      '';
    };

    binSh = mkOption {
      type = types.nullOr types.path;
      default = binSh;
      defaultText = expression "config.environment.binsh";
      example = expression ''"''${pkgs.dash}/bin/dash"'';
      description = ''
        The program to bind as `/bin/sh`, with its closure, or `null` for none. The C function
        `system`, for example, needs it. It has to be a file, such as `"''${pkgs.dash}/bin/dash"`: a
        directory, such as `pkgs.dash`, fails the build.
      '';
    };

    mode = mkOption {
      type = types.enum [ "full-apivfs" "chroot-only" ];
      default = "full-apivfs";
      description = ''
        With `"full-apivfs"`, the service gets a `/proc`, a `/sys`, a private `/dev`, a private
        `/tmp`, and a user namespace of its own. It still sees the processes of the host in `/proc`,
        and shares `/dev/shm` with the host. With `"chroot-only"`, it gets only a root directory. This
        does not confine root, which can leave it through a `/proc` of its own. Each setting of a mode,
        such as `PrivateDevices`, `PrivateTmp` and `PrivateUsers`, can be overridden in `serviceConfig`. Neither mode restricts the network.
      '';
    };

    root = mkOption {
      type = rootType;
      default = root;
      defaultText = expression "config.systemd.confinement.root";
      description = ''
        The kind of root directory. `"tmpfs"` is an empty tmpfs over `/var/empty`, as in nixpkgs
        until 2024; it does not support `DynamicUser` and `ProtectSystem`. `"read-only"` is a
        read-only directory in `/run/confinement-root` that belongs to root; it supports
        `DynamicUser`, `ProtectSystem` and instances of a template. The settings of either kind,
        such as `RootDirectory`, can only be overridden with `mkForce`.
      '';
    };

    dropIn = mkOption {
      type = types.nullOr types.bool;
      default = null;
      description = ''
        Whether to write the binds to a drop-in, `<name>.service.d/confinement.conf`, instead of a
        unit file that NixOS extends. This is needed if a package in `systemd.packages` ships the
        unit, since a unit can have only one unit file, but any number of drop-ins. `null` means
        `true` if `confinement.root` is `"read-only"` or `overrideStrategy` is `"asDropin"`, and
        `false` otherwise.
      '';
    };

    includePath = flag ''
      Whether to bind the closure of the service's `path`, too, so that the service can run the
      programs in its `PATH`. NixOS adds coreutils, findutils, grep, sed and systemd to every `path`.
    '';

    includeEnvironment = flag ''
      Whether to bind the closure of the service's `environment`, too, except that of `PATH`, so that
      the service can read the files named there, such as a configuration file. Variables that NixOS
      sets for all services, such as `LOCALE_ARCHIVE`, are not included.
    '';
  };

  host = {
    root = mkOption {
      type = rootType;
      default = originalRoot;
      defaultText = expression ''"read-only" if the module in nixpkgs has such a root (since 2024), else "tmpfs"'';
      description = "The default of `confinement.root` for all services.";
    };

    closureInfo = flag ''
      Whether to read the closures from `pkgs.closureInfo`, as the module in nixpkgs does, instead
      of from the references graph that Nix exports. The units are the same, but each service takes
      three derivations, one of which runs the stdenv, instead of two cheap ones.
    '';

    package = mkOption {
      type = types.package;
      default = package;
      defaultText = expression
        "pkgs.buildPackages.pkgsStatic.callPackage ./package.nix { zstdSupport = false; }";
      description = ''
        The `chroot-paths` package that writes the units. It has to be static, since it runs in a
        build sandbox that contains nothing else, and built for the build platform.
      '';
    };
  };
}
