# SPDX-License-Identifier: MIT
#
# What confinement.nix decides, case by case: a list of those that come out otherwise, and the number
# of all. Needs nothing but Nix.
let
  confinement = import ../../nix/confinement.nix;

  # A string with context, to see that none is lost.
  package = derivation { name = "package"; system = "x86_64-linux"; builder = "/none"; };
  other = derivation { name = "other"; system = "x86_64-linux"; builder = "/none"; };
  start = "${package}/bin/start --now";

  decide = arguments: confinement ({ name = "test"; serviceConfig.ExecStart = start; } // arguments);
  packages = arguments: (decide arguments).chrootPaths.packages;
  forced = arguments: (decide arguments).serviceConfig.forced;
  refused = arguments:
    map (assertion: assertion.message)
      (builtins.filter (assertion: !assertion.assertion) (decide arguments).assertions);
  # Which settings the messages are about.
  refusedSettings = arguments:
    map (message: builtins.head (builtins.match ".*'serviceConfig.([A-Za-z]+)'.*" message)) (refused arguments);

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
  tmpfsRoot = { RootDirectory = "/var/empty"; TemporaryFileSystem = "/"; };
  readOnlyRoot = inaccessible: {
    RuntimeDirectory = [ "confinement/%n" ];
    RootDirectory = "/run/confinement/%n";
    ReadOnlyPaths = [ "+/" ];
    InaccessiblePaths = [ "-+/run/confinement/%n${inaccessible}" ];
  };
  tmp = " -+/tmp -+/var/tmp";
  readOnly = { confinement.root = "read-only"; };
  withPrivateTmp = value: readOnly // { serviceConfig.PrivateTmp = value; };

  cases = {
    "a default service gets the settings of the seed" = {
      got = (decide { }).serviceConfig;
      expected = { forced = tmpfsRoot; defaults = allDefaults true; };
    };
    "a default service gives the closure of its ExecStart, a unit and no shell" = {
      got = (decide { }).chrootPaths;
      expected = { name = "test"; packages = [ start ]; binSh = null; dropIn = false; storeView = null; disallowedPackages = [ ]; };
    };
    "the context of a string is kept" = {
      got = builtins.hasContext (builtins.concatStringsSep " " (packages { }));
      expected = true;
    };
    "chroot-only turns off what full-apivfs turns on" = {
      got = (decide { confinement.mode = "chroot-only"; }).serviceConfig;
      expected = { forced = tmpfsRoot; defaults = allDefaults false; };
    };
    "a default that the user overrides stays a default, and is theirs to set" = {
      got = (decide { serviceConfig = { ExecStart = start; PrivateUsers = false; PrivateTmp = "no"; }; }).serviceConfig.defaults;
      expected = allDefaults true;
    };
    "fullUnit gives the unit in place of the Exec options" = {
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
    "no binSh is null" = {
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
    "no Exec option gives no packages" = {
      got = packages { serviceConfig = { }; };
      expected = [ ];
    };
    "other options do not count" = {
      got = packages { serviceConfig = { ExecStart = start; Environment = "A=${other}"; }; path = [ other ]; environment.A = "${other}"; };
      expected = [ start ];
    };
    "the user's packages come first" = {
      got = packages { confinement.packages = [ other "string ${other}" ]; };
      expected = [ other "string ${other}" start ];
    };
    "includePath takes in what is in PATH: bin outputs, chosen outputs, strings" = {
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
    "includePath takes in a PATH that an old NixOS has made one string of" = {
      got = packages { confinement.includePath = true; path = "${other}/bin"; };
      expected = [ start "${other}/bin" ];
    };
    "includeEnvironment takes a path into the store, as NixOS does" = {
      got = packages { confinement.includeEnvironment = true; environment.A = ./world.nix; };
      expected = [ start "${./world.nix}" ];
    };
    "includeEnvironment takes in the values, but PATH" = {
      got = packages {
        confinement.includeEnvironment = true;
        environment = { A = "${other}"; B = null; C = 1; D = other; PATH = "/from/environment"; };
      };
      expected = [ start "${other}" "1" "${other}" ];
    };
    "the host's view of the store is passed on" = {
      got = (decide { storeView = "/run/view"; }).chrootPaths.storeView;
      expected = "/run/view";
    };
    "disallowedPackages are passed on" = {
      got = (decide { confinement.disallowedPackages = [ other ]; }).chrootPaths.disallowedPackages;
      expected = [ other ];
    };
    "dropIn is the user's word" = {
      got = (decide { confinement.dropIn = true; }).chrootPaths.dropIn;
      expected = true;
    };
    "a read-only root wants a drop-in, unless told otherwise" = {
      got = [ (decide readOnly).chrootPaths.dropIn (decide { confinement = { root = "read-only"; dropIn = false; }; }).chrootPaths.dropIn ];
      expected = [ true false ];
    };
    "a read-only root keeps the defaults" = {
      got = (decide readOnly).serviceConfig.defaults;
      expected = allDefaults true;
    };
    "a read-only root leaves /tmp alone where it is private by default" = {
      got = forced readOnly;
      expected = readOnlyRoot "";
    };
    "a read-only root hides /tmp in chroot-only mode" = {
      got = forced { confinement = { root = "read-only"; mode = "chroot-only"; }; };
      expected = readOnlyRoot tmp;
    };
    "a PrivateTmp that is on leaves /tmp alone" = {
      got = map (value: forced (withPrivateTmp value)) [ true 1 "1" "yes" "Yes" "Y" "true" "TRUE" "t" "on" "disconnected" ];
      expected = builtins.genList (n: readOnlyRoot "") 11;
    };
    "a PrivateTmp that is off, or is no boolean, hides /tmp" = {
      got = map (value: forced (withPrivateTmp value)) [ false null 0 "0" "no" "No" "n" "false" "f" "off" "OFF" "" "maybe" ];
      expected = builtins.genList (n: readOnlyRoot tmp) 13;
    };
    "a template unit is named as it is" = {
      got = (decide (readOnly // { name = "test@"; })).chrootPaths.name;
      expected = "test@";
    };
    "nothing is refused without reason" = {
      got = refusedSettings { };
      expected = [ ];
    };
    "RootDirectoryStartOnly is refused, with either root" = {
      got = map (root: refusedSettings { confinement = { inherit root; }; serviceConfig.RootDirectoryStartOnly = true; }) [ "tmpfs" "read-only" ];
      expected = [ [ "RootDirectoryStartOnly" ] [ "RootDirectoryStartOnly" ] ];
    };
    "DynamicUser and ProtectSystem are refused with a tmpfs, however they are spelled" = {
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
    "what is off is not refused, however it is spelled" = {
      got = map
        (off: refusedSettings { serviceConfig = { DynamicUser = off; ProtectSystem = off; RootDirectoryStartOnly = off; }; })
        [ false "no" "off" "FALSE" "0" 0 null ];
      expected = builtins.genList (n: [ ]) 7;
    };
    "a read-only root works with DynamicUser and ProtectSystem" = {
      got = refusedSettings (readOnly // { serviceConfig = { DynamicUser = true; ProtectSystem = "strict"; }; });
      expected = [ ];
    };
    "a message names the service and the way out" = {
      got = map
        (message: builtins.match ".*'test'.*systemd.services.\"test\".confinement.root.*" message != null)
        (refused { serviceConfig = { DynamicUser = true; ProtectSystem = true; }; });
      expected = [ true true ];
    };
    "null stands for not set" = {
      got = (decide { confinement = { root = null; mode = null; dropIn = null; }; });
      expected = decide { };
    };
    # A module defines serviceConfig from this and hands the same serviceConfig in.
    "which settings there are does not depend on the settings" = {
      got = map (root: builtins.mapAttrs (setting: builtins.typeOf)
        (forced { confinement = { inherit root; }; serviceConfig = throw "looked at"; })) [ "tmpfs" "read-only" ];
      expected = [
        { RootDirectory = "string"; TemporaryFileSystem = "string"; }
        { RuntimeDirectory = "list"; RootDirectory = "string"; ReadOnlyPaths = "list"; InaccessiblePaths = "list"; }
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
