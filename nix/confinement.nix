# SPDX-License-Identifier: MIT
#
# Decides how to confine a service, or why it cannot be confined. Plain Nix, without nixpkgs. Lazy,
# so that a module can pass in the options that it defines from the result.
let
  inherit (builtins)
    any
    attrNames
    attrValues
    concatLists
    concatMap
    elem
    filter
    head
    isAttrs
    isString
    replaceStrings
    storeDir
    toJSON
    typeOf
    ;

  settings = import ./settings.nix;
  placesOf = import ./places.nix;
  commands = import ./commands.nix;
  inherit (commands) toList isBelow;

  # Booleans of Nix, and the spellings that systemd's parse_boolean() accepts. systemd strips the
  # blanks at the end. NixOS writes no line for an empty list.
  lower =
    value:
    if isString value then
      replaceStrings
        [
          "A"
          "E"
          "F"
          "L"
          "N"
          "O"
          "R"
          "S"
          "T"
          "U"
          "Y"
          " "
        ]
        [
          "a"
          "e"
          "f"
          "l"
          "n"
          "o"
          "r"
          "s"
          "t"
          "u"
          "y"
          ""
        ]
        value
    else
      value;
  isTrue =
    value:
    elem (lower value) [
      true
      1
      "1"
      "yes"
      "y"
      "true"
      "t"
      "on"
    ];
  isFalse =
    value:
    elem (lower value) [
      null
      [ ]
      false
      0
      ""
      "0"
      "no"
      "n"
      "false"
      "f"
      "off"
    ];

  # The output of a package that goes into PATH: bin, unless an output was chosen.
  binOutput =
    package:
    if isAttrs package && !(package.outputSpecified or false) then
      package.bin or package.out or package
    else
      package;
  # As NixOS does it: interpolation copies a path to the store, toString does not.
  inUnit = value: if typeOf value == "path" then "${value}" else toString value;
in
{
  # The name of the service, without ".service".
  name,
  serviceConfig ? { },
  # Whether serviceConfig contains the settings below, as in a module.
  isMerged ? false,
  # The module's options of the same names. root and mode have no default.
  confinement ? { },
  # The service's options of the same names.
  path ? [ ],
  environment ? { },
  # The NixOS option: "asDropin" if a package ships the unit or its template.
  overrideStrategy ? null,
  # The whole unit, as a value that builtins.toJSON accepts. confinement.fullUnit needs it.
  unit ? null,
}:

