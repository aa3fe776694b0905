# SPDX-License-Identifier: MIT
#
# Decides how to confine a service, or why it cannot be confined. Plain Nix, without nixpkgs. Lazy, so that
# a module can pass in the options that it defines from the result.
let
  inherit (builtins) concatLists concatMap elem elemAt filter hasContext head isAttrs isList isString map match
    split storeDir stringLength substring toJSON typeOf unsafeDiscardStringContext;

  settingsOf = import ./settings.nix;

  toList = value: if value == null then [ ] else if isList value then concatMap toList value else [ value ];

  # Booleans of Nix, and the spellings that systemd's parse_boolean() accepts.
  letters = [ "A" "E" "F" "L" "N" "O" "R" "S" "T" "U" "Y" ];
  small = [ "a" "e" "f" "l" "n" "o" "r" "s" "t" "u" "y" ];
  lower = value: if isString value then builtins.replaceStrings letters small value else value;
  isTrue = value: elem (lower value) [ true 1 "1" "yes" "y" "true" "t" "on" ];
  isFalse = value: elem (lower value) [ null false 0 "" "0" "no" "n" "false" "f" "off" ];

  execSettings = [
    "ExecCondition"
    "ExecReload"
    "ExecStart"
    "ExecStartPost"
    "ExecStartPre"
    "ExecStop"
    "ExecStopPost"
  ];

  # The output of a package that goes into PATH: bin, unless an output was chosen.
  binOutput = package:
    if isAttrs package && !(package.outputSpecified or false)
    then package.bin or package.out or package
    else package;
  # As NixOS does it: interpolation copies a path to the store, toString does not.
  inUnit = value: if typeOf value == "path" then "${value}" else toString value;

  # The program of a command line, without systemd's prefixes and without quotes. The substring is as long
  # as a path can be: the stack use of match grows with the length of the string.
  programOf = command:
    let
      words = substring 0 4200 (unsafeDiscardStringContext "${command}");
      quoted = match ''[ \t\n]*[-@:+!|]*["']([^"']*)["'].*'' words;
    in
    head (if quoted == null then match "[ \t\n]*[-@:+!|]*([^ \t\n]*).*" words else quoted);

  isBelow = directory: file:
    let length = stringLength directory;
    in substring 0 length file == directory && elem (substring length 1 file) [ "" "/" ];

  # The path of a content-addressed derivation is a placeholder until it is built.
  isInStore = program:
    isBelow storeDir program || match "/[0-9a-z]{52}(/.*)?" program != null;

  wordsOf = value: filter (word: isString word && word != "")
    (concatMap (line: split "[ \t\n]+" (toString line)) (toList value));
  # BIND is [-]SOURCE[:DESTINATION[:OPTIONS]], perhaps in quotes.
  destinationOf = bind:
    let
      parts = match "[\"'-]*([^:\"']*)[\"']?(:[\"']?([^:\"']*))?.*" bind;
      path = head (match "(.*[^/])?/*" (if elemAt parts 2 == null then head parts else elemAt parts 2));
    in
    if path == null then "" else path;

  # The paths that these settings make systemd bind or create in the root directory.
  boundBy = serviceConfig: concatLists [
    (concatMap
      (setting: map destinationOf (wordsOf (serviceConfig.${setting} or null)))
      [ "BindPaths" "BindReadOnlyPaths" ])
    (concatMap
      (setting: map (name: "${directories.${setting}}/${name}") (wordsOf (serviceConfig.${setting} or null)))
      (builtins.attrNames directories))
  ];
  directories = {
    CacheDirectory = "/var/cache";
    ConfigurationDirectory = "/etc";
    RuntimeDirectory = "/run";
    StateDirectory = "/var/lib";
  };
