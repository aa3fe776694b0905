# SPDX-License-Identifier: MIT
#
# The commands of a service, and why one will be missing from the root directory.
let
  inherit (builtins)
    any
    concatMap
    elem
    filter
    hasContext
    head
    isAttrs
    isList
    isString
    match
    replaceStrings
    split
    storeDir
    stringLength
    substring
    typeOf
    unsafeDiscardStringContext
    ;

  toList =
    value:
    if value == null then
      [ ]
    else if isList value then
      concatMap toList value
    else
      [ value ];

  settings = [
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
  # An empty command resets the list: systemd discards those before it.
  of =
    serviceConfig: setting:
    if serviceConfig ? ${setting} then
      builtins.foldl' (kept: command: if command == "" then [ ] else kept ++ [ command ]) [ ] (
        toList serviceConfig.${setting}
      )
    else
      [ ];

  textOf = command: if isAttrs command then "${command}" else toString command;

  # COMMAND, split into systemd's prefixes and the program, without quotes. The substring is as long
  # as a path can be: the stack use of match grows with the length of the string.
  partsOf =
    command:
    let
      words = substring 0 4200 (unsafeDiscardStringContext (textOf command));
      quoted = match ''[ \t\n]*([-@:+!|]*)["']([^"']*)["'].*'' words;
    in
    if quoted == null then match "[ \t\n]*([-@:+!|]*)([^ \t\n]*).*" words else quoted;

  isBelow =
    directory: file:
    let
      length = stringLength directory;
    in
    substring 0 length file == directory
    && elem (substring length 1 file) [
      ""
      "/"
    ];

  # Whether FILE may be in PLACE, which is not known from its first specifier on.
  mayBeIn =
    file: place:
    let
      known = head (match "([^%]*).*" (unsafeDiscardStringContext place));
    in
    if stringLength known == stringLength place then
      isBelow known file
    else
      substring 0 (stringLength known) file == known;

  # Without "//" and "/./", and without "/" at the end: "/" becomes "".
  simplify =
    path:
    builtins.concatStringsSep "/" (
      [ "" ] ++ filter (part: isString part && part != "" && part != ".") (split "/" path)
    );

  # The path of a content-addressed derivation is a placeholder until it is built.
  isInStore =
    program: isBelow storeDir program || match "/[0-9a-z]{52}(/.*)?" program != null;

  contains =
    part: text:
    let
      plain = unsafeDiscardStringContext text;
    in
    replaceStrings [ part ] [ "" ] plain != plain;
  isInClosure =
    roots: program:
    let
      path = match "(${storeDir}/[^/]+).*" program;
    in
    path != null && any (root: hasContext "${root}" && contains (head path) "${root}") roots;
in
{
  inherit toList settings of;
  all = serviceConfig: concatMap (of serviceConfig) settings;
  inherit isBelow simplify;

  # Why COMMAND will be missing from a root directory with the closure of ROOTS and the files in
  # PLACES, as the rest of a sentence that begins with the setting. null if it will be there, if Nix
  # cannot know, or if systemd ignores that it is missing.
  absence =
    {
      roots,
      places,
      hasSearchPath,
    }:
    command:
    let
      parts = partsOf command;
      prefix = head parts;
      program = builtins.elemAt parts 1;
      isThere = file: any (mayBeIn (simplify file)) places;
    in
    if typeOf command == "path" then
      if any (mayBeIn (toString command)) places then
        null
      else
        "is a path, which NixOS does not copy to the store: ${toString command}."
        + " Write \"\${${toString command}}\" to copy it."
    else if
      program == ""
      || match ".*-.*" prefix != null
      # Specifiers, variables and escapes.
      || match ".*[%$\\].*" program != null
      || (isInStore program && hasContext (textOf command))
      || isInClosure roots program
    then
      null
    else if substring 0 1 program != "/" then
      # The directories that systemd searches.
      if
        hasSearchPath
        || any (directory: isThere "${directory}/${program}") [
          "/usr/local/sbin"
          "/usr/local/bin"
          "/usr/sbin"
          "/usr/bin"
          "/sbin"
          "/bin"
        ]
      then
        null
      else
        "runs ${program}, which is not in the store and will be missing from the root directory."
        + " Write \"\${package}/bin/${program}\"."
    else if isThere program then
      null
    else if isInStore program then
      "runs ${program}, whose closure Nix does not know, since the string has no context for it."
      + " Write \"\${package}/bin/…\", or add the package to 'confinement.packages'."
    else
      "runs ${program}, which is not in the store and will be missing from the root directory."
      + " Write \"\${package}/bin/…\", or bind it with 'serviceConfig.BindReadOnlyPaths'.";

  # Most commands start with a package and need no closer look.
  isPlain =
    command:
    isString command
    && isBelow storeDir (substring 0 (stringLength storeDir + 1) command)
    && hasContext command;
}