let
  oneOf =
    option: values:
    let
      value = confinement.${option} or null;
    in
    if isString value && values ? ${value} then
      values.${value}
    else
      throw (
        "The service '${name}' sets 'confinement.${option}' to ${toJSON value}, "
        + "which is not one of ${toJSON (attrNames values)}."
      );
  root = oneOf "root" (settings.roots bindsStore);
  defaults = oneOf "mode" settings.modes;
  isReadOnly = confinement.root == "read-only";

  places = placesOf serviceConfig;
  bindsStore = any (place: isBelow place storeDir) places.binds;

  binSh = confinement.binSh or null;
  named = confinement.packages or [ ];
  execs = commands.all serviceConfig;
  asRoot = command: if isString command || isAttrs command then command else toString command;
  packages = concatLists [
    (
      if !(confinement.fullUnit or false) then
        map asRoot execs
      else if unit == null then
        throw "The service '${name}' sets 'confinement.fullUnit', but has no argument 'unit'."
      else
        [ (toJSON unit) ]
    )
    (
      if confinement.includePath or false then
        map binOutput (toList path) ++ toList (environment.PATH or null)
      else
        [ ]
    )
    (
      if confinement.includeEnvironment or false then
        map inUnit (toList (attrValues (removeAttrs environment [ "PATH" ])))
      else
        [ ]
    )
  ];

  isOn = setting: serviceConfig ? ${setting} && !isFalse serviceConfig.${setting};
  when = condition: message: if condition then [ message ] else [ ];
  refuse =
    setting: why:
    when (isOn setting) (
      "The service '${name}' sets both 'confinement.enable' and 'serviceConfig.${setting}'. ${why}"
    );
  notWithTmpfs =
    "A tmpfs root does not support this setting: some versions of systemd do not start the service."
    + " Turn the setting off, or set 'systemd.services.\"${name}\".confinement.root' to"
    + " \"read-only\", which supports the setting.";

  # A package has to ship the unit if it has neither command here, or if the first ExecStart= resets
  # the list.
  starts = toList (serviceConfig.ExecStart or null);
  isShipped =
    if starts == [ ] then commands.of serviceConfig "ExecStop" == [ ] else head starts == "";

  rootDirectory =
    serviceConfig.RootDirectory or (if isMerged then null else root.forced.RootDirectory);
  # What is in a root directory or an image of the user is not known.
  isUnknown =
    rootDirectory != root.forced.RootDirectory
    || any isOn [
      "ExtensionDirectories"
      "ExtensionImages"
      "RootImage"
    ];
  isUnconfined = !isOn "RootImage" && commands.simplify (toString rootDirectory) == "";

  # DynamicUser gives the service a private /tmp and /var/tmp even if PrivateTmp is off.
  privateTmp = serviceConfig.PrivateTmp or defaults.PrivateTmp;
  hasTmp = isTrue privateTmp || privateTmp == "disconnected";
  ownsTmp = any (
    place:
    any (tmp: isBelow tmp place || isBelow place tmp) [
      "/tmp"
      "/var/tmp"
    ]
  ) (places.binds ++ places.tmpfs);

  # The unit of a package may set these as well.
  mayNotify =
    any isOn [
      "FileDescriptorStoreMax"
      "NotifyAccess"
      "WatchdogSec"
    ]
    || elem (serviceConfig.Type or (if isShipped then "notify" else "simple")) [
      "notify"
      "notify-reload"
    ];

  absence = commands.absence {
    roots = named ++ packages;
    places = concatLists [
      places.binds
      places.directories
      (when (binSh != null) "/bin/sh")
      (when hasTmp "/tmp")
      (when hasTmp "/var/tmp")
      [
        "/dev"
        "/proc"
        "/sys"
      ]
    ];
    hasSearchPath = isOn "ExecSearchPath";
  };
  but = what: "The service '${name}' sets 'confinement.enable', but its 'serviceConfig${what}";
  absent =
    setting:
    map (why: but ".${setting}' ${why}") (
      filter isString (map absence (commands.of serviceConfig setting))
    );
in
{
  # The settings that are mandatory ("forced"), and those that the user may override ("defaults").
  serviceConfig = {
    inherit (root) forced;
    inherit defaults;
  };

  # The unit that makes the root directory, as settings of the section [Unit].
  inherit (root) unitConfig;

  # The roots of the closure, except those in confinement.packages.
  inherit packages;

  # More BindReadOnlyPaths=. They depend on other settings, so they cannot be among those above.
  # Since 258, systemd binds no socket for notifications without MountAPIVFS= (systemd issue 39524).
  binds = when (
    mayNotify && isFalse (serviceConfig.MountAPIVFS or defaults.MountAPIVFS)
  ) "-/run/systemd/notify";

  # Messages that tell the user why the service cannot be confined; empty if it can.
  faults = concatLists [
    (when isUnconfined (
      but "' has no RootDirectory, so nothing confines it."
      + " A mkForce on the whole 'serviceConfig' removes the settings of the confinement:"
      + " put it on single settings instead."
    ))
    (refuse "RootDirectoryStartOnly" (
      "systemd cannot limit the bind mounts to ExecStart, so the other commands would not be"
      + " confined. Turn it off, or move the other commands to a service of their own."
    ))
    (
      if isReadOnly then
        [ ]
      else
        refuse "DynamicUser" notWithTmpfs ++ refuse "ProtectSystem" notWithTmpfs
    )
    (
      if isUnknown || builtins.all commands.isPlain execs then
        [ ]
      else
        concatMap absent commands.settings
    )
  ];

  # The arguments for chroot-paths.nix.
  chrootPaths = {
    inherit name binSh;
    packages = named ++ packages;
    # A unit can have only one file, but any number of drop-ins.
    dropIn = isReadOnly || overrideStrategy == "asDropin" || isShipped;
    hideTmp = isReadOnly && !hasTmp && !ownsTmp;
    disallowedPackages = confinement.disallowedPackages or [ ];
  };
}
