# SPDX-License-Identifier: MIT
#
# Test cases for confinement.nix: gives the number of cases and a list of those that fail. Needs
# only Nix.
let
  inherit (builtins)
    concatLists
    concatStringsSep
    genList
    head
    length
    match
    split
    storeDir
    unsafeDiscardStringContext
    ;
  confinement = import ../../nix/confinement.nix;

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
  withoutContext = unsafeDiscardStringContext "${package}";
  start = "${package}/bin/start --now";

  # The service "test", which has a command if it has no serviceConfig, and a tmpfs as root.
  decide =
    arguments:
    confinement (
      {
        name = "test";
        serviceConfig.ExecStart = start;
      }
      // arguments
      // {
        confinement = {
          root = "tmpfs";
          mode = "full-apivfs";
        }
        // arguments.confinement or { };
      }
    );
  packages = arguments: (decide arguments).chrootPaths.packages;
  forced = arguments: (decide arguments).serviceConfig.forced;
  refused = arguments: (decide arguments).faults;
  # The settings that the messages name, of a service with a command and these settings.
  refusedSettings =
    confinement: serviceConfig:
    map (message: head (match ".*'serviceConfig.([A-Za-z]+)'.*" message)) (refused {
      inherit confinement;
      serviceConfig = { ExecStart = start; } // serviceConfig;
    });
  refusedWithTmpfs = refusedSettings { };

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
  tmpfsRoot = {
    RootDirectory = "/var/empty";
    TemporaryFileSystem = [ "/" ];
  };
  readOnlyRoot = {
    RootDirectory = "/run/confinement-root/%p";
    ReadOnlyPaths = [
      "+/"
      "-+/root"
      "-+/home"
    ];
    TemporaryFileSystem = [ "/bin:ro ${storeDir}:ro" ];
  };

  readOnly.confinement.root = "read-only";
  chrootOnly.confinement.mode = "chroot-only";
  both.confinement = readOnly.confinement // chrootOnly.confinement;
  hidesTmp = arguments: (decide arguments).chrootPaths.hideTmp;
  dropIn = arguments: (decide arguments).chrootPaths.dropIn;
  withPrivateTmp = value: readOnly // { serviceConfig.PrivateTmp = value; };

  # The messages about a command in a service with MORE settings, "" if there are none.
  saysWith =
    more: command:
    concatStringsSep "" (refused {
      serviceConfig = { ExecStart = command; } // more;
    });
  says = saysWith { };
  saysOf = arguments: concatStringsSep "" (refused arguments);
  isIn = part: text: length (split part text) > 1;
  # Whether all of LIST are VALUE, as a case.
  all = value: list: {
    got = list;
    expected = map (it: value) list;
  };
  fails =
    confinement:
    let
      decided = import ../../nix/confinement.nix {
        name = "test";
        inherit confinement;
      };
    in
    !(builtins.tryEval (
      builtins.deepSeq [
        decided.serviceConfig
        decided.chrootPaths.packages
      ] true
    )).success;

  cases = {
    "a service gets the settings of its root and of its mode" = {
      got = map (arguments: (decide arguments).serviceConfig) [
        { }
        chrootOnly
        readOnly
        both
      ];
      expected = [
        {
          forced = tmpfsRoot;
          defaults = allDefaults true;
        }
        {
          forced = tmpfsRoot;
          defaults = allDefaults false;
        }
        {
          forced = readOnlyRoot;
          defaults = allDefaults true;
        }
        {
          forced = readOnlyRoot;
          defaults = allDefaults false;
        }
      ];
    };
    "by default, only ExecStart is in the closure, and there is no drop-in and no shell" = {
      got = (decide { }).chrootPaths;
      expected = {
        name = "test";
        packages = [ start ];
        binSh = null;
        dropIn = false;
        hideTmp = false;
        disallowedPackages = [ ];
      };
    };
    "the context of a string is kept" = {
      got = builtins.hasContext (concatStringsSep " " (packages { }));
      expected = true;
    };
    "defaults do not change when the user overrides them" = {
      got =
        (decide {
          serviceConfig.PrivateUsers = false;
          serviceConfig.PrivateTmp = "no";
        }).serviceConfig.defaults;
      expected = allDefaults true;
    };
    "fullUnit replaces the Exec options with the unit" = {
      got = packages {
        confinement.fullUnit = true;
        unit.text = "${other}";
      };
      expected = [ ''{"text":"${other}"}'' ];
    };
    "fullUnit keeps the packages of the user" = {
      got = packages {
        confinement.fullUnit = true;
        confinement.packages = [ other ];
        unit = { };
      };
      expected = [
        other
        "{}"
      ];
    };
    "binSh is passed on, and may be null" = {
      got = map (binSh: (decide { confinement.binSh = binSh; }).chrootPaths.binSh) [
        "${other}/bin/dash"
        null
      ];
      expected = [
        "${other}/bin/dash"
        null
      ];
    };
    "all Exec options count, as strings and as lists, with their prefixes" = {
      got = packages {
        serviceConfig = {
          ExecCondition = "@${package}/bin/a argv0";
          ExecReload = [ "-${package}/bin/b" ];
          ExecReloadPost = "${package}/bin/b2";
          ExecStart = [
            ":${package}/bin/c"
            "+${package}/bin/d"
          ];
          ExecStartPost = "!${package}/bin/e";
          ExecStartPre = [ "!!${package}/bin/f" ];
          ExecStop = "-@:!${package}/bin/g";
          ExecStopPost = [ ];
        };
      };
      expected = [
        "@${package}/bin/a argv0"
        "-${package}/bin/b"
        "${package}/bin/b2"
        ":${package}/bin/c"
        "+${package}/bin/d"
        "!${package}/bin/e"
        "!!${package}/bin/f"
        "-@:!${package}/bin/g"
      ];
    };
    "an Exec option may be a package, null, a nested list or a number" = {
      got = packages {
        serviceConfig.ExecStart = package;
        serviceConfig.ExecStop = null;
        serviceConfig.ExecStopPost = 5;
        serviceConfig.ExecReload = [
          [ start ]
          null
        ];
      };
      expected = [
        start
        package
        "5"
      ];
    };
    "a command before an empty one, which resets the list, does not count" =
      let
        decided = decide {
          serviceConfig.ExecStart = [
            "/run/missing"
            "${other}/bin/start"
            ""
            start
          ];
          serviceConfig.ExecStop = [
            "${package}/bin/stop"
            ""
          ];
        };
      in
      {
        got = decided.chrootPaths.packages ++ decided.faults;
        expected = [ start ];
      };
    "without Exec options there are no packages" = {
      got = packages { serviceConfig = { }; };
      expected = [ ];
    };
    "other options add nothing" = {
      got = packages {
        serviceConfig.ExecStart = start;
        serviceConfig.Environment = "A=${other}";
        path = [ other ];
        environment.A = "${other}";
      };
      expected = [ start ];
    };
    "the roots for the module to define do not include those of the user" = {
      got =
        (decide {
          confinement.packages = [ other ];
          confinement.binSh = "${other}/sh";
        }).packages;
      expected = [ start ];
    };
    "the user's packages come first" = {
      got = packages {
        confinement.packages = [
          other
          "string ${other}"
        ];
      };
      expected = [
        other
        "string ${other}"
        start
      ];
    };
    "includePath adds the contents of PATH: bin outputs, chosen outputs, strings" =
      let
        chosen = {
          bin = "bin-output";
          outputSpecified = true;
          outPath = "chosen";
        };
      in
      {
        got = packages {
          confinement.includePath = true;
          path = [
            {
              bin = "bin-output";
              out = "out-output";
            }
            { out = "out-output"; }
            chosen
            "/some/string"
          ];
          environment.PATH = "/from/environment";
        };
        expected = [
          start
          "bin-output"
          "out-output"
          chosen
          "/some/string"
          "/from/environment"
        ];
      };
    "includePath adds a path that NixOS has already joined to one string" = {
      got = packages {
        confinement.includePath = true;
        path = "${other}/bin";
      };
      expected = [
        start
        "${other}/bin"
      ];
    };
    "includeEnvironment copies a path to the store, as NixOS does" = {
      got = packages {
        confinement.includeEnvironment = true;
        environment.A = ./world.nix;
      };
      expected = [
        start
        "${./world.nix}"
      ];
    };
    "includeEnvironment adds all values except PATH" = {
      got = packages {
        confinement.includeEnvironment = true;
        environment = {
          A = "${other}";
          B = null;
          C = 1;
          D = other;
          PATH = "/from/environment";
        };
      };
      expected = [
        start
        "${other}"
        "1"
        "${other}"
      ];
    };
    "disallowedPackages are passed on" = {
      got = (decide { confinement.disallowedPackages = [ other ]; }).chrootPaths.disallowedPackages;
      expected = [ other ];
    };

    "a read-only root gives a drop-in" = {
      got = dropIn readOnly;
      expected = true;
    };
    "overrideStrategy = \"asDropin\" gives a drop-in" = {
      got = map (overrideStrategy: dropIn { inherit overrideStrategy; }) [
        "asDropin"
        "asDropinIfExists"
        null
      ];
      expected = [
        true
        false
        false
      ];
    };
    "a unit without commands, or one that resets ExecStart, is shipped: it gets a drop-in" = {
      got = map (serviceConfig: dropIn { inherit serviceConfig; }) [
        { }
        {
          ExecStart = [
            ""
            start
          ];
        }
        { ExecStartPre = start; }
        { ExecStop = ""; }
        { ExecStop = start; }
        {
          ExecStart = [
            start
            ""
            start
          ];
        }
      ];
      expected = [
        true
        true
        true
        true
        false
        false
      ];
    };
    "the settings of a read-only root do not depend on PrivateTmp" = {
      got = forced (withPrivateTmp false);
      expected = readOnlyRoot;
    };
    "a read-only root requires the unit that makes it, a tmpfs root does not" = {
      got = map (arguments: (decide arguments).unitConfig) [
        readOnly
        { }
      ];
      expected = [
        {
          Requires = [ "confinement-root@%p.service" ];
          After = [ "confinement-root@%p.service" ];
        }
        { }
      ];
    };
    "a read-only root hides /tmp in chroot-only mode, a tmpfs root does not" = {
      got = map hidesTmp [
        both
        readOnly
        chrootOnly
      ];
      expected = [
        true
        false
        false
      ];
    };
    "/tmp is not hidden if PrivateTmp is on" = all false (
      map (value: hidesTmp (withPrivateTmp value)) [
        true
        1
        "1"
        "yes"
        "Yes"
        "yes "
        "Y"
        "true"
        "TRUE"
        "t"
        "on"
        "disconnected"
      ]
    );
    "/tmp is hidden if PrivateTmp is off or invalid" = all true (
      map (value: hidesTmp (withPrivateTmp value)) [
        false
        null
        0
        "0"
        "no"
        "No"
        "n"
        "false"
        "f"
        "off"
        "OFF"
        ""
        "maybe"
      ]
    );
    "/tmp is not hidden if the service puts something there" = all false (
      map (serviceConfig: hidesTmp (both // { inherit serviceConfig; })) [
        { BindPaths = "/tmp/.X11-unix"; }
        { BindPaths = "/srv/x:/tmp/work"; }
        { BindReadOnlyPaths = [ "/srv/x:/var/tmp:norbind" ]; }
        { BindReadOnlyPaths = "/srv /srv/x:%T/work"; }
        { TemporaryFileSystem = "/tmp"; }
        { TemporaryFileSystem = [ "/x /var/tmp/:mode=1777" ]; }
        { TemporaryFileSystem = "/var//tmp"; }
        { MountImages = "/x.raw:/tmp/image"; }
        { BindPaths = "/var"; }
        { BindReadOnlyPaths = "/srv:/"; }
        { TemporaryFileSystem = "/var"; }
      ]
    );
    "/tmp is hidden if the service puts something elsewhere" = all true (
      map (serviceConfig: hidesTmp (both // { inherit serviceConfig; })) [
        { BindPaths = "/tmp/x:/srv/x"; }
        { BindPaths = "/tmpfiles"; }
        { TemporaryFileSystem = "/srv:ro"; }
      ]
    );
    "no tmpfs hides the store if the service binds it, or a directory that contains it" = {
      got = map
        (
          serviceConfig:
          (forced (readOnly // { inherit serviceConfig; })).TemporaryFileSystem
        )
        [
          { BindReadOnlyPaths = [ "/nix/" ]; }
          { BindPaths = "/x:/nix/.//store"; }
          { BindPaths = "-/srv/nix:/nix"; }
          { BindPaths = "/"; }
          { BindReadOnlyPaths = "/etc /nix/store"; }
          { BindReadOnlyPaths = "/nix/var"; }
          { BindReadOnlyPaths = "/nix:/nixos"; }
          { BindReadOnlyPaths = "/nix/store/x"; }
        ];
      expected = [
        [ "/bin:ro" ]
        [ "/bin:ro" ]
        [ "/bin:ro" ]
        [ "/bin:ro" ]
        [ "/bin:ro" ]
        readOnlyRoot.TemporaryFileSystem
        readOnlyRoot.TemporaryFileSystem
        readOnlyRoot.TemporaryFileSystem
      ];
    };
    "a service that may send notifications gets the socket in chroot-only mode" = all
      [ "-/run/systemd/notify" ]
      (
        map (serviceConfig: (decide (chrootOnly // { inherit serviceConfig; })).binds) [
          {
            ExecStart = start;
            Type = "notify";
          }
          {
            ExecStart = start;
            Type = "notify-reload";
          }
          {
            ExecStart = start;
            WatchdogSec = 30;
          }
          {
            ExecStart = start;
            NotifyAccess = "all";
          }
          # A package ships the unit, and its type is not known.
          { }
        ]
      );
    "another service does not get it" = all [ ] [
      (decide chrootOnly).binds
      (decide { serviceConfig.Type = "notify"; }).binds
      (decide (
        chrootOnly
        // {
          serviceConfig.Type = "notify";
          serviceConfig.MountAPIVFS = "yes";
        }
      )).binds
      (decide (
        chrootOnly
        // {
          serviceConfig.ExecStart = start;
          serviceConfig.Type = "exec";
          serviceConfig.WatchdogSec = 0;
        }
      )).binds
    ];
    "an unknown or missing root or mode, or fullUnit without the unit, is an error" = {
      got = map fails [
        {
          root = "rom";
          mode = "full-apivfs";
        }
        {
          root = "tmpfs";
          mode = "full";
        }
        {
          root = "tmpfs";
          mode = "";
        }
        {
          root = "tmpfs";
          mode = null;
        }
        { mode = "full-apivfs"; }
        { root = "tmpfs"; }
        { }
        {
          root = "tmpfs";
          mode = "full-apivfs";
          fullUnit = true;
        }
        {
          root = "tmpfs";
          mode = "full-apivfs";
        }
      ];
      expected = genList (n: true) 8 ++ [ false ];
    };
    "a template unit keeps its name" = {
      got = (decide (readOnly // { name = "test@"; })).chrootPaths.name;
      expected = "test@";
    };

    "a valid service is not refused" = {
      got = refused { };
      expected = [ ];
    };
    "RootDirectoryStartOnly is refused, with either root" = {
      got = map (root: refusedSettings { inherit root; } { RootDirectoryStartOnly = true; }) [
        "tmpfs"
        "read-only"
      ];
      expected = [
        [ "RootDirectoryStartOnly" ]
        [ "RootDirectoryStartOnly" ]
      ];
    };
    "DynamicUser is refused with a tmpfs root, in any spelling" = all [ "DynamicUser" ] (
      map (value: refusedWithTmpfs { DynamicUser = value; }) [
        true
        1
        "yes"
        "ON"
      ]
    );
    "ProtectSystem is refused with a tmpfs root, in any spelling" = all [ "ProtectSystem" ] (
      map (value: refusedWithTmpfs { ProtectSystem = value; }) [
        true
        "strict"
        "full"
        "yes"
        "1"
      ]
    );
    "settings that are off are not refused, in any spelling" = all [ ] (
      map
        (
          off:
          refusedWithTmpfs {
            DynamicUser = off;
            ProtectSystem = off;
            RootDirectoryStartOnly = off;
          }
        )
        [
          false
          "no"
          "off"
          "FALSE"
          "no "
          "0"
          0
          null
          [ ]
        ]
    );
    "a read-only root works with DynamicUser and ProtectSystem" = {
      got = refusedSettings readOnly.confinement {
        DynamicUser = true;
        ProtectSystem = "strict";
      };
      expected = [ ];
    };
    "a message names the service and the solution" = {
      got = map (isIn "'test'.*systemd.services.\"test\".confinement.root") (refused {
        serviceConfig.DynamicUser = true;
        serviceConfig.ProtectSystem = true;
      });
      expected = [
        true
        true
      ];
    };
    "settings that have lost the root directory are refused, with either root" = all true (
      map
        (
          serviceConfig:
          let
            said = refused {
              inherit serviceConfig;
              isMerged = true;
            };
          in
          isIn "The service 'test' .*no RootDirectory.*mkForce" (head (said ++ [ "" ]))
        )
        [
          { ExecStart = start; }
          {
            ExecStart = start;
            RootDirectory = "/";
          }
          {
            ExecStart = start;
            RootDirectory = null;
          }
          {
            ExecStart = start;
            RootDirectory = "//.";
          }
          {
            ExecStart = start;
            RootDirectory = [ ];
          }
        ]
    );
    "settings with a root directory, or an image, are not refused" = all [ ] (
      map
        (
          serviceConfig:
          refused {
            serviceConfig = { ExecStart = start; } // serviceConfig;
            isMerged = true;
          }
        )
        [
          { RootDirectory = "/var/empty"; }
          { RootDirectory = "/srv/root"; }
          { RootImage = "/srv/root.raw"; }
        ]
    );

    "a program of a package is accepted with prefixes, quotes, specifiers, in lists" = all "" (
      map says [
        "${package}/bin/a"
        "@-:+!|${package}/bin/a argv0"
        "\"${package}/bin/a\" \"b c\""
        "-'${package}/bin/a'"
        "${package}/bin/%i"
        [
          ""
          "${package}/bin/a"
        ]
        package
        [ ]
        null
        "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9/bin/a ${package}"
      ]
    );
    "a program that will be missing is refused" = all true (
      map (command: isIn "The service 'test' .*'serviceConfig.ExecStart'" (says command)) [
        "/run/current-system/sw/bin/a"
        "@/usr/bin/env ${package}/bin/a"
        "+/usr/bin/env"
        "a"
        "\"/opt/a b/c\" d"
        "/bin/sh -c true"
        "${storeDir}/00000000000000000000000000000000-a/bin/a"
        "${withoutContext}/bin/a"
        [
          "${package}/bin/a"
          "/run/b"
        ]
      ]
    );
    "a program is accepted with specifiers, variables, escapes or the prefix -" = all "" (
      map says [
        "%S/eko/eko-server"
        "%t/x"
        "!%h/x"
        "/srv/\\x20a"
        "/srv/\${A}/b"
        "-/usr/bin/optional"
        "@-/usr/bin/optional argv0"
        "-a"
      ]
    );
    "a message names the program and the fix" = all true [
      (isIn "runs /run/a, .*BindReadOnlyPaths" (says ":/run/a b"))
      (isIn "runs /run/a, .*BindReadOnlyPaths" (says "  /run/a b"))
      (isIn "runs ${storeDir}/0-a/b, .*confinement.packages" (says "${storeDir}/0-a/b"))
      (isIn "runs ls, .*/bin/ls" (says "ls /"))
      (isIn "is a path, .*a.nix. Write \"[$][{].*/a.nix}\" to copy it" (says /nowhere/a.nix))
      (isIn "serviceConfig.ExecReload" (saysWith { ExecReload = "/a"; } start))
    ];
    "a program is accepted if the closure has it, or if it is binSh" = all "" [
      (saysOf {
        confinement.binSh = "${package}/bin/sh";
        serviceConfig.ExecStart = [
          "/bin/sh -c true"
          "sh -c true"
        ];
      })
      (saysOf {
        confinement.packages = [ package ];
        serviceConfig.ExecStart = "${withoutContext}/bin/a";
      })
      (saysOf {
        confinement.packages = [ "text with ${package}" ];
        serviceConfig.ExecStart = "${withoutContext}/bin/a";
      })
      (saysOf {
        serviceConfig.ExecStart = "${withoutContext}/bin/a";
        serviceConfig.ExecStop = "${package}/bin/stop";
      })
    ];
    "a program is accepted if the service binds, mounts or makes what contains it" = all "" (
      map (more: saysWith more "/opt/a/bin/b c") [
        { BindReadOnlyPaths = "/opt/a"; }
        {
          BindReadOnlyPaths = [
            "/x:/y"
            "-/host/a:/opt/a/bin:norbind"
          ];
        }
        { BindPaths = [ "/opt" ]; }
        { BindPaths = "/opt/"; }
        { BindPaths = "/x://opt/./a//"; }
        { BindPaths = "/./"; }
        { BindPaths = "/"; }
        { BindPaths = "'/host/a':'/opt/a/'"; }
        { BindPaths = "\"/host/a b:/opt/a\""; }
        { BindPaths = "/opt/%i"; }
        { MountImages = "/a.raw:/opt/a"; }
        { RootDirectory = "/srv/root"; }
        { RootImage = "/srv/root.raw"; }
        { ExtensionImages = "/a.raw"; }
        { ExtensionDirectories = "/a"; }
      ]
      ++ [
        (saysWith { BindPaths = "/opt/a"; } "/opt//a/./b")
        (saysWith { BindPaths = "%h/games"; } "/root/games/x")
        (saysWith { PrivateTmp = true; } "/tmp/x")
        (saysWith { ExecSearchPath = "/opt"; } "ls /")
        (saysWith { BindReadOnlyPaths = "/usr"; } "ls /")
      ]
    );
    "a program is accepted below the directories that systemd makes" = all "" [
      (saysWith {
        StateDirectory = [
          "b"
          "a"
        ];
      } "/var/lib/a/run")
      (saysWith { StateDirectory = "app:link"; } "/var/lib/link/server")
      (saysWith { StateDirectory = "./app//x/"; } "/var/lib/app/x/server")
      (saysWith { StateDirectory = "app::ro"; } "/var/lib/app/server")
      (saysWith { StateDirectory = "app"; } "/var/lib/private/app/server")
      (saysWith { StateDirectory = "%N"; } "/var/lib/x/server")
      (saysWith { LogsDirectory = "x"; } "/var/log/x/p")
      (saysWith { CacheDirectory = "x"; } "/var/cache/x/p")
      (saysWith { ConfigurationDirectory = "x"; } "/etc/x/p")
      (saysWith { RuntimeDirectory = "x/y"; } "/run/x/y/p")
    ];
    "a bind or a directory of another place, or with the same start, does not count" = all true [
      (isIn "runs /opt/a/bin/b" (saysWith { BindReadOnlyPaths = "/opt/a:/x"; } "/opt/a/bin/b"))
      (isIn "runs /opt/a/b" (saysWith { BindPaths = "/opt/a/bc /opt/c"; } "/opt/a/b"))
      (isIn "runs /opt/a/b" (saysWith { BindPaths = "/opt/c/%i"; } "/opt/a/b"))
      (isIn "runs /var/lib/b" (saysWith { StateDirectory = "a"; } "/var/lib/b"))
      (isIn "runs /opt/a" (saysWith { TemporaryFileSystem = "/opt"; } "/opt/a"))
      (isIn "runs /tmp/x" (saysWith { PrivateTmp = "no"; } "/tmp/x"))
      (isIn "runs /opt/a" (saysWith { ExtensionImages = [ ]; } "/opt/a"))
    ];
    # The module defines serviceConfig from these settings, and passes in the same serviceConfig.
    "the names of the settings do not depend on serviceConfig" = {
      got =
        map
          (
            arguments:
            builtins.mapAttrs (setting: builtins.typeOf) (
              forced (arguments // { serviceConfig = throw "looked at"; })
            )
          )
          [
            { }
            both
          ];
      expected = [
        {
          RootDirectory = "string";
          TemporaryFileSystem = "list";
        }
        {
          RootDirectory = "string";
          ReadOnlyPaths = "list";
          TemporaryFileSystem = "list";
        }
      ];
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
