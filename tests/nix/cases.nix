# SPDX-License-Identifier: MIT
#
# Test cases for confinement.nix: gives the number of cases and a list of those that fail. Needs
# only Nix.
let
  inherit (builtins)
    concatLists
    concatStringsSep
    filter
    head
    isString
    length
    match
    split
    storeDir
    ;
  decideAsModule = import ./decide.nix;

  # For strings with context, to check that it is not lost.
  makePackage =
    name:
    derivation {
      inherit name;
      system = "x86_64-linux";
      builder = "/none";
    };
  package = makePackage "package";
  other = makePackage "other";
  start = "${package}/bin/start --now";

  # The service "test", which has a command if it has no serviceConfig, and a tmpfs as root.
  decide =
    arguments:
    decideAsModule (
      {
        name = "test";
        serviceConfig.ExecStart = start;
      }
      // arguments
      // {
        confinement = {
          root = "tmpfs";
        }
        // arguments.confinement or { };
      }
    );
  packages = arguments: (decide arguments).chrootPaths.packages;
  forced = arguments: (decide arguments).serviceConfig.forced;
  refused = arguments: (decide arguments).faults;
  isRefused =
    pattern: arguments:
    isIn "The service 'test' .*${pattern}" (concatStringsSep "" (refused arguments));
  rootUnit = "confinement-root@%p.service";
  # With a root directory, but perhaps without the unit that makes it.
  lacksRootUnit =
    arguments:
    isRefused "no '${rootUnit}' in Requires and After.*mkForce" {
      confinement = arguments.confinement or readOnly.confinement;
      replaced.unitConfig = arguments.unitConfig or { };
    };
  # The settings that the messages name, of a service with a command and these settings.
  refusedSettings =
    confinement: serviceConfig:
    map (message: head (match ".*'serviceConfig.([A-Za-z]+)'.*" message)) (refused {
      inherit confinement;
      serviceConfig = { ExecStart = start; } // serviceConfig;
    });

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
  settings = forced: full: {
    inherit forced;
    defaults = allDefaults full;
  };
  tmpfsRoot = {
    RootDirectory = "/var/empty";
    TemporaryFileSystem = [ "/" ];
  };
  readOnlyRoot = {
    RootDirectory = "/run/confinement-root/%p";
    ReadOnlyPaths = [ "+/ -+/root -+/home" ];
    TemporaryFileSystem = [ "/bin:ro ${storeDir}:ro" ];
  };
  notify.BindReadOnlyPaths = [ "-/run/systemd/notify" ];

  readOnly.confinement.root = "read-only";
  chrootOnly.confinement.mode = "chroot-only";
  both.confinement = readOnly.confinement // chrootOnly.confinement;
  hidesTmp = serviceConfig: (decide (both // { inherit serviceConfig; })).chrootPaths.hideTmp;
  dropIn = arguments: (decide arguments).chrootPaths.dropIn;
  isIn = part: text: length (split part text) > 1;
  words = text: filter isString (split " " text);

  # How systemd and NixOS write a boolean.
  trueValues = [
    true
    1
    "on "
  ]
  ++ words "1 Yes y TRUE t On";
  falseValues = [
    false
    0
    null
    [ ]
    "OFF "
  ]
  ++ words "0 no N FALSE F off";

  # As a case: FUNCTION gives VALUE for each of LIST.
  each = value: function: list: {
    got = filter (it: function it != value) list;
    expected = [ ];
  };

  cases = {
    "a service gets the settings of its root and of its mode" = {
      got = map (arguments: (decide arguments).serviceConfig) [
        { }
        chrootOnly
        readOnly
        both
      ];
      expected = [
        (settings tmpfsRoot true)
        (settings (tmpfsRoot // notify) false)
        (settings readOnlyRoot true)
        (settings (readOnlyRoot // notify) false)
      ];
    };
    "by default a service has the options of the module" = {
      got = (decideAsModule { name = "test"; }).serviceConfig;
      expected = settings readOnlyRoot true;
    };
    "by default only ExecStart is in the closure, with its context, and there is no shell" = {
      got = (decide { }).chrootPaths;
      expected = {
        name = "test";
        packages = [ start ];
        binSh = null;
        dropIn = false;
        storeView = true;
        hideTmp = false;
        unit = null;
        disallowedPackages = [ ];
      };
    };
    "the text of the unit, binSh and disallowedPackages are passed on" = {
      got =
        (decide {
          unit.text = "[Service]";
          confinement.binSh = "${other}/bin/dash";
          confinement.disallowedPackages = [ other ];
        }).chrootPaths;
      expected = (decide { }).chrootPaths // {
        unit = "[Service]";
        binSh = "${other}/bin/dash";
        disallowedPackages = [ other ];
      };
    };
    "fullUnit replaces the Exec options with the unit, not the packages of the user" = {
      got = packages {
        confinement.fullUnit = true;
        confinement.packages = [ package ];
        unit.text = "${other}";
      };
      expected = [
        package
        ''{"text":"${other}"}''
      ];
    };
    "all Exec options count, as strings, packages and nested lists" = {
      got = packages {
        serviceConfig = {
          ExecCondition = "@${package}/bin/a argv0";
          ExecReload = [ "-${package}/bin/b" ];
          ExecReloadPost = package;
          ExecStart = [
            ":${package}/bin/c"
            [ "+${package}/bin/d" ]
          ];
          ExecStartPost = null;
          ExecStartPre = [ "!!${package}/bin/f" ];
          ExecStop = "-@:!${package}/bin/g";
          ExecStopPost = [ ];
        };
      };
      expected = [
        "@${package}/bin/a argv0"
        "-${package}/bin/b"
        package
        ":${package}/bin/c"
        "+${package}/bin/d"
        "!!${package}/bin/f"
        "-@:!${package}/bin/g"
      ];
    };
    "a command outside of the store is no root of the closure, one without context is" = {
      got = packages {
        serviceConfig.ExecStart = [
          ""
          5
          "%S/server"
          "${storeDir}/package/bin/start"
          ./world.nix
        ];
      };
      expected = [ "${storeDir}/package/bin/start" ];
    };
    "other options add nothing" = {
      got = packages {
        serviceConfig.ExecStart = start;
        serviceConfig.Environment = "A=${other}";
        environment.A = "${other}";
        environment.PATH = "${other}/bin";
      };
      expected = [ start ];
    };
    "includePath adds PATH" = {
      got = packages {
        confinement.includePath = true;
        environment.PATH = "${other}/bin";
      };
      expected = [
        start
        "${other}/bin"
      ];
    };
    "includeEnvironment adds all values that name the store, except PATH" = {
      got = packages {
        confinement.includeEnvironment = true;
        environment = {
          A = "${other}";
          B = null;
          C = 1;
          D = other;
          E = ./world.nix;
          PATH = "${package}";
        };
        serviceConfig.Environment = [
          "CONF=${other}/conf"
          "LANG=C"
          "PATH=${package}/bin"
        ];
      };
      expected = [
        "${other}"
        "${other}"
        "${./world.nix}"
        "CONF=${other}/conf"
      ];
    };

    "a read-only root, asDropin and a unit that a package ships give a drop-in" = each true dropIn [
      readOnly
      { overrideStrategy = "asDropin"; }
      { serviceConfig = { }; }
      { serviceConfig.ExecStartPre = start; }
      {
        serviceConfig.ExecStart = [
          ""
          start
        ];
      }
    ];
    "other services get a unit" = each false dropIn [
      { }
      { overrideStrategy = "asDropinIfExists"; }
      { serviceConfig.ExecStop = start; }
    ];
    "every service binds from the view" =
      each true (arguments: (decide arguments).chrootPaths.storeView)
        [
          chrootOnly
          readOnly
          both
        ];
    "a read-only root requires the unit that makes it, a tmpfs root does not" = {
      got = map (arguments: (decide arguments).unitConfig) [
        readOnly
        { }
      ];
      expected = [
        {
          Requires = [ rootUnit ];
          After = [ rootUnit ];
        }
        { }
      ];
    };

    "/tmp is hidden if PrivateTmp is off or invalid" = each true hidesTmp (
      [ { } ] ++ map (PrivateTmp: { inherit PrivateTmp; }) (falseValues ++ [ "maybe" ])
    );
    "/tmp is not hidden if PrivateTmp is on" = each false hidesTmp (
      map (PrivateTmp: { inherit PrivateTmp; }) (trueValues ++ [ "disconnected" ])
    );
    "/tmp is not hidden with a tmpfs root" = {
      got = (decide chrootOnly).chrootPaths.hideTmp;
      expected = false;
    };
    "/tmp is not hidden if the service puts something there, or over it" = each false hidesTmp [
      { BindPaths = "/tmp/.X11-unix"; }
      { BindReadOnlyPaths = [ "/srv/x:/var/tmp:norbind" ]; }
      { BindReadOnlyPaths = "/srv /srv/x:%T/work"; }
      { TemporaryFileSystem = [ "/x /var//tmp/:mode=1777" ]; }
      { MountImages = "\"/x.raw\":\"/tmp/image\""; }
      { BindPaths = "-/var"; }
      { BindReadOnlyPaths = "/srv:/"; }
    ];
    "/tmp is hidden if the service puts something elsewhere" = each true hidesTmp [
      { BindPaths = "/tmp/x:/srv/x"; }
      { BindPaths = "/tmpfiles"; }
      { TemporaryFileSystem = "/srv:ro"; }
    ];
    "no tmpfs hides the store if the service binds it, or a directory that contains it" =
      each [ "/bin:ro" ]
        (serviceConfig: (forced (readOnly // { inherit serviceConfig; })).TemporaryFileSystem)
        [
          { BindReadOnlyPaths = [ "/nix/" ]; }
          { BindPaths = "/x:/nix/.//store"; }
          { BindPaths = "-/srv/nix:/nix"; }
          { BindPaths = "/"; }
          { BindReadOnlyPaths = "/etc /nix/store"; }
        ];
    "a tmpfs hides the store if the service binds something else" =
      each readOnlyRoot (serviceConfig: forced (readOnly // { inherit serviceConfig; }))
        [
          { BindReadOnlyPaths = "/nix/var"; }
          { BindReadOnlyPaths = "/nix:/nixos"; }
          { BindReadOnlyPaths = "/nix/store/x"; }
          { PrivateTmp = false; }
        ];

    "a valid service is not refused" = {
      got = refused { };
      expected = [ ];
    };
    "RootDirectoryStartOnly is refused, with either root" =
      each [ "RootDirectoryStartOnly" ]
        (confinement: refusedSettings confinement { RootDirectoryStartOnly = true; })
        [
          { }
          readOnly.confinement
        ];
    "DynamicUser and ProtectSystem are refused with a tmpfs root, in any spelling" =
      each
        [
          "DynamicUser"
          "ProtectSystem"
        ]
        (
          value:
          refusedSettings { } {
            DynamicUser = value;
            ProtectSystem = value;
          }
        )
        (trueValues ++ [ "strict" ]);
    "settings that are off are not refused, in any spelling" = each [ ] (
      off:
      refusedSettings { } {
        DynamicUser = off;
        ProtectSystem = off;
        RootDirectoryStartOnly = off;
      }
    ) falseValues;
    "a read-only root works with DynamicUser and ProtectSystem" = {
      got = refusedSettings readOnly.confinement {
        DynamicUser = true;
        ProtectSystem = "strict";
      };
      expected = [ ];
    };
    "a message names the service and the solution" =
      each true (isRefused "'confinement.root'")
        [ { serviceConfig.DynamicUser = true; } ];
    "settings that have lost the root directory are refused" =
      each true
        (
          settings:
          isRefused "no RootDirectory.*mkForce" {
            replaced.serviceConfig = { ExecStart = start; } // settings;
          }
        )
        [
          { }
          { RootDirectory = "/"; }
          { RootDirectory = "//."; }
          { RootDirectory = null; }
          { RootDirectory = [ ]; }
          { RootDirectory = " "; }
          {
            RootDirectory = [
              "/run/confinement-root/%p"
              ""
            ];
            RootImage = [
              "/srv/root.raw"
              ""
            ];
          }
        ];
    "settings with a root directory, or an image, are not refused" =
      each [ ]
        (
          settings:
          refused { replaced.serviceConfig = { ExecStart = start; } // settings; }
        )
        [
          {
            RootDirectory = [
              ""
              "/srv/root"
            ];
          }
          { RootDirectory = "/var/empty"; }
          { RootDirectory = "/srv/root"; }
          { RootImage = "/srv/root.raw"; }
        ];
    "a lack of the unit that makes the root directory is refused" = each true lacksRootUnit [
      { }
      { unitConfig.Requires = rootUnit; }
      {
        unitConfig.Requires = [ "x.service" ];
        unitConfig.After = rootUnit;
      }
    ];
    "that unit in any form is not refused, nor its lack with a tmpfs" = each false lacksRootUnit [
      {
        unitConfig.Requires = "x.service confinement-root@test.service";
        unitConfig.After = [ rootUnit ];
      }
      { confinement.root = "tmpfs"; }
    ];
    "an empty bind is refused where it undoes the binds of the confinement" =
      each true (isRefused "undoes the binds")
        [
          {
            overrideStrategy = "asDropin";
            serviceConfig.ExecStart = start;
            serviceConfig.BindPaths = "";
          }
          {
            confinement.packages = [ other ];
            serviceConfig.BindReadOnlyPaths = [
              ""
              "/srv"
            ];
          }
          {
            confinement.root = "tmpfs";
            serviceConfig.ExecStart = start;
            serviceConfig.BindReadOnlyPaths = [ "" ];
          }
        ];
    "it is not refused in a unit that comes before them" = {
      got = refused (
        readOnly
        // {
          serviceConfig.ExecStart = start;
          serviceConfig.BindPaths = [ "" ];
        }
      );
      expected = [ ];
    };
    "a unit that a package ships is refused if nothing is known of what it runs" =
      each true
        (
          confinement:
          isRefused "has no command.*: add the package to 'confinement.packages'" {
            inherit confinement;
            serviceConfig = { };
            unit.text = "${other}";
          }
        )
        [
          { }
          { fullUnit = true; }
          {
            packages = [ "${package}/bin/sh" ];
            binSh = "${package}/bin/sh";
          }
        ];
    "it is not refused if its package is given, or a command" =
      each [ ] refused [
        {
          serviceConfig = { };
          confinement.packages = [ other ];
        }
        { serviceConfig.ExecStartPre = start; }
      ];

    # The module defines serviceConfig from these settings, and passes in the same serviceConfig.
    "the names of the settings do not depend on serviceConfig" = {
      got = builtins.mapAttrs (setting: builtins.typeOf) (
        forced (both // { serviceConfig = throw "looked at"; })
      );
      expected = builtins.mapAttrs (setting: builtins.typeOf) (readOnlyRoot // notify);
    };
  };

  names = builtins.attrNames cases;
in
{
  count = length names;
  failures = concatLists (
    map (
      name:
      let
        inherit (cases.${name}) got expected;
      in
      if got == expected then [ ] else [ { inherit name got expected; } ]
    ) names
  );
}