in
{
  # The name of the service, without ".service".
  name,
  serviceConfig ? { },
  # The module's options of the same names. null stands for the default, which is "tmpfs" for root.
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
  option = default: value: if value == null then default else value;
  oneOf = values: setting: value: values.${value} or (throw
    "The service '${name}' sets 'confinement.${setting}' to ${toJSON value}, which is not one of ${toJSON (builtins.attrNames values)}.");

  root = option "tmpfs" (confinement.root or null);
  settings = oneOf (oneOf settingsOf "root" root) "mode" (option "full-apivfs" (confinement.mode or null));
  binSh = confinement.binSh or null;
  dropIn = option (root == "read-only" || overrideStrategy == "asDropin") (confinement.dropIn or null);
  named = confinement.packages or [ ];

  commands = concatMap (setting: toList (serviceConfig.${setting} or null)) execSettings;

  packages = concatLists [
    (if !(confinement.fullUnit or false) then map (command: if isString command || isAttrs command then command else toString command) commands
    else if unit == null then throw "The service '${name}' sets 'confinement.fullUnit', but the argument 'unit' is missing."
    else [ (toJSON unit) ])
    (if confinement.includePath or false then map binOutput (toList path) ++ toList (environment.PATH or null) else [ ])
    (if confinement.includeEnvironment or false
      then map inUnit (filter (value: value != null) (builtins.attrValues (removeAttrs environment [ "PATH" ])))
      else [ ])
  ];

  isOn = setting: serviceConfig ? ${setting} && !isFalse serviceConfig.${setting};
  refuse = setting: why:
    if isOn setting
    then [ "The service '${name}' sets both 'confinement.enable' and 'serviceConfig.${setting}'. ${why}" ]
    else [ ];
  notWithTmpfs = "A tmpfs root does not support this setting: some versions of systemd do not start the service. "
    + "Turn the setting off, or set 'systemd.services.\"${name}\".confinement.root' to \"read-only\", which supports the setting.";

  # Whether PROGRAM is in the root directory because the service binds it, or because the user added it to
  # confinement.packages.
  isThere = program: builtins.any (directory: isBelow (unsafeDiscardStringContext directory) program)
    (boundBy serviceConfig ++ map toString (filter (package: !elem package commands) named));

  # Why the program of COMMAND will be missing from the root directory, or null if it will be there.
  absenceOf = command:
    let program = programOf command; in
    if typeOf command == "path" then
      "is a path, which NixOS does not copy to the store: ${toString command}. Write \"\${${toString command}}\" to copy it."
    else if program == "" || (isInStore program && hasContext "${command}")
      || (program == "/bin/sh" && binSh != null) || isThere program then null
    else if isInStore program then
      "runs ${program}, whose closure Nix does not know, since the string has no context for it. Write \"\${package}/bin/…\", or add the package to 'confinement.packages'."
    else
      "runs ${program}, which is not in the store and will be missing from the root directory. Write \"\${package}/bin/…\", or bind it with 'serviceConfig.BindReadOnlyPaths'.";
  absent = setting: map
    (command: "The service '${name}' sets 'confinement.enable', but its 'serviceConfig.${setting}' ${absenceOf command}")
    (filter (command: absenceOf command != null) (toList (serviceConfig.${setting} or null)));

  # Most commands start like this and need no closer look.
  isPlain = command: isString command && isBelow storeDir (substring 0 (stringLength storeDir + 1) command) && hasContext command;

  # A package has to ship the unit if it has neither command here, or if the first ExecStart= resets the list.
  starts = toList (serviceConfig.ExecStart or null);
  isShipped = if starts == [ ] then toList (serviceConfig.ExecStop or null) == [ ] else head starts == "";

  # What is in a root directory of the user is not known here.
  hasOwnRoot = (serviceConfig.RootDirectory or settings.forced.RootDirectory) != settings.forced.RootDirectory;

  privateTmp = serviceConfig.PrivateTmp or settings.defaults.PrivateTmp;
in
{
  # The settings that are mandatory ("forced"), and those that the user may override ("defaults").
  serviceConfig = { inherit (settings) forced defaults; };

  # The units for Requires= and After=.
  inherit (settings) requires;

  # The roots of the closure, except those in confinement.packages.
  inherit packages;

  # Messages that tell the user why the service cannot be confined; empty if it can.
  faults = concatLists [
    (refuse "RootDirectoryStartOnly" ("systemd cannot limit the bind mounts to ExecStart, so the other commands "
      + "would not be confined. Turn it off, or move the other commands to a service of their own."))
    (if root == "tmpfs" then refuse "DynamicUser" notWithTmpfs ++ refuse "ProtectSystem" notWithTmpfs else [ ])
    (if dropIn || !isShipped then [ ]
      else [ "The service '${name}' sets 'confinement.enable', but has no ExecStart of its own. If a package ships its unit, set 'confinement.dropIn' to true, since there can be only one unit file of that name." ])
    (if hasOwnRoot || builtins.all isPlain commands then [ ] else concatMap absent execSettings)
  ];

  # The arguments for chroot-paths.nix.
  chrootPaths = {
    inherit name binSh dropIn;
    packages = named ++ packages;
    # DynamicUser gives the service a private /tmp and /var/tmp even if PrivateTmp is off.
    hideTmp = root == "read-only" && !(isTrue privateTmp || privateTmp == "disconnected");
    disallowedPackages = confinement.disallowedPackages or [ ];
  };
}
