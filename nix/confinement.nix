# SPDX-License-Identifier: MIT
#
# Decides how to confine a service, or why it cannot be confined. Plain Nix, without nixpkgs. Lazy,
# so that a module can pass in the options that it defines from the result.
let
  inherit (builtins)
    any
    attrValues
    concatMap
    concatStringsSep
    elem
    elemAt
    filter
    hasContext
    head
    isAttrs
    isList
    isString
    length
    match
    replaceStrings
    split
    storeDir
    stringLength
    substring
    toJSON
    typeOf
    ;

  settingsOf = full: {
    PrivateMounts = true;
    # Set in both modes: where systemd or NixOS has one of them on by default, a chroot-only service
    # would otherwise get a /dev, /proc or /sys.
    MountAPIVFS = full;
    PrivateDevices = full;
    PrivateTmp = full;
    PrivateUsers = full;
    ProtectControlGroups = full;
    ProtectKernelModules = full;
    ProtectKernelTunables = full;
  };
  modes = {
    full-apivfs = {
      forced = { };
      defaults = settingsOf true;
    };
    chroot-only = {
      # Since 258, systemd binds the socket for notifications only with MountAPIVFS= (systemd issue
      # 39524). PID 1 checks who sends them.
      forced.BindReadOnlyPaths = [ "-/run/systemd/notify" ];
      defaults = settingsOf false;
    };
  };

  # Makes the root directory.
  rootUnit = "confinement-root@%p.service";
  roots = {
    # /var/empty is the mount point.
    tmpfs = {
      forced.RootDirectory = "/var/empty";
      tmpfs = "/";
      unitConfig = { };
      refused = [
        "DynamicUser"
        "ProtectSystem"
        "RootDirectoryStartOnly"
      ];
    };

    # A directory that only root can write to. It is not a tmpfs, since ProtectSystem=strict and
    # DynamicUser=yes undo TemporaryFileSystem=/ (systemd issue 18999). With ProtectSystem=strict,
    # root could write to /root and /home. A tmpfs covers what changes between starts, unless the
    # service binds the store itself.
    read-only = {
      forced = {
        RootDirectory = "/run/confinement-root/%p";
        ReadOnlyPaths = [
          "+/"
          "-+/root"
          "-+/home"
        ];
      };
      tmpfs = "/bin:ro ${storeDir}:ro";
      unitConfig.Requires = [ rootUnit ];
      unitConfig.After = [ rootUnit ];
      refused = [ "RootDirectoryStartOnly" ];
    };
  };

  toList =
    value:
    if isList value then
      concatMap toList value
    else if value == null then
      [ ]
    else
      [ value ];
  execSettings = [
    "ExecCondition"
    "ExecReload"
    # Since systemd 259.
    "ExecReloadPost"
    "ExecStart"
    "ExecStartPost"
    "ExecStartPre"
    "ExecStop"
    "ExecStopPost"
  ];

  fault = condition: message: if condition then [ message ] else [ ];
  noRoot =
    "its 'serviceConfig' has no RootDirectory, so nothing confines it. A mkForce on the whole set"
    + " removes the settings of the confinement: put it on single settings instead.";
  noRootUnit =
    "its 'unitConfig' has no '${rootUnit}' in Requires and After, so its root directory would be"
    + " missing. A mkForce removes them: put it on other settings, or add them.";
  noBinds =
    "its 'serviceConfig' has an empty BindPaths or BindReadOnlyPaths, which undoes the binds of the"
    + " confinement, too.";
  unknown =
    "has no command. If a package ships its unit, the service would not see what that runs: add the"
    + " package to 'confinement.packages'.";
  notWithTmpfs =
    name:
    "A tmpfs root does not support this setting: some versions of systemd do not start the service."
    + " Turn it off, or set 'systemd.services.\"${name}\".confinement.root' to \"read-only\".";
  why = {
    RootDirectoryStartOnly =
      name:
      "systemd cannot limit the bind mounts to ExecStart, so the other commands would not be"
      + " confined. Turn it off, or move the other commands to a service of their own.";
    DynamicUser = notWithTmpfs;
    ProtectSystem = notWithTmpfs;
  };

  startsWith = start: text: substring 0 (stringLength start) text == start;

  # As systemd's parse_boolean() reads a setting that NixOS writes: false, null and [ ] become "".
  is = spellings: value: match "(${spellings}) *" (toString value) != null;
  isTrue = is "1|[Yy]([Ee][Ss])?|[Tt]([Rr][Uu][Ee])?|[Oo][Nn]";
  isFalse = is "|0|[Nn][Oo]?|[Ff]([Aa][Ll][Ss][Ee])?|[Oo][Ff][Ff]";

  # The paths that TEXT binds or mounts, with "/" at the end of each. A word of it is
  # [-]SOURCE[:DESTINATION[:OPTIONS]], or PATH[:OPTIONS] if NUMBER is 0.
  placesIn =
    number: text:
    let
      partsOf = separator: text: filter (part: isString part && part != "") (split separator text);
      placeOf =
        word:
        let
          parts = partsOf "[\"':]+" word ++ [ "" ];
          path = elemAt parts (if length parts > 2 then number else 0);
        in
        concatStringsSep "/" (
          [ "" ] ++ filter (part: part != "." && part != "-") (partsOf "/" path) ++ [ "" ]
        );
    in
    map placeOf (partsOf "[ \t\n]+" text);

  # As in the unit: interpolation copies a path to the store, toString does not.
  inUnit = value: if typeOf value == "path" then "${value}" else toString value;
  asRoot = exec: if isAttrs exec then exec else toString exec;
  # A root of the closure. chroot-paths.nix refuses a store path without context.
  isRoot = root: isAttrs root || hasContext root || replaceStrings [ storeDir ] [ "" ] root != root;
