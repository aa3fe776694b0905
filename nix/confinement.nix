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
  # The complete unit, anything that builtins.toJSON takes; needed for confinement.fullUnit.
  unit ? null,
}:

let
  inherit (builtins) concatLists elem filter isAttrs isList isString map match stringLength substring;
  # builtins.concatMap came with Nix 2.1.
  concatMap = function: list: concatLists (map function list);

  option = default: value: if value == null then default else value;
  oneOf = setting: values: value:
    if elem value values then value
    else throw "The service '${name}' has 'confinement.${setting}' set to ${builtins.toJSON value}, which is none of ${builtins.toJSON values}.";
  root = oneOf "root" [ "tmpfs" "read-only" ] (option "tmpfs" (confinement.root or null));
  mode = oneOf "mode" [ "full-apivfs" "chroot-only" ] (option "full-apivfs" (confinement.mode or null));
  dropIn = option (root == "read-only") (confinement.dropIn or null);
  binSh = confinement.binSh or null;
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
    # /var/empty is what the tmpfs is mounted over.
    tmpfs = {
      RootDirectory = "/var/empty";
      TemporaryFileSystem = "/";
    };
    # A directory that root alone can write to. It is no tmpfs, since ProtectSystem=strict and
    # DynamicUser=yes undo a TemporaryFileSystem=/ (systemd issue 18999). What differs from start to
    # start lies in a tmpfs all the same.
    read-only = {
      RootDirectory = "/run/confinement-root/%p";
      ReadOnlyPaths = [ "+/" ];
      TemporaryFileSystem = [ "/bin:ro" "${builtins.storeDir}:ro" ];
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
  commandsOf = setting: toList (serviceConfig.${setting} or null);
  execPackages = concatMap commandsOf execSettings;

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

  wholeUnit =
    if unit == null
    then throw "The service '${name}' has 'confinement.fullUnit' on, but 'unit', the unit to take the closure of, is not given."
    else builtins.toJSON unit;

  packages = concatLists [
    (confinement.packages or [ ])
    (if isOn "fullUnit" then [ wholeUnit ] else execPackages)
    (if isOn "includePath" then pathPackages else [ ])
    (if isOn "includeEnvironment" then environmentPackages else [ ])
  ];

  refuse = setting: why: {
    assertion = !set setting;
    message = "The service '${name}' has 'confinement.enable' and 'serviceConfig.${setting}' on. ${why}";
  };
  useReadOnly = "set 'systemd.services.\"${name}\".confinement.root' to \"read-only\", with which it works.";
  notWithTmpfs = setting: refuse setting
    "With a tmpfs as its root this is not supported: some versions of systemd do not start it. Turn it off, or ${useReadOnly}";

  # The program of a command line: what follows systemd's prefixes, without quotes. The pattern gets no
  # more than a path can have, since Nix's match takes stack by the byte.
  programOf = command:
    let
      words = substring 0 4200 "${command}";
      quoted = match ''[-@:+!|]*["']([^"']*)["'].*'' words;
      plain = match "[-@:+!|]*([^ \t\n]*).*" words;
    in
    builtins.head (if quoted == null then plain else quoted);

  isBelow = directory: file:
    let length = stringLength directory;
    in substring 0 length file == directory && elem (substring length 1 file) [ "" "/" ];

  # What else is in the root directory: what the user binds there or names in confinement.packages.
  boundDirectories = concatLists [
    (concatMap
      (setting: map destinationOf (words (serviceConfig.${setting} or null)))
      [ "BindPaths" "BindReadOnlyPaths" ])
    (concatMap
      (directory: map (name: "${directory.at}/${name}") (words (serviceConfig.${directory.setting} or null)))
      [
        { setting = "StateDirectory"; at = "/var/lib"; }
        { setting = "CacheDirectory"; at = "/var/cache"; }
        { setting = "RuntimeDirectory"; at = "/run"; }
        { setting = "ConfigurationDirectory"; at = "/etc"; }
      ])
    (filter isString (map (package: if isAttrs package then "${package}" else package) (confinement.packages or [ ])))
  ];
  words = value: filter (word: isString word && word != "")
    (concatMap (line: builtins.split "[ \t\n]+" (toString line)) (toList value));
  # SOURCE[:DESTINATION[:OPTIONS]], the source perhaps with a "-".
  destinationOf = bind:
    let parts = match "-?([^:]*)(:([^:]*))?.*" bind;
    in if builtins.elemAt parts 2 == null then builtins.head parts else builtins.elemAt parts 2;

  # Of a derivation that is addressed by its content, Nix knows the path only once it is built.
  inStore = program:
    isBelow builtins.storeDir program || match "/[0-9a-z]{52}(/.*)?" program != null;

  # Why the program of COMMAND will not be there when the service starts, or null.
  absence = command:
    let
      program = builtins.unsafeDiscardStringContext (programOf command);
    in
    if builtins.typeOf command == "path" then
      "is a path, which NixOS writes as ${toString command}. Write \"\${${toString command}}\", which copies it into the store."
    else if program == "" || (inStore program && builtins.hasContext "${command}") then null
    else if program == "/bin/sh" && binSh != null then null
    else if builtins.any (directory: isBelow directory program) (map builtins.unsafeDiscardStringContext boundDirectories) then null
    else if inStore program then
      "runs ${program}, of which Nix does not know what it needs. Write \"\${package}/bin/…\", or add the package to 'confinement.packages'."
    else
      "runs ${program}, which is not in the store, so not in the root directory. Write \"\${package}/bin/…\", or bind it with 'serviceConfig.BindReadOnlyPaths'.";

  programs = concatMap
    (setting: map
      (command:
        let why = absence command; in
        {
          assertion = why == null;
          message = "The service '${name}' has 'confinement.enable' on, and its 'serviceConfig.${setting}' ${toString why}";
        })
      (commandsOf setting))
    execSettings;
in
{
  # What must be set, and what the user may override.
  serviceConfig = {
    forced = roots.${root};
    inherit defaults;
  };

  # The units that the service needs, and has to start after.
  requires = if root == "read-only" then [ "confinement-root@%p.service" ] else [ ];

  assertions = [
    (refuse "RootDirectoryStartOnly"
      ("systemd cannot restrict the bind mounts to ExecStart, so the other commands would not be "
        + "confined. Move them to a service of their own, or run them within the chroot."))
  ] ++ (if root == "tmpfs" then [ (notWithTmpfs "DynamicUser") (notWithTmpfs "ProtectSystem") ] else [ ])
  ++ programs;

  # The arguments for chroot-paths.nix.
  chrootPaths = {
    inherit name packages binSh dropIn storeView;
    # DynamicUser makes both, private ones, whatever PrivateTmp says.
    hideTmp = root == "read-only" && !privateTmp;
    disallowedPackages = confinement.disallowedPackages or [ ];
  };
}
