# SPDX-License-Identifier: MIT
#
# The places in the root directory that a service binds, mounts or makes by its own settings, each
# without "/" at its end.
serviceConfig:

let
  inherit (builtins)
    attrNames
    concatMap
    elemAt
    filter
    head
    isString
    match
    replaceStrings
    split
    ;

  inherit (import ./commands.nix) simplify toList;

  wordsOf =
    setting:
    filter (word: isString word && word != "") (
      concatMap (line: split "[ \t\n]+" (toString line)) (toList (serviceConfig.${setting} or null))
    );

  # The specifiers that are the same in every system service.
  expand =
    replaceStrings
      [
        "%C"
        "%E"
        "%L"
        "%S"
        "%T"
        "%V"
        "%h"
        "%t"
      ]
      [
        "/var/cache"
        "/etc"
        "/var/log"
        "/var/lib"
        "/tmp"
        "/var/tmp"
        "/root"
        "/run"
      ];

  # BIND is [-]SOURCE[:DESTINATION[:OPTIONS]], perhaps in quotes. A backslash, or a quote that spans
  # words, gives "%": it may be any place.
  destinationOf =
    bind:
    let
      parts = match "[\"'-]*([^:\"']*)[\"']?(:[\"']?([^:\"']*))?.*" bind;
      destination = if elemAt parts 2 == null then head parts else elemAt parts 2;
    in
    if match ".*\\\\.*|[^\"]*\"[^\"]*|[^']*'[^']*" bind != null then
      "%"
    else
      simplify (expand destination);

  # A directory is NAME[:LINK[:FLAGS]]. With DynamicUser= it is in PARENT/private.
  madeIn =
    parent: directory:
    concatMap (name: [
      (simplify "${parent}/${name}")
      (simplify "${parent}/private/${name}")
    ]) (filter (name: isString name && name != "") (split ":" (expand directory)));
  parents = {
    CacheDirectory = "/var/cache";
    ConfigurationDirectory = "/etc";
    LogsDirectory = "/var/log";
    RuntimeDirectory = "/run";
    StateDirectory = "/var/lib";
  };

  binds = concatMap (setting: map destinationOf (wordsOf setting)) [
    "BindPaths"
    "BindReadOnlyPaths"
    "MountImages"
  ];
in
{
  inherit binds;
  directories = concatMap (setting: concatMap (madeIn parents.${setting}) (wordsOf setting)) (
    attrNames parents
  );
  # PATH[:OPTIONS]
  tmpfs = map (word: simplify (expand (head (split ":" word)))) (wordsOf "TemporaryFileSystem");
}
