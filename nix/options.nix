# SPDX-License-Identifier: MIT
#
# The options of a service, systemd.services.<name>.confinement.
{ config, lib }:

let
  inherit (lib)
    literalExpression
    mkEnableOption
    mkOption
    types
    ;
in
{
  enable = mkEnableOption ''
    a root directory of its own for this service ({manpage}`chroot(2)`). It contains the store paths
    that the service needs, read-only, what other settings bind, and no other files of the host. Set
    {option}`serviceConfig.User` or {option}`serviceConfig.DynamicUser`, too: root keeps much of its
    power in either {option}`confinement.mode`. If a command cannot start there, since its program
    or interpreter will be missing, the system does not build'';

  fullUnit = mkOption {
    type = types.bool;
    default = false;
    description = ''
      Whether to bind the closure of the whole unit file instead of only that of the commands.

      ::: {.warning}
      This is the quick way to get a service to work, but it may bind more than you expect. Prefer
      to add what is missing to {option}`confinement.packages`.
      :::
    '';
  };

  packages = mkOption {
    type = types.listOf (types.either types.str types.package);
    default = [ ];
    description = ''
      Packages, or strings with context, whose closure the service sees. The commands of the
      service ({option}`serviceConfig.ExecStart` and its like) and {option}`confinement.binSh` are
      added automatically.

      ::: {.note}
      Other options, such as {option}`path` and {option}`environment`, are **not** included, unless
      {option}`confinement.includePath`, {option}`confinement.includeEnvironment` or
      {option}`confinement.fullUnit` is set.
      :::
    '';
  };

  disallowedPackages = mkOption {
    type = types.listOf types.package;
    default = [ ];
    example = literalExpression "[ pkgs.perl ]";
    description = ''
      Packages that may not be in the closure of the service, with any output: if one is, the build
      fails and names it. If an output is chosen, as in `pkgs.openssl.dev`, only that output is
      disallowed.

      ::: {.note}
      Nix builds or downloads these packages to check this.
      :::
    '';
  };

  binSh = mkOption {
    type = types.nullOr types.path;
    default = config.environment.binsh;
    defaultText = literalExpression "config.environment.binsh";
    example = literalExpression ''"''${pkgs.dash}/bin/dash"'';
    description = ''
      The program to bind as {file}`/bin/sh`, with its closure, or `null` for none. The function
      {manpage}`system(3)`, for example, needs it. It has to be a file: a directory, such as
      `pkgs.dash`, fails the build.
    '';
  };

  mode = mkOption {
    type = types.enum [
      "full-apivfs"
      "chroot-only"
    ];
    default = "full-apivfs";
    description = ''
      With `"full-apivfs"`, the service gets a {file}`/proc`, a {file}`/sys`, a private
      {file}`/dev`, {file}`/tmp` and {file}`/var/tmp`, and a user namespace of its own. It still
      sees the processes of the host in {file}`/proc`, and shares {file}`/dev/shm`,
      {file}`/dev/mqueue` and {file}`/dev/hugepages` with the host.

      With `"chroot-only"`, it gets only a root directory.

      Each setting of a mode, such as `PrivateTmp` or `PrivateUsers`, can be overridden in
      {option}`serviceConfig`.

      ::: {.warning}
      Neither mode confines root fully. With `"chroot-only"` it can leave through a {file}`/proc` of
      its own. With `"full-apivfs"` it can mount one and write to the kernel settings of the host on
      systemd 252, or if `PrivateUsers` is off. With `"chroot-only"`, any user can trace other
      processes of that user. Neither mode restricts the network.
      :::
    '';
  };

  root = mkOption {
    type = types.enum [
      "read-only"
      "tmpfs"
    ];
    default = "read-only";
    description = ''
      The kind of root directory. `"read-only"` is a directory in {file}`/run/confinement-root` that
      belongs to root. `"tmpfs"` is an empty tmpfs over {file}`/var/empty`, to which root can write.
      It works neither with `DynamicUser` nor with `ProtectSystem`.

      The settings of either kind, such as `RootDirectory`, can only be overridden with `mkForce`.
    '';
  };

  includePath = mkOption {
    type = types.bool;
    default = false;
    description = ''
      Whether to bind the closure of the service's {option}`path`, too, so that the service can run
      the programs in its {env}`PATH`. This includes the packages that NixOS adds to
      {option}`path` by default.
    '';
  };

  includeEnvironment = mkOption {
    type = types.bool;
    default = false;
    description = ''
      Whether to bind the closure of the service's {option}`environment` and
      {option}`serviceConfig.Environment`, too, except that of {env}`PATH`, so that the service can
      read the files named there, such as a configuration file. Variables that NixOS sets for all
      services, such as {env}`LOCALE_ARCHIVE`, are not included.
    '';
  };
}
