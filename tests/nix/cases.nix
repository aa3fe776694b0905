# SPDX-License-Identifier: MIT
#
# Test cases for confinement.nix: gives the number of cases and a list of those that fail. Needs only Nix.
let
  confinement = import ../../nix/confinement.nix;

  # For strings with context, to check that it is not lost.
  package = derivation { name = "package"; system = "x86_64-linux"; builder = "/none"; };
  other = derivation { name = "other"; system = "x86_64-linux"; builder = "/none"; };
  start = "${package}/bin/start --now";

  decide = arguments: confinement ({ name = "test"; serviceConfig.ExecStart = start; } // arguments);
  packages = arguments: (decide arguments).chrootPaths.packages;
  forced = arguments: (decide arguments).serviceConfig.forced;
  refused = arguments: (decide arguments).faults;
  # The settings that the messages name.
  refusedSettings = arguments:
    map (message: builtins.head (builtins.match ".*'serviceConfig.([A-Za-z]+)'.*" message))
      (refused (arguments // { serviceConfig = { ExecStart = start; } // arguments.serviceConfig or { }; }));

  allDefaults = on: {
    PrivateMounts = true;
    MountAPIVFS = on;
    PrivateDevices = on;
    PrivateTmp = on;
    PrivateUsers = on;
    ProtectControlGroups = on;
    ProtectKernelModules = on;
    ProtectKernelTunables = on;
  };
  tmpfsRoot = { RootDirectory = "/var/empty"; TemporaryFileSystem = [ "/" ]; };
  readOnlyRoot = {
    RootDirectory = "/run/confinement-root/%p";
    ReadOnlyPaths = [ "+/" "-+/root" "-+/home" ];
    TemporaryFileSystem = [ "/bin:ro" "${builtins.storeDir}:ro" ];
  };
  readOnly = { confinement.root = "read-only"; };
  hidesTmp = arguments: (decide arguments).chrootPaths.hideTmp;
  withPrivateTmp = value: readOnly // { serviceConfig.PrivateTmp = value; };

  # The messages about a command, "" if there are none.
  saysOf = arguments: command:
    builtins.concatStringsSep "" (refused ({ serviceConfig = { ExecStart = command; }; } // arguments // {
      confinement = { dropIn = true; } // arguments.confinement or { };
    }));
  isIn = part: text: builtins.length (builtins.split part text) > 1;
  fails = arguments:
    let inherit (decide arguments) serviceConfig chrootPaths;
    in !(builtins.tryEval (builtins.deepSeq [ serviceConfig chrootPaths.packages ] true)).success;

  cases = {
    "a service gets the settings of a tmpfs root and full-apivfs by default" = {
      got = (decide { }).serviceConfig;
      expected = { forced = tmpfsRoot; defaults = allDefaults true; };
    };
    "by default, only ExecStart is in the closure, and there is no drop-in and no shell" = {
      got = (decide { }).chrootPaths;
      expected = { name = "test"; packages = [ start ]; binSh = null; dropIn = false; hideTmp = false; disallowedPackages = [ ]; };
    };
    "the context of a string is kept" = {
      got = builtins.hasContext (builtins.concatStringsSep " " (packages { }));
      expected = true;
    };
    "chroot-only turns off what full-apivfs turns on" = {
      got = (decide { confinement.mode = "chroot-only"; }).serviceConfig;
      expected = { forced = tmpfsRoot; defaults = allDefaults false; };
    };
    "defaults do not change when the user overrides them" = {
      got = (decide { serviceConfig = { ExecStart = start; PrivateUsers = false; PrivateTmp = "no"; }; }).serviceConfig.defaults;
      expected = allDefaults true;
    };
    "fullUnit replaces the Exec options with the unit" = {
      got = packages { confinement.fullUnit = true; unit = { text = "${other}"; }; };
      expected = [ ''{"text":"${other}"}'' ];
    };
    "fullUnit keeps the packages of the user" = {
      got = packages { confinement = { fullUnit = true; packages = [ other ]; }; unit = { }; };
      expected = [ other "{}" ];
    };
    "binSh is passed on" = {
      got = (decide { confinement.binSh = "${other}/bin/dash"; }).chrootPaths.binSh;
      expected = "${other}/bin/dash";
    };
    "binSh may be null" = {
      got = (decide { confinement.binSh = null; }).chrootPaths.binSh;
      expected = null;
    };
    "all Exec options count, as strings and as lists, with their prefixes" = {
      got = packages {
        serviceConfig = {
          ExecCondition = "@${package}/bin/a argv0";
          ExecReload = [ "-${package}/bin/b" ];
          ExecStart = [ ":${package}/bin/c" "+${package}/bin/d" ];
          ExecStartPost = "!${package}/bin/e";
          ExecStartPre = [ "!!${package}/bin/f" ];
          ExecStop = "-@:!${package}/bin/g";
          ExecStopPost = [ ];
        };
      };
      expected = [
        "@${package}/bin/a argv0"
        "-${package}/bin/b"
        ":${package}/bin/c"
        "+${package}/bin/d"
        "!${package}/bin/e"
        "!!${package}/bin/f"
        "-@:!${package}/bin/g"
      ];
    };
    "an Exec option may be a package, null or a nested list" = {
      got = packages { serviceConfig = { ExecStart = package; ExecStop = null; ExecReload = [ [ start ] null ]; }; };
      expected = [ start package ];
    };
    "without Exec options there are no packages" = {
      got = packages { serviceConfig = { }; };
      expected = [ ];
    };
    "other options add nothing" = {
      got = packages { serviceConfig = { ExecStart = start; Environment = "A=${other}"; }; path = [ other ]; environment.A = "${other}"; };
      expected = [ start ];
    };
    "the roots for the module to define do not include those of the user" = {
      got = (decide { confinement.packages = [ other ]; confinement.binSh = "${other}/sh"; }).packages;
      expected = [ start ];
    };
    "the user's packages come first" = {
      got = packages { confinement.packages = [ other "string ${other}" ]; };
      expected = [ other "string ${other}" start ];
    };
    "includePath adds the contents of PATH: bin outputs, chosen outputs, strings" = {
      got = packages {
        confinement.includePath = true;
        path = [
          { bin = "bin-output"; out = "out-output"; }
          { out = "out-output"; }
          { bin = "bin-output"; outputSpecified = true; outPath = "chosen"; }
          "/some/string"
        ];
        environment.PATH = "/from/environment";
      };
      expected = [
        start
        "bin-output"
        "out-output"
        { bin = "bin-output"; outputSpecified = true; outPath = "chosen"; }
        "/some/string"
        "/from/environment"
      ];
    };
    "includePath adds a path that NixOS has already joined to one string" = {
      got = packages { confinement.includePath = true; path = "${other}/bin"; };
      expected = [ start "${other}/bin" ];
    };
    "includeEnvironment copies a path to the store, as NixOS does" = {
      got = packages { confinement.includeEnvironment = true; environment.A = ./world.nix; };
      expected = [ start "${./world.nix}" ];
    };
    "includeEnvironment adds all values except PATH" = {
      got = packages {
        confinement.includeEnvironment = true;
        environment = { A = "${other}"; B = null; C = 1; D = other; PATH = "/from/environment"; };
      };
      expected = [ start "${other}" "1" "${other}" ];
    };
    "a command that is a number is written as NixOS writes it" = {
      got = (decide { serviceConfig.ExecStart = 5; }).packages;
      expected = [ "5" ];
    };
    "disallowedPackages are passed on" = {
      got = (decide { confinement.disallowedPackages = [ other ]; }).chrootPaths.disallowedPackages;
      expected = [ other ];
    };
    "a unit without commands, or one that resets ExecStart, is shipped by a package and needs a drop-in" = {
      got = map (arguments: builtins.length (refused arguments)) [
        { serviceConfig = { }; }
        { serviceConfig.ExecStart = [ "" start ]; }
        { serviceConfig = { }; confinement.dropIn = true; }
        { serviceConfig = { }; overrideStrategy = "asDropin"; }
        { serviceConfig = { }; confinement.root = "read-only"; }
        { serviceConfig.ExecStop = start; }
        { serviceConfig.ExecStart = [ start "" start ]; }
        { serviceConfig.ExecStartPre = start; }
      ];
      expected = [ 1 1 0 0 0 0 0 1 ];
    };
    "overrideStrategy = \"asDropin\" gives a drop-in" = {
      got = map (overrideStrategy: (decide { inherit overrideStrategy; }).chrootPaths.dropIn) [ "asDropin" "asDropinIfExists" null ];
      expected = [ true false false ];
    };
    "dropIn = true gives a drop-in" = {
      got = (decide { confinement.dropIn = true; }).chrootPaths.dropIn;
      expected = true;
    };
    "a read-only root gives a drop-in unless dropIn is false" = {
      got = [ (decide readOnly).chrootPaths.dropIn (decide { confinement = { root = "read-only"; dropIn = false; }; }).chrootPaths.dropIn ];
      expected = [ true false ];
    };
    "a read-only root keeps the defaults" = {
      got = (decide readOnly).serviceConfig.defaults;
      expected = allDefaults true;
    };
    "the settings of a read-only root do not depend on other settings" = {
      got = map forced [ readOnly { confinement = { root = "read-only"; mode = "chroot-only"; }; } (withPrivateTmp false) ];
      expected = [ readOnlyRoot readOnlyRoot readOnlyRoot ];
    };
    "a read-only root requires the unit that makes it, a tmpfs root does not" = {
      got = map (arguments: (decide arguments).requires) [ readOnly { } ];
      expected = [ [ "confinement-root@%p.service" ] [ ] ];
    };
    "a read-only root hides /tmp in chroot-only mode, a tmpfs root does not" = {
      got = map hidesTmp [
        { confinement = { root = "read-only"; mode = "chroot-only"; }; }
        readOnly
        { confinement.mode = "chroot-only"; }
      ];
      expected = [ true false false ];
    };
    "/tmp is not hidden if PrivateTmp is on" = {
      got = map (value: hidesTmp (withPrivateTmp value)) [ true 1 "1" "yes" "Yes" "Y" "true" "TRUE" "t" "on" "disconnected" ];
      expected = builtins.genList (n: false) 11;
    };
    "/tmp is hidden if PrivateTmp is off or invalid" = {
      got = map (value: hidesTmp (withPrivateTmp value)) [ false null 0 "0" "no" "No" "n" "false" "f" "off" "OFF" "" "maybe" ];
      expected = builtins.genList (n: true) 13;
    };
    "an unknown root or mode, or fullUnit without the unit, is an error" = {
      got = map (confinement: fails { inherit confinement; }) [
        { root = "rom"; }
        { mode = "full"; }
        { mode = ""; }
        { fullUnit = true; }
        { }
      ];
      expected = [ true true true true false ];
    };
    "a template unit keeps its name" = {
      got = (decide (readOnly // { name = "test@"; })).chrootPaths.name;
      expected = "test@";
    };
    "a valid service is not refused" = {
      got = refusedSettings { };
      expected = [ ];
    };
    "RootDirectoryStartOnly is refused, with either root" = {
      got = map (root: refusedSettings { confinement = { inherit root; }; serviceConfig.RootDirectoryStartOnly = true; }) [ "tmpfs" "read-only" ];
      expected = [ [ "RootDirectoryStartOnly" ] [ "RootDirectoryStartOnly" ] ];
    };
    "DynamicUser and ProtectSystem are refused with a tmpfs root, in any spelling" = {
      got = map (serviceConfig: refusedSettings { inherit serviceConfig; }) [
        { DynamicUser = true; }
        { DynamicUser = "yes"; }
        { DynamicUser = "ON"; }
        { ProtectSystem = true; }
        { ProtectSystem = "strict"; }
        { ProtectSystem = "full"; }
        { ProtectSystem = "yes"; }
        { DynamicUser = 1; ProtectSystem = "1"; RootDirectoryStartOnly = "t"; }
      ];
      expected = [
        [ "DynamicUser" ]
        [ "DynamicUser" ]
        [ "DynamicUser" ]
        [ "ProtectSystem" ]
        [ "ProtectSystem" ]
        [ "ProtectSystem" ]
        [ "ProtectSystem" ]
        [ "RootDirectoryStartOnly" "DynamicUser" "ProtectSystem" ]
      ];
    };
    "settings that are off are not refused, in any spelling" = {
      got = map
        (off: refusedSettings { serviceConfig = { DynamicUser = off; ProtectSystem = off; RootDirectoryStartOnly = off; }; })
        [ false "no" "off" "FALSE" "0" 0 null ];
      expected = builtins.genList (n: [ ]) 7;
    };
    "a read-only root works with DynamicUser and ProtectSystem" = {
      got = refusedSettings (readOnly // { serviceConfig = { DynamicUser = true; ProtectSystem = "strict"; }; });
      expected = [ ];
    };
    "a message names the service and the solution" = {
      got = map
        (message: builtins.match ".*'test'.*systemd.services.\"test\".confinement.root.*" message != null)
        (refused { serviceConfig = { ExecStart = start; DynamicUser = true; ProtectSystem = true; }; });
      expected = [ true true ];
    };
    "a program of a package is accepted with prefixes, quotes and specifiers, and in lists that are reset" = {
      got = map (command: saysOf { } command) [
        "${package}/bin/a"
        "@-:+!|${package}/bin/a argv0"
        "\"${package}/bin/a\" \"b c\""
        "-'${package}/bin/a'"
        "${package}/bin/%i"
        [ "" "${package}/bin/a" ]
        package
        [ ]
        null
        "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9/bin/a ${package}"
      ];
      expected = builtins.genList (n: "") 10;
    };
    "a program that will be missing is refused: of the host, without a path, or in the store without context" = {
      got = map (command: isIn "The service 'test' .*'serviceConfig.ExecStart'" (saysOf { } command)) [
        "/run/current-system/sw/bin/a"
        "-/usr/bin/env ${package}/bin/a"
        "a"
        "\"/opt/a b/c\" d"
        "/bin/sh -c true"
        "${builtins.storeDir}/00000000000000000000000000000000-a/bin/a"
        "${builtins.unsafeDiscardStringContext "${package}"}/bin/a"
        [ "${package}/bin/a" "/run/b" ]
      ];
      expected = builtins.genList (n: true) 8;
    };
    "a message names the program and the fix" = {
      got = [
        (isIn "runs /run/current-system/sw/bin/a, .*BindReadOnlyPaths" (saysOf { } "-/run/current-system/sw/bin/a b"))
        (isIn "runs /run/current-system/sw/bin/a, .*BindReadOnlyPaths" (saysOf { } "  /run/current-system/sw/bin/a b"))
        (isIn "runs ${builtins.storeDir}/00000000000000000000000000000000-a/b, .*confinement.packages" (saysOf { } "${builtins.storeDir}/00000000000000000000000000000000-a/b"))
        (isIn "is a path, .*world.nix. Write \"[$][{].*world.nix}\" to copy it" (saysOf { } ./world.nix))
        (isIn "serviceConfig.ExecReload" (builtins.head (refused { serviceConfig = { ExecStart = start; ExecReload = "/a"; }; })))
      ];
      expected = [ true true true true true ];
    };
    "a program is accepted if the user binds it, adds its package or directory, or has it as binSh" = {
      got = [
        (saysOf { confinement.binSh = "${package}/bin/sh"; } "/bin/sh -c true")
        (saysOf { confinement.packages = [ package ]; } "${builtins.unsafeDiscardStringContext "${package}"}/bin/a")
        (saysOf { confinement.packages = [ "/opt/a" ]; } "/opt/a/bin/b")
      ] ++ map (more: saysOf { serviceConfig = more // { ExecStart = "/opt/a/bin/b c"; }; } null) [
        { BindReadOnlyPaths = "/opt/a"; }
        { BindReadOnlyPaths = [ "/x:/y" "-/host/a:/opt/a/bin:norbind" ]; }
        { BindPaths = [ "/opt" ]; }
        { BindPaths = "/opt/"; }
        { BindPaths = "'/host/a':'/opt/a/'"; }
        { RootDirectory = "/srv/root"; }
      ] ++ [
        (saysOf { serviceConfig = { ExecStart = "/var/lib/a/run"; StateDirectory = [ "b" "a" ]; }; } null)
      ];
      expected = builtins.genList (n: "") 10;
    };
    "a bind to another place, or of a path with the same start, does not count" = {
      got = map (more: isIn "runs /opt/a/bin/b" (saysOf { serviceConfig = more // { ExecStart = "/opt/a/bin/b"; }; } null)) [
        { BindReadOnlyPaths = "/opt/a:/elsewhere"; }
        { BindReadOnlyPaths = "/opt/a/bin/bc /opt/a/b"; }
      ];
      expected = [ true true ];
    };
    "null is the same as not set" = {
      got = (decide { confinement = { root = null; mode = null; dropIn = null; }; });
      expected = decide { };
    };
    # The module defines serviceConfig from these settings, and passes in the same serviceConfig.
    "the names of the settings do not depend on serviceConfig" = {
      got = map (root: builtins.mapAttrs (setting: builtins.typeOf)
        (forced { confinement = { inherit root; }; serviceConfig = throw "looked at"; })) [ "tmpfs" "read-only" ];
      expected = [
        { RootDirectory = "string"; TemporaryFileSystem = "list"; }
        { RootDirectory = "string"; ReadOnlyPaths = "list"; TemporaryFileSystem = "list"; }
      ];
    };
  };

  names = builtins.attrNames cases;
in
{
  count = builtins.length names;
  failures = builtins.concatLists (map
    (name:
      let inherit (cases.${name}) got expected;
      in if got == expected then [ ] else [ { inherit name got expected; } ])
    names);
}
