# SPDX-License-Identifier: MIT
#
# What it takes to confine a service, decided from what is known of it. Plain Nix, without nixpkgs, and
# lazy: a module can define confinement.packages from what this gives, and hand the same in.
let
  inherit (builtins) concatLists concatMap elem elemAt filter hasContext head isAttrs isList isString map match
    split storeDir stringLength substring toJSON typeOf unsafeDiscardStringContext;

  settingsOf = import ./settings.nix;

  toList = value: if value == null then [ ] else if isList value then concatMap toList value else [ value ];

  # Booleans as parse_boolean() of systemd reads them, or as Nix has them.
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

  # What of a package is in PATH: its bin output, unless an output was chosen.
  binOutput = package:
    if isAttrs package && !(package.outputSpecified or false)
    then package.bin or package.out or package
    else package;
  # As NixOS writes them: interpolation takes a path into the store, toString does not.
  inUnit = value: if typeOf value == "path" then "${value}" else toString value;

  # The program of a command line: what follows systemd's prefixes, without quotes. The pattern gets no
  # more than a path can have, since Nix's match takes stack by the byte.
  programOf = command:
    let
      words = substring 0 4200 (unsafeDiscardStringContext "${command}");
      quoted = match ''[-@:+!|]*["']([^"']*)["'].*'' words;
    in
    head (if quoted == null then match "[-@:+!|]*([^ \t\n]*).*" words else quoted);

  isBelow = directory: file:
    let length = stringLength directory;
    in substring 0 length file == directory && elem (substring length 1 file) [ "" "/" ];

  # Of a derivation that is addressed by its content, Nix knows the path only once it is built.
  isInStore = program:
    isBelow storeDir program || match "/[0-9a-z]{52}(/.*)?" program != null;

  wordsOf = value: filter (word: isString word && word != "")
    (concatMap (line: split "[ \t\n]+" (toString line)) (toList value));
  # SOURCE[:DESTINATION[:OPTIONS]], the source perhaps with a "-".
  destinationOf = bind:
    let parts = match "-?([^:]*)(:([^:]*))?.*" bind;
    in if elemAt parts 2 == null then head parts else elemAt parts 2;

  # Where systemd binds or makes something in the root directory for these settings.
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
  # Without ".service".
  name,
  serviceConfig ? { },
  # The module's options of the same names; null is "not set" where a default depends on another.
  confinement ? { },
  # The service's packages in PATH, and its environment.
  path ? [ ],
  environment ? { },
  # NixOS' option: "asDropin" where a package ships the unit, or the template of it.
  overrideStrategy ? null,
  # The complete unit, anything that builtins.toJSON takes; needed for confinement.fullUnit.
  unit ? null,
}:

let
  option = default: value: if value == null then default else value;
  oneOf = values: setting: value: values.${value} or (throw
    "The service '${name}' has 'confinement.${setting}' set to ${toJSON value}, which is none of ${toJSON (builtins.attrNames values)}.");

  root = option "tmpfs" (confinement.root or null);
  settings = oneOf (oneOf settingsOf "root" root) "mode" (option "full-apivfs" (confinement.mode or null));
  binSh = confinement.binSh or null;
  dropIn = option (root == "read-only" || overrideStrategy == "asDropin") (confinement.dropIn or null);
  named = confinement.packages or [ ];

  commands = concatMap (setting: toList (serviceConfig.${setting} or null)) execSettings;

  packages = concatLists [
    (if !(confinement.fullUnit or false) then map (command: if typeOf command == "path" then toString command else command) commands
    else if unit == null then throw "The service '${name}' has 'confinement.fullUnit' on, but 'unit', the unit to take the closure of, is not given."
    else [ (toJSON unit) ])
    (if confinement.includePath or false then map binOutput (toList path) ++ toList (environment.PATH or null) else [ ])
    (if confinement.includeEnvironment or false
      then map inUnit (filter (value: value != null) (builtins.attrValues (removeAttrs environment [ "PATH" ])))
      else [ ])
  ];

  isOn = setting: serviceConfig ? ${setting} && !isFalse serviceConfig.${setting};
  refuse = setting: why:
    if isOn setting
    then [ "The service '${name}' has 'confinement.enable' and 'serviceConfig.${setting}' on. ${why}" ]
    else [ ];
  notWithTmpfs = "With a tmpfs as its root this is not supported: some versions of systemd do not start it. "
    + "Turn it off, or set 'systemd.services.\"${name}\".confinement.root' to \"read-only\", with which it works.";

  # What else is in the root directory: what the service binds, and what confinement.packages names
  # besides the commands.
  isThere = program: builtins.any (directory: isBelow (unsafeDiscardStringContext directory) program)
    (boundBy serviceConfig ++ map toString (filter (package: !elem package commands) named));

  # Why the program of COMMAND will not be there when the service starts, or null.
  absenceOf = command:
    let program = programOf command; in
    if typeOf command == "path" then
      "is a path, which NixOS writes as ${toString command}. Write \"\${${toString command}}\", which copies it into the store."
    else if program == "" || (isInStore program && hasContext "${command}")
      || (program == "/bin/sh" && binSh != null) || isThere program then null
    else if isInStore program then
      "runs ${program}, of which Nix does not know what it needs. Write \"\${package}/bin/…\", or add the package to 'confinement.packages'."
    else
      "runs ${program}, which is not in the store, so not in the root directory. Write \"\${package}/bin/…\", or bind it with 'serviceConfig.BindReadOnlyPaths'.";
  absent = setting: map
    (command: "The service '${name}' has 'confinement.enable' on, and its 'serviceConfig.${setting}' ${absenceOf command}")
    (filter (command: absenceOf command != null) (toList (serviceConfig.${setting} or null)));

  # Most commands begin so, and need no closer look.
  isPlain = command: isString command && isBelow storeDir (substring 0 (stringLength storeDir + 1) command) && hasContext command;

  # Without a command, or where ExecStart= begins anew, a package ships the unit.
  isShipped = commands == [ ] || head (toList (serviceConfig.ExecStart or null) ++ [ null ]) == "";

  privateTmp = serviceConfig.PrivateTmp or settings.defaults.PrivateTmp;
in
{
  # What must be set ("forced"), and what the user may override ("defaults").
  serviceConfig = { inherit (settings) forced defaults; };

  # The units that the service needs, and has to start after.
  inherit (settings) requires;

  # The roots of the closure, besides those in confinement.packages.
  inherit packages;

  # Why the service cannot be confined as it is, for the user; none if it can.
  faults = concatLists [
    (refuse "RootDirectoryStartOnly" ("systemd cannot restrict the bind mounts to ExecStart, so the other commands "
      + "would not be confined. Move them to a service of their own, or run them within the chroot."))
    (if root == "tmpfs" then refuse "DynamicUser" notWithTmpfs ++ refuse "ProtectSystem" notWithTmpfs else [ ])
    (if dropIn || !isShipped then [ ]
      else [ "The service '${name}' has 'confinement.enable' on, but its commands come from a unit that a package ships, and there can be one unit file of a name. Set 'confinement.dropIn' to true." ])
    (if builtins.all isPlain commands then [ ] else concatMap absent execSettings)
  ];

  # The arguments for chroot-paths.nix.
  chrootPaths = {
    inherit name binSh dropIn;
    packages = named ++ packages;
    # DynamicUser makes both, private ones, whatever PrivateTmp says.
    hideTmp = root == "read-only" && !(isTrue privateTmp || privateTmp == "disconnected");
    storeMount = confinement.storeMount or false;
    disallowedPackages = confinement.disallowedPackages or [ ];
  };
}
