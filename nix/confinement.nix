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
    intersectAttrs
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
  rootDirectories = {
    # /var/empty is the mount point.
    tmpfs = {
      forced.RootDirectory = "/var/empty";
      temporaryFileSystem = "/";
      unitConfig = { };
      unsupported = [
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
        ReadOnlyPaths = [ "+/ -+/root -+/home" ];
      };
      temporaryFileSystem = "/bin:ro ${storeDir}:ro";
      unitConfig.Requires = [ rootUnit ];
      unitConfig.After = [ rootUnit ];
      unsupported = [ "RootDirectoryStartOnly" ];
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
  optionals = condition: list: if condition then list else [ ];

  # Of these sets only the names count, for intersectAttrs.
  execSettings = {
    ExecCondition = null;
    ExecReload = null;
    # Since systemd 259.
    ExecReloadPost = null;
    ExecStart = null;
    ExecStartPost = null;
    ExecStartPre = null;
    ExecStop = null;
    ExecStopPost = null;
  };
  bindSettings = {
    BindPaths = null;
    BindReadOnlyPaths = null;
    MountImages = null;
  };

  noRoot =
    "its 'serviceConfig' has no RootDirectory, so nothing confines it. A mkForce on the whole set"
    + " removes the settings of the confinement: put it on single settings instead.";
  noRootUnit =
    "its 'unitConfig' has no '${rootUnit}' in Requires and After, so its root directory would be"
    + " missing. A mkForce removes them: put it on other settings, or add them.";
  noBinds =
    "its 'serviceConfig' has an empty BindPaths or BindReadOnlyPaths, which undoes the binds of the"
    + " confinement, too.";
  noCommand =
    "has no command. If a package ships its unit, the service would not see what that runs: add the"
    + " package to 'confinement.packages'.";
  notWithTmpfs =
    "A tmpfs root does not support this setting: some versions of systemd do not start the service."
    + " Turn it off, or set 'confinement.root' to \"read-only\".";
  why = {
    RootDirectoryStartOnly =
      "systemd cannot limit the bind mounts to ExecStart, so the other commands would not be"
      + " confined. Turn it off, or move the other commands to a service of their own.";
    DynamicUser = notWithTmpfs;
    ProtectSystem = notWithTmpfs;
  };

  startsWith = start: text: substring 0 (stringLength start) text == start;

  # As systemd's parse_boolean() reads a setting that NixOS writes: false, null and [ ] become "".
  is = spellings: value: match "(${spellings}) *" (toString value) != null;
  isFalse = is "|0|[Nn][Oo]?|[Ff]([Aa][Ll][Ss][Ee])?|[Oo][Ff][Ff]";
  isPrivate = is "1|[Yy]([Ee][Ss])?|[Tt]([Rr][Uu][Ee])?|[Oo][Nn]|disconnected";
  isEmpty = value: match "[ \t]*" (toString value) != null;

  # The paths that TEXT binds or mounts, with "/" at the end of each. A word of it is
  # [-]SOURCE[:DESTINATION[:OPTIONS]], or PATH[:OPTIONS] if INDEX is 0.
  placesIn =
    index: text:
    let
      partsOf = separator: text: filter (part: isString part && part != "") (split separator text);
      placeOf =
        word:
        let
          parts = partsOf "[\"':]+" word ++ [ "" ];
          path = elemAt parts (if length parts > 2 then index else 0);
        in
        concatStringsSep "/" (
          [ "" ] ++ filter (part: part != "." && part != "-") (partsOf "/" path) ++ [ "" ]
        );
    in
    map placeOf (partsOf "[ \t\n]+" text);

  # NixOS writes a command by toString, which copies no path to the store, and a variable of
  # "environment" by interpolation, which does. Only a derivation stays what it is.
  ofCommand = value: if isAttrs value then value else toString value;
  ofVariable = value: if typeOf value == "path" then "${value}" else toString value;
  # Whether ROOT may be a root of the closure. chroot-paths.nix refuses a path without context.
  namesStore =
    root: isAttrs root || hasContext root || replaceStrings [ storeDir ] [ "" ] root != root;
in
# The options of systemd.services.<name>, and others of the same name for the unit.
{
  # The name of the service, without ".service".
  name,
  # These contain the result, as in a module.
  serviceConfig,
  unitConfig,
  confinement,
  environment ? { },
  # The NixOS option: "asDropin" if a package ships the unit or its template.
  overrideStrategy ? null,
  # The NixOS option systemd.units.<name>.
  unit ? { },
  ... # other options of the service
}:

let
  inherit (confinement) binSh;
  rootDirectory = rootDirectories.${confinement.root};
  mode = modes.${confinement.mode};
  isReadOnly = confinement.root == "read-only";

  valuesOf = setting: toList (serviceConfig.${setting} or null);
  valuesIn = settings: toList (attrValues (intersectAttrs settings serviceConfig));

  binds = placesIn 1 (toString (valuesIn bindSettings));
  bindsStore = any (place: startsWith place "${storeDir}/") binds;
  ownsTmp = any (place: match "/|/var/|(/var/tmp|/tmp|/%[TV])/.*" place != null) (
    binds ++ placesIn 0 (toString (valuesOf "TemporaryFileSystem"))
  );

  # A package has to ship the unit if it has neither command here, or if the first ExecStart= resets
  # the list.
  starts = valuesOf "ExecStart";
  isShipped = if starts == [ ] then valuesOf "ExecStop" == [ ] else head starts == "";
  # Whether what NixOS writes is a drop-in for a unit that is elsewhere.
  isDropIn = overrideStrategy == "asDropin" || isShipped;
  # Whether it comes after the binds of the confinement.
  isOverride = !isReadOnly || isDropIn;

  execs = valuesIn execSettings;
  packages = filter namesStore (
    (if confinement.fullUnit then [ (toJSON unit) ] else map ofCommand execs)
    ++ optionals confinement.includePath (map ofVariable (toList (environment.PATH or null)))
    ++ optionals confinement.includeEnvironment (
      map ofVariable (toList (attrValues (removeAttrs environment [ "PATH" ])))
      ++ filter (line: !startsWith "PATH=" line) (map toString (valuesOf "Environment"))
    )
  );
  given = filter (package: !elem package (packages ++ [ binSh ])) confinement.packages;

  resetsBinds = any isEmpty (valuesOf "BindPaths" ++ valuesOf "BindReadOnlyPaths");
  isOn = setting: !isFalse (serviceConfig.${setting} or null);
  # systemd takes the last line of such a setting; toString puts a blank between the lines.
  isOfHost = setting: match "(.* )?[/. \t]*" (toString (serviceConfig.${setting} or null)) != null;
  requiresRoot = key: match ".*confinement-root@.*" (toString (unitConfig.${key} or "")) != null;
in
{
  # The settings that are mandatory ("forced"), and those that the user may override ("defaults").
  # Which they are depends on confinement alone. Lists merge with those of the service.
  serviceConfig = {
    inherit (mode) defaults;
    forced =
      rootDirectory.forced
      // mode.forced
      // {
        TemporaryFileSystem = [
          (if isReadOnly && bindsStore then "/bin:ro" else rootDirectory.temporaryFileSystem)
        ];
      };
  };

  # The unit that makes the root directory.
  inherit (rootDirectory) unitConfig;

  # The roots of the closure, except those in confinement.packages.
  inherit packages;

  # Messages that tell the user why the service cannot be confined; empty if it can.
  faults = map (what: "The service '${name}' sets 'confinement.enable', but ${what}") (
    optionals (isOfHost "RootDirectory" && isOfHost "RootImage") [ noRoot ]
    ++ optionals (isReadOnly && !(requiresRoot "Requires" && requiresRoot "After")) [ noRootUnit ]
    ++ optionals (isOverride && resetsBinds) [ noBinds ]
    ++ map (key: "also 'serviceConfig.${key}'. ${why.${key}}") (
      filter isOn rootDirectory.unsupported
    )
    ++ optionals (isShipped && !any (exec: exec != "") execs && given == [ ]) [ noCommand ]
  );

  # The arguments for chroot-paths.nix.
  chrootPaths = {
    inherit name binSh;
    inherit (confinement) disallowedPackages packages;
    # A unit can have only one file, but any number of drop-ins.
    dropIn = isReadOnly || isDropIn;
    storeView = true;
    # DynamicUser gives the service a private /tmp and /var/tmp even if PrivateTmp is off.
    hideTmp = isReadOnly && !isPrivate (serviceConfig.PrivateTmp or null) && !ownsTmp;
    unit = unit.text or null;
  };
}
