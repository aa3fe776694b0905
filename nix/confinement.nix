# SPDX-License-Identifier: MIT
#
# Decides how to confine a service, or why it cannot be confined. Plain Nix, without nixpkgs. Lazy,
# so that a module can pass in the options that it defines from the result.
let
  inherit (builtins)
    any
    attrValues
    concatLists
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

  settings = full: {
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
    full-apivfs = settings true;
    chroot-only = settings false;
  };

  toList =
    value:
    if value == null then
      [ ]
    else if isList value then
      concatMap toList value
    else
      [ value ];
  startsWith = start: text: substring 0 (stringLength start) text == start;

  # As systemd's parse_boolean() reads a setting that NixOS writes: false, null and [ ] become "".
  is = spellings: value: match "(${spellings}) *" (toString value) != null;
  isTrue = is "1|[Yy]([Ee][Ss])?|[Tt]([Rr][Uu][Ee])?|[Oo][Nn]";
  isFalse = is "|0|[Nn][Oo]?|[Ff]([Aa][Ll][Ss][Ee])?|[Oo][Ff][Ff]";

  # As NixOS does it: interpolation copies a path to the store, toString does not.
  inUnit = value: if typeOf value == "path" then "${value}" else toString value;
  # A root of the closure. chroot-paths.nix refuses those that name a store path without context.
  isRoot =
    root: isAttrs root || hasContext root || replaceStrings [ storeDir ] [ "" ] root != root;
