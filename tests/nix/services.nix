# SPDX-License-Identifier: MIT
#
# A module with services as people write them, for nixos.bats to start: driver.sh says how, and what
# each has to print. The names of all begin with "my-".
{ lib, pkgs, ... }:

let
  sh = pkgs.writeShellScript;
  tools = "${pkgs.coreutils}/bin";
  greeter = pkgs.writeShellScriptBin "greeter" ''echo "$GREETING from the path"'';

  services = {
    # Scripts, a path, variables and a state directory.
    script = {
      path = [
        pkgs.coreutils
        greeter
      ];
      environment.GREETING = "Hello";
      preStart = "echo prepared >$STATE_DIRECTORY/file";
      script = ''
        greeter
        cat $STATE_DIRECTORY/file
      '';
      postStop = "echo stopped";
      serviceConfig = {
        DynamicUser = true;
        StateDirectory = "my-script";
      };
      confinement.includePath = true;
    };

    credentials.serviceConfig = {
      User = "daemon";
      LoadCredential = "secret:/etc/my-secret";
      ExecStart = "${sh "secret" "${tools}/cat $CREDENTIALS_DIRECTORY/secret"}";
    };

    # An instance for each connection, and a socket that is passed on.
    "connection@".serviceConfig = {
      Type = "simple";
      StandardInput = "socket";
      StandardOutput = "socket";
      ExecStart = "${tools}/cat";
    };
    activated.serviceConfig = {
      Type = "simple";
      ExecStart = "${sh "activated" ''
        echo "sockets: $LISTEN_FDS"
        ${tools}/sleep 1000
      ''}";
    };

    timer.serviceConfig.ExecStart = "${tools}/echo it is time";

    # Lists, prefixes, and arguments in quotes.
    lists.serviceConfig = {
      ExecStartPre = [
        "-${tools}/false"
        "+${sh "as-root" "${tools}/id -u"}"
        "-/usr/bin/optional"
      ];
      ExecStart = [
        ""
        ''@${sh "arguments" ''echo "$1, $2"''} name "two words" %p''
      ];
      User = "daemon";
    };

    # A namespace that two services share.
    writer.serviceConfig = {
      Type = "exec";
      ExecStartPre = "${sh "write" "echo shared >/tmp/file"}";
      ExecStart = "${tools}/sleep 1000";
    };
    reader = {
      after = [ "my-writer.service" ];
      unitConfig.JoinsNamespaceOf = "my-writer.service";
      serviceConfig.ExecStart = "${tools}/cat /tmp/file";
    };

    reloaded = {
      restartTriggers = [ tools ];
      reload = "echo reloaded";
      serviceConfig.Type = "exec";
      serviceConfig.ExecStart = "${tools}/sleep 1000";
    };

    # Notifications, sent by a program of the host.
    notify = {
      confinement.mode = "chroot-only";
      serviceConfig = {
        Type = "notify";
        NotifyAccess = "all";
        WatchdogSec = 1000;
        BindReadOnlyPaths = [
          "/usr"
          "/lib"
          "-/lib64"
        ];
        ExecStart = "${sh "notify" ''
          /usr/bin/systemd-notify WATCHDOG=1 || exit
          echo watched
          /usr/bin/systemd-notify --ready || exit
          ${tools}/sleep 1000
        ''}";
      };
    };

    # Much protection, and dependencies in two places.
    limited = {
      unitConfig.Requires = "sysinit.target";
      requires = lib.mkForce [ ];
      serviceConfig = {
        ProtectSystem = "strict";
        ProtectHome = true;
        MemoryDenyWriteExecute = true;
        SystemCallFilter = "@system-service";
        CapabilityBoundingSet = "";
        RestrictNamespaces = true;
        DynamicUser = true;
        UMask = "0077";
        ExecStart = "${tools}/ls /";
      };
    };
  };

  # Commands that Nix cannot see, and what a service binds itself: neither is refused, or hidden.
  binds = {
    state = {
      StateDirectory = "my-app";
      ExecStartPre = "${tools}/cp ${sh "server" "echo from the state"} /var/lib/my-app/server";
      ExecStart = "%S/my-app/server";
    };
    link = {
      StateDirectory = "my-linked:my-link";
      ExecStartPre = "${tools}/cp ${sh "server" "echo from the link"} /var/lib/my-linked/server";
      ExecStart = "/var/lib/my-link/server";
    };
    logs = {
      LogsDirectory = "my-logs";
      ExecStartPre = "${tools}/cp ${sh "server" "echo from the logs"} /var/log/my-logs/p";
      ExecStart = "/var/log/my-logs/p";
    };
    home = {
      BindPaths = "%h/my-games";
      ExecStart = "/root/my-games/game";
    };
    runtime = {
      RuntimeDirectory = "my-runtime";
      ExecStartPre = "${tools}/cp ${sh "server" "echo from the runtime"} /run/my-runtime/x";
      ExecStart = "%t/my-runtime/x";
    };
    search = {
      ExecSearchPath = tools;
      ExecStart = "ls /bin";
    };
    store = {
      BindReadOnlyPaths = [ "/nix/" ];
      ExecStart = "${sh "count" ''
        cd /nix/store
        set -- *
        if [ $# -gt 20 ]; then echo the whole store; fi
      ''}";
    };
    other-path = {
      BindReadOnlyPaths = [ "-/nix/var" ];
      ExecStart = "${tools}/ls /nix";
    };
    tmp = {
      PrivateTmp = false;
      BindPaths = "/srv:/tmp/work";
      ExecStart = "${tools}/ls /tmp/work";
    };
    own-tmp = {
      PrivateTmp = false;
      TemporaryFileSystem = "/tmp";
      ExecStart = "${sh "own-tmp" "echo >/tmp/file; ${tools}/ls /tmp"}";
    };
    hidden-tmp = {
      PrivateTmp = false;
      DynamicUser = true;
      ExecStart = "${sh "hidden-tmp" "${tools}/ls /tmp 2>/dev/null || echo nothing"}";
    };
  };
in
{
  environment.binsh = "${tools}/sh";
  systemd.services = lib.mapAttrs' (
    name: service:
    lib.nameValuePair "my-${name}" (
      lib.mkMerge [
        service
        {
          confinement.enable = true;
          serviceConfig.Type = lib.mkDefault "oneshot";
          serviceConfig.StandardOutput = lib.mkDefault "append:/results/%p";
          serviceConfig.StandardError = "append:/results/%p.log";
        }
      ]
    )
  ) (services // lib.mapAttrs (name: serviceConfig: { inherit serviceConfig; }) binds);

  systemd.sockets.my-connection = {
    listenStreams = [ "/run/my-connection" ];
    socketConfig.Accept = true;
  };
  systemd.sockets.my-activated.listenStreams = [ "/run/my-activated" ];
  systemd.timers.my-timer.timerConfig = {
    OnActiveSec = "10ms";
    AccuracySec = "1ms";
  };
}
