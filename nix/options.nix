# SPDX-License-Identifier: MIT
#
# The options of the NixOS module: those of a service, systemd.services.<name>.confinement, and those of
# the host, systemd.confinement.
{ lib
  # Of the host, the defaults of each service: its root and /bin/sh, and whether it mounts closures.
, root
, binSh
, storeMount
  # The root of the module that this one takes the place of.
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
      Whether to run this service in a root directory of its own, in which the store paths that it
      needs are bound, read-only, and no other files of the host are there but what other settings
      bind. Give the service a `User`, or `DynamicUser`: root can do much in either
      `confinement.mode`.
    '';

    fullUnit = flag ''
      Whether to bind the closure of the whole unit file instead of that of the Exec options alone.
      This is the quick way to get a service to work; it may bind more than you expect. To name what
      is missing in `confinement.packages` confines the service better.
    '';

    packages = mkOption {
      type = types.listOf (types.either types.str types.package);
      default = [ ];
      description = ''
        Packages, or strings with context, whose closure is bound. Those of
        `serviceConfig.ExecCondition`, `ExecReload`, `ExecStart`, `ExecStartPost`, `ExecStartPre`,
        `ExecStop` and `ExecStopPost`, and `confinement.binSh`, are among them. No other option
        counts, `path` and `environment` included, unless one of `confinement.fullUnit`,
        `confinement.includePath` and `confinement.includeEnvironment` is set.
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
      default = binSh;
      defaultText = expression "config.environment.binsh";
      example = expression ''"''${pkgs.dash}/bin/dash"'';
      description = ''
        The program to offer as `/bin/sh`, with its closure, or `null` for none. Among others the C
        function `system` wants it. It is a file: `"''${pkgs.dash}/bin/dash"`, not `pkgs.dash`, which
        is a directory, and fails the build.
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
      default = root;
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
      type = types.nullOr types.bool;
      default = null;
      description = ''
        Whether the binds come as a drop-in, `<name>.service.d/confinement.conf`, and not as a unit
        file that NixOS extends. Needed where a package in `systemd.packages` ships the unit, since
        there can be one unit file of a name and any number of drop-ins. With `null` they do if
        `confinement.root` is `"read-only"` or `overrideStrategy` is `"asDropin"`.
      '';
    };

    storeMount = mkOption {
      type = types.bool;
      default = storeMount;
      defaultText = expression "config.systemd.confinement.storeMount.enable";
      description = ''
        Whether one mount shows the closure instead of a bind for each store path. A start then takes
        no longer for a thousand paths than for ten; without, systemd takes quadratic time, seconds
        for a thousand. The first start makes the mount, `confinement-store@<name>.service`. The
        kernel must have overlayfs. In a container without the right to mount it cannot be had, and
        the service does not start.
      '';
    };

    includePath = flag ''
      Whether to bind also the closure of the service's `path`, so that the programs in its `PATH`
      are there. NixOS puts coreutils, findutils, grep, sed and systemd into every `path`.
    '';

    includeEnvironment = flag ''
      Whether to bind also the closure of the service's `environment`, `PATH` excepted, so that what
      its variables name is there, such as a configuration file. What NixOS sets for all services,
      `LOCALE_ARCHIVE` among it, does not count.
    '';
  };

  host = {
    root = mkOption {
      type = rootType;
      default = originalRoot;
      defaultText = expression ''"read-only" on a nixpkgs whose own module has such a root (since 2024), else "tmpfs"'';
      description = "The default of `confinement.root` for all services.";
    };

    closureInfo = flag ''
      Whether the closures come from `pkgs.closureInfo`, as in nixpkgs' own module. If not, Nix
      exports the references graph of each: the same units, in two cheap derivations a service
      instead of three of which one runs the stdenv.
    '';

    storeMount.enable = flag ''
      The default of `confinement.storeMount` for all services.
    '';

    package = mkOption {
      type = types.package;
      default = package;
      defaultText = expression
        "pkgs.buildPackages.pkgsStatic.callPackage ./package.nix { zstdSupport = false; }";
      description = ''
        The `chroot-paths` that writes the units. It runs alone in the sandbox of a build, so it has
        to be static, and made for the machine that builds.
      '';
    };
  };
}
