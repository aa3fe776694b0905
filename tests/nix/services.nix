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

    # What a service binds itself is not hidden.
    store.serviceConfig = {
      BindReadOnlyPaths = [ "/nix/" ];
      ExecStart = "${sh "count" ''
        cd /nix/store
        set -- *
        if [ $# -gt 20 ]; then echo the whole store; fi
      ''}";
    };
    tmp.serviceConfig = {
      PrivateTmp = false;
      BindPaths = "/srv:/tmp/work";
      ExecStart = "${tools}/ls /tmp/work";
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
          serviceConfig.StandardOutput = "append:/results/%p";
          serviceConfig.StandardError = "append:/results/%p.log";
        }
      ]
    )
  ) services;
}