in
{
  # The name of the service, without ".service".
  name,
  serviceConfig ? { },
  # The module's options of the same names.
  confinement ? { },
  # Whether serviceConfig and confinement.packages contain the result, as in a module.
  isMerged ? false,
  # The service's option of the same name.
  environment ? { },
  # The NixOS option: "asDropin" if a package ships the unit or its template.
  overrideStrategy ? null,
  # The NixOS option systemd.units.<name>. confinement.fullUnit needs it.
  unit ? { },
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
  isReadOnly = it.root == "read-only";
  defaults = modes.${it.mode};

  valuesOf = setting: toList (serviceConfig.${setting} or null);
  commands = concatMap valuesOf [
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
  asRoot = command: if isString command || isAttrs command then command else toString command;
  packages = filter isRoot (concatLists [
    (if it.fullUnit then [ (toJSON unit) ] else map asRoot commands)
    (if it.includePath then map inUnit (toList (environment.PATH or null)) else [ ])
    (
      if it.includeEnvironment then
        map inUnit (toList (attrValues (removeAttrs environment [ "PATH" ])))
        ++ filter (line: !startsWith "PATH=" line) (map inUnit (valuesOf "Environment"))
      else
        [ ]
    )
  ]);

  # Where the service binds or mounts something by SETTING, with "/" at the end of each. A word is
  # [-]SOURCE[:DESTINATION[:OPTIONS]], or PATH[:OPTIONS], which NUMBER tells apart.
  placesOf =
    number: setting:
    let
      text = replaceStrings [ "%T" "%V" ] [ "/tmp" "/var/tmp" ] (toString (valuesOf setting));
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
  binds = concatMap (placesOf 1) [
    "BindPaths"
    "BindReadOnlyPaths"
    "MountImages"
  ];
  bindsStore = any (place: startsWith place "${storeDir}/") binds;
  ownsTmp = any (
    place:
    any (tmp: startsWith place tmp || startsWith tmp place) [
      "/tmp/"
      "/var/tmp/"
    ]
  ) (binds ++ placesOf 0 "TemporaryFileSystem");

  # DynamicUser gives the service a private /tmp and /var/tmp even if PrivateTmp is off.
  privateTmp = serviceConfig.PrivateTmp or defaults.PrivateTmp;
  hasTmp = isTrue privateTmp || privateTmp == "disconnected";

  # A package has to ship the unit if it has neither command here, or if the first ExecStart= resets
  # the list.
  starts = valuesOf "ExecStart";
  isShipped = if starts == [ ] then valuesOf "ExecStop" == [ ] else head starts == "";

  roots = {
    # /var/empty is the mount point.
    tmpfs = {
      RootDirectory = "/var/empty";
      TemporaryFileSystem = [ "/" ];
    };

    # A directory that only root can write to. It is not a tmpfs, since ProtectSystem=strict and
    # DynamicUser=yes undo TemporaryFileSystem=/ (systemd issue 18999). With ProtectSystem=strict,
    # root could write to /root and /home. A tmpfs covers what changes between starts.
    read-only = {
      RootDirectory = "/run/confinement-root/%p";
      ReadOnlyPaths = [
        "+/"
        "-+/root"
        "-+/home"
      ];
      TemporaryFileSystem = [ "/bin:ro${if bindsStore then "" else " ${storeDir}:ro"}" ];
    };
  };

  # Since 258, systemd binds the socket for notifications only with MountAPIVFS= (systemd issue 39524).
  # Without it, as with it, PID 1 checks who sends them.
  notify.BindReadOnlyPaths = [ "-/run/systemd/notify" ];

  fault = condition: message: if condition then [ "The service '${name}' ${message}" ] else [ ];
  refuse =
    setting: why:
    fault (serviceConfig ? ${setting} && !isFalse serviceConfig.${setting}) (
      "sets both 'confinement.enable' and 'serviceConfig.${setting}'. ${why}"
    );
  notWithTmpfs =
    "A tmpfs root does not support this setting: some versions of systemd do not start the service."
    + " Turn the setting off, or set 'systemd.services.\"${name}\".confinement.root' to"
    + " \"read-only\", which supports the setting.";
  isRootOfHost = setting: match "[/.]*" (toString (serviceConfig.${setting} or null)) != null;
in
{
  # The settings that are mandatory ("forced"), and those that the user may override ("defaults").
  # Which they are depends on confinement alone. Lists merge with those of the service.
  serviceConfig = {
    inherit defaults;
    forced = roots.${it.root} // (if it.mode == "chroot-only" then notify else { });
  };

  # The unit that makes the root directory, as settings of the section [Unit].
  unitConfig =
    if isReadOnly then
      {
        Requires = [ "confinement-root@%p.service" ];
        After = [ "confinement-root@%p.service" ];
      }
    else
      { };

  # The roots of the closure, except those in confinement.packages.
  inherit packages;

  # Messages that tell the user why the service cannot be confined; empty if it can.
  faults = concatLists [
    (fault (isMerged && isRootOfHost "RootDirectory" && isRootOfHost "RootImage") (
      "sets 'confinement.enable', but its 'serviceConfig' has no RootDirectory, so nothing confines"
      + " it. A mkForce on the whole 'serviceConfig' removes the settings of the confinement:"
      + " put it on single settings instead."
    ))
    (refuse "RootDirectoryStartOnly" (
      "systemd cannot limit the bind mounts to ExecStart, so the other commands would not be"
      + " confined. Turn it off, or move the other commands to a service of their own."
    ))
    (if isReadOnly then [ ] else refuse "DynamicUser" notWithTmpfs)
    (if isReadOnly then [ ] else refuse "ProtectSystem" notWithTmpfs)
    (fault
      (
        isShipped
        && filter (command: command != "") commands == [ ]
        && filter (package: !elem package ([ it.binSh ] ++ packages)) it.packages == [ ]
      )
      (
        "sets 'confinement.enable', but has no command, so its unit comes from a package, and it"
        + " would not see what the unit runs. Add that package to 'confinement.packages'."
      )
    )
  ];

  # The arguments for chroot-paths.nix.
  chrootPaths = {
    inherit name;
    inherit (it) binSh disallowedPackages;
    packages = it.packages ++ (if isMerged then [ ] else packages);
    # A unit can have only one file, but any number of drop-ins.
    dropIn = isReadOnly || overrideStrategy == "asDropin" || isShipped;
    storeView = true;
    hideTmp = isReadOnly && !hasTmp && !ownsTmp;
    unit = unit.text or null;
  };
}
