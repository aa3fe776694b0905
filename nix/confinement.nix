# SPDX-License-Identifier: MIT
#
# What it takes to confine a service, decided from what is known of it. Plain Nix, without nixpkgs,
# and lazy: which settings there are depends on confinement.root alone, so that a module can define
# serviceConfig from it and hand the same serviceConfig in.
{
  # Without ".service".
  name,
  serviceConfig ? { },
  # The module's options of the same names; null is "not set" where a default depends on another.
  confinement ? { },
  # The service's packages in PATH, and its environment.
  path ? [ ],
  environment ? { },
  # Where the host has its read-only view of the store, if it has one.
  storeView ? null,
  # The complete unit, anything that builtins.toJSON takes; for confinement.fullUnit.
  unit ? null,
}:

let
  inherit (builtins) concatLists elem filter isAttrs isList isString map;
  # builtins.concatMap came with Nix 2.1.
  concatMap = function: list: concatLists (map function list);

  option = default: value: if value == null then default else value;
  root = option "tmpfs" (confinement.root or null);
  mode = option "full-apivfs" (confinement.mode or null);
  dropIn = option (root == "read-only") (confinement.dropIn or null);
  isOn = flag: confinement.${flag} or false;

  toList = value: if value == null then [ ] else if isList value then concatMap toList value else [ value ];

  # Booleans as parse_boolean() of systemd reads them, or as Nix has them.
  letters = [ "A" "E" "F" "L" "N" "O" "R" "S" "T" "U" "Y" ];
  small = [ "a" "e" "f" "l" "n" "o" "r" "s" "t" "u" "y" ];
  lower = value: if isString value then builtins.replaceStrings letters small value else value;
  isTrue = value: elem (lower value) [ true 1 "1" "yes" "y" "true" "t" "on" ];
  isFalse = value: elem (lower value) [ null false 0 "" "0" "no" "n" "false" "f" "off" ];
  set = setting: !isFalse (serviceConfig.${setting} or false);

  full = mode == "full-apivfs";
  defaults = {
    PrivateMounts = true;
    # Set either way: a systemd or a NixOS in which one of them is on by default would otherwise
    # bring /dev, /proc or /sys into a chroot-only service.
    MountAPIVFS = full;
    PrivateDevices = full;
    PrivateTmp = full;
    PrivateUsers = full;
    ProtectControlGroups = full;
    ProtectKernelModules = full;
    ProtectKernelTunables = full;
  };

  privateTmp =
    let value = serviceConfig.PrivateTmp or defaults.PrivateTmp;
    in isTrue value || value == "disconnected";

  roots = {
    tmpfs = {
      RootDirectory = "/var/empty";
      TemporaryFileSystem = "/";
    };
    read-only = {
      RuntimeDirectory = [ "confinement/%n" ];
      RootDirectory = "/run/confinement/%n";
      ReadOnlyPaths = [ "+/" ];
      # The root itself, as /run shows it to a service that is allowed to see /run; and, where
      # they are not private, the /tmp and /var/tmp that systemd makes in every root. One string,
      # since the length of the list must not depend on a setting.
      InaccessiblePaths =
        [ ("-+/run/confinement/%n" + (if privateTmp then "" else " -+/tmp -+/var/tmp")) ];
    };
  };

  execSettings = [
    "ExecCondition"
    "ExecReload"
    "ExecStart"
    "ExecStartPost"
    "ExecStartPre"
    "ExecStop"
    "ExecStopPost"
  ];
  execPackages = concatMap (setting: toList (serviceConfig.${setting} or null)) execSettings;

  # What of a package is in PATH: its bin output, unless an output was chosen.
  binOutput = package:
    if isAttrs package && !(package.outputSpecified or false)
    then package.bin or package.out or package
    else package;
  pathPackages = map binOutput (toList path) ++ toList (environment.PATH or null);
  # As NixOS writes them: interpolation takes a path into the store, toString does not.
  inUnit = value: if builtins.typeOf value == "path" then "${value}" else toString value;
  environmentPackages = map inUnit
    (filter (value: value != null) (builtins.attrValues (removeAttrs environment [ "PATH" ])));

  packages = concatLists [
    (confinement.packages or [ ])
    (if isOn "fullUnit" then [ (builtins.toJSON unit) ] else execPackages)
    (if isOn "includePath" then pathPackages else [ ])
    (if isOn "includeEnvironment" then environmentPackages else [ ])
  ];

  refuse = setting: why: {
    assertion = !set setting;
    message = "The service '${name}' has 'confinement.enable' and 'serviceConfig.${setting}' on. ${why}";
  };
  orReadOnly = "or set 'systemd.services.\"${name}\".confinement.root' to \"read-only\", which can do both.";
in
{
  # What must be set, and what the user may override.
  serviceConfig = {
    forced = roots.${root};
    inherit defaults;
  };

  assertions = [
    (refuse "RootDirectoryStartOnly"
      ("systemd cannot restrict the bind mounts to ExecStart, so the other commands would not be "
        + "confined. Move them to a service of their own, or run them within the chroot."))
  ] ++ (if root == "tmpfs" then [
    (refuse "DynamicUser"
      ("A dynamic user does not work with the tmpfs as its root. Make a user with 'users.users', "
        + orReadOnly))
    (refuse "ProtectSystem"
      ("It remounts /usr, which is not there with the tmpfs as root, and the service would not "
        + "start. Turn it off, since nothing of the system is there to protect, ${orReadOnly}"))
  ] else [ ]);

  # The arguments for chroot-paths.nix.
  chrootPaths = {
    inherit name packages dropIn storeView;
    binSh = confinement.binSh or null;
    disallowedPackages = confinement.disallowedPackages or [ ];
  };
}