in
{
  # The name of the service, without ".service".
  name,
  # The service's options of the same names.
  serviceConfig ? { },
  unitConfig ? { },
  environment ? { },
  # The module's options of the same names.
  confinement ? { },
  # Whether serviceConfig, unitConfig and confinement.packages contain the result, as in a module.
  isMerged ? false,
  # The NixOS option: "asDropin" if a package ships the unit or its template.
  overrideStrategy ? null,
  # The NixOS option systemd.units.<name>.
  unit ? { },
  ... # other options of the service
}:

let
  it = {
    root = "read-only";
    mode = "full-apivfs";
    fullUnit = false;
    packages = [ ];
    includePath = false;
    includeEnvironment = false;
    binSh = null;
    disallowedPackages = [ ];
  }
  // confinement;
  root = roots.${it.root};
  mode = modes.${it.mode};
  isReadOnly = it.root == "read-only";

  valuesOf = setting: toList (serviceConfig.${setting} or null);
  placesOf = number: setting: placesIn number (toString (valuesOf setting));
  binds = concatMap (placesOf 1) [
    "BindPaths"
    "BindReadOnlyPaths"
    "MountImages"
  ];
  bindsStore = any (place: startsWith place "${storeDir}/") binds;
  ownsTmp = any (place: match "/|/var/|(/var/tmp|/tmp|/%[TV])/.*" place != null) (
    binds ++ placesOf 0 "TemporaryFileSystem"
  );
  # DynamicUser gives the service a private /tmp and /var/tmp even if PrivateTmp is off.
  privateTmp = serviceConfig.PrivateTmp or mode.defaults.PrivateTmp;
  hasTmp = isTrue privateTmp || privateTmp == "disconnected";

  # A package has to ship the unit if it has neither command here, or if the first ExecStart= resets
  # the list.
  starts = valuesOf "ExecStart";
  isShipped = if starts == [ ] then valuesOf "ExecStop" == [ ] else head starts == "";

  execs = concatMap valuesOf execSettings;
  packages = filter isRoot (
    (if it.fullUnit then [ (toJSON unit) ] else map asRoot execs)
    ++ (if it.includePath then map inUnit (toList (environment.PATH or null)) else [ ])
    ++ (
      if it.includeEnvironment then
        map inUnit (toList (attrValues (removeAttrs environment [ "PATH" ])))
        ++ filter (line: !startsWith "PATH=" line) (map inUnit (valuesOf "Environment"))
      else
        [ ]
    )
  );

  isOn = setting: serviceConfig ? ${setting} && !isFalse serviceConfig.${setting};
  # systemd takes the last line of such a setting; toString puts a blank between the lines.
  isRootOfHost = key: match "(.* )?[/. \t]*" (toString (serviceConfig.${key} or null)) != null;
  # Whether what NixOS writes of the unit comes after the binds of the confinement.
  isOverride = !isReadOnly || overrideStrategy == "asDropin" || isShipped;
  hasRoot = setting: match ".*confinement-root@.*" (toString (unitConfig.${setting} or "")) != null;
  isGiven = package: !elem package ([ it.binSh ] ++ packages);
in
{
  # The settings that are mandatory ("forced"), and those that the user may override ("defaults").
  # Which they are depends on confinement alone. Lists merge with those of the service.
  serviceConfig = {
    inherit (mode) defaults;
    forced =
      root.forced
      // mode.forced
      // {
        TemporaryFileSystem = [ (if isReadOnly && bindsStore then "/bin:ro" else root.tmpfs) ];
      };
  };

  # The unit that makes the root directory.
  inherit (root) unitConfig;

  # The roots of the closure, except those in confinement.packages.
  inherit packages;

  # Messages that tell the user why the service cannot be confined; empty if it can.
  faults = map (what: "The service '${name}' sets 'confinement.enable', but ${what}") (
    fault (isMerged && isRootOfHost "RootDirectory" && isRootOfHost "RootImage") noRoot
    ++ fault (isMerged && isReadOnly && !(hasRoot "Requires" && hasRoot "After")) noRootUnit
    ++ fault (isOverride && elem "" (valuesOf "BindPaths" ++ valuesOf "BindReadOnlyPaths")) noBinds
    ++ map (key: "also 'serviceConfig.${key}'. ${why.${key} name}") (filter isOn root.refused)
    ++ fault (isShipped && !any (exec: exec != "") execs && !any isGiven it.packages) unknown
  );

  # The arguments for chroot-paths.nix.
  chrootPaths = {
    inherit name;
    inherit (it) binSh disallowedPackages;
    packages = if isMerged then it.packages else it.packages ++ packages;
    # A unit can have only one file, but any number of drop-ins.
    dropIn = isReadOnly || overrideStrategy == "asDropin" || isShipped;
    storeView = true;
    hideTmp = isReadOnly && !hasTmp && !ownsTmp;
    unit = unit.text or null;
  };
}
