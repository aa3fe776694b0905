# SPDX-License-Identifier: MIT
#
# The services that systemd.bats starts, by name: the arguments for nix/confinement.nix, and in SHIPPED a
# package that ships the unit. Each prints what it finds. LOOK is the probe.
{ packages, applets, script, run, look, common, lines }:

let
  inherit (builtins) attrNames concatMap listToAttrs map unsafeDiscardStringContext;

  roots = [ "tmpfs" "read-only" ];
  modes = [ "full-apivfs" "chroot-only" ];
  pairs = concatMap (root: map (mode: { inherit root mode; }) modes) roots;
  forEach = list: function: listToAttrs (concatMap function list);
  users = root: [ "root" "static-user" ] ++ (if root == "tmpfs" then [ ] else [ "dynamic-user" ]);
  asUser = user: if user == "dynamic-user" then { DynamicUser = true; } else { User = user; };

  # Paths of the host. The directories may be there if they are empty, since systemd makes them in any root.
  hidden = toString [
    (unsafeDiscardStringContext packages.unrelated)
    "/etc"
    "/home"
    "/results"
    "/root"
    "/usr"
  ];

  # A service sees a library, a symlink into it, and all their references.
  visible = forEach pairs (confinement: map
    (user: {
      name = "visible-${confinement.root}-${confinement.mode}-${user}";
      value = {
        inherit confinement;
        serviceConfig = asUser user // {
          ExecStart = [
            "${look} list /nix/store"
            "${look} only-read /nix/store"
            "${look} hidden ${hidden}"
            "${applets}/bin/cat ${packages.link}/codec"
            "${applets}/bin/echo looked with ${packages.user}"
            "${look} manifest ${packages.user} ${packages.linked} ${applets}"
          ];
        };
      };
    }) (users confinement.root));

  # The most access that is allowed to each path and everything below it. The tmpfs root that root can write
  # to, and the /run that systemd makes for full-apivfs, belong to this service only. systemd 252 makes
  # that /run sticky, and 257 puts the sockets of the journal there.
  limits = { root, mode }: user: privateTmp:
    [
      "/=${if root == "tmpfs" && user == "root" then "writable" else "readable"}"
      "${look}=readable"
    ]
    ++ (if mode == "full-apivfs" then [
      "/dev=special"
      "/dev/shm=sticky"
      "/proc=special"
      "/run=${if user == "root" then "writable" else "sticky"}"
      "/run/systemd=${if user == "root" then "writable" else "readable"}"
      "/run/systemd/incoming=readable"
      "/run/systemd/journal=${if user == "root" then "writable" else "special"}"
      "/sys=readable"
    ] else [ "/run/systemd/notify=special" ])
    ++ (if privateTmp then [ "/tmp=sticky" "/var/tmp=sticky" ] else [ "/tmp=nothing" "/var/tmp=nothing" ]);

  permissions = forEach pairs (confinement: concatMap
    (user: map
      (privateTmp: {
        name = "limits-${confinement.root}-${confinement.mode}-${user}-${if privateTmp then "private" else "no"}-tmp";
        value = {
          inherit confinement;
          serviceConfig = asUser user // {
            PrivateTmp = privateTmp;
            ExecStart = "${look} limits ${toString (limits confinement user privateTmp)}";
          };
        };
      }) [ true false ])
    (users confinement.root));

  # A read-only root has to work with each user, each ProtectSystem, directories that systemd makes, and a
  # PrivateTmp other than that of the mode: each two of these meet in a service of each mode. Each service looks
  # for access that it should not have.
  combinations =
    let
      # ProtectSystem=strict leaves these writable, so root can write to them in its root directory.
      strictLimits = mode: user:
        if user != "root" || mode == "full-apivfs" then [ ]
        else [ "/dev=writable" "/proc=writable" "/sys=writable" ];
      protections = { none = false; some = true; full = "full"; strict = "strict"; };
      extras = {
        nothing = mode: { settings = { }; limits = [ ]; privateTmp = mode == "full-apivfs"; };
        directories = mode: {
          settings = { StateDirectory = "%N"; RuntimeDirectory = "%N"; };
          limits = [ "/var/lib=writable" "/run=writable" ];
          privateTmp = mode == "full-apivfs";
        };
        tmp = mode: rec {
          settings.PrivateTmp = privateTmp;
          limits = [ ];
          privateTmp = mode != "full-apivfs";
        };
      };
      # A Latin square of these
      square = {
        root = { none = "nothing"; some = "directories"; full = "tmp"; strict = "directories"; };
        static-user = { none = "tmp"; some = "nothing"; full = "directories"; strict = "tmp"; };
        dynamic-user = { none = "directories"; some = "tmp"; full = "nothing"; strict = "nothing"; };
      };
    in
    forEach modes (mode: concatMap
      (user: map
        (protection:
          let
            extra = square.${user}.${protection};
            it = extras.${extra} mode;
          in
          {
            name = "combined-${mode}-${user}-${protection}-${extra}";
            value = {
              confinement = { root = "read-only"; inherit mode; };
              serviceConfig = asUser user // it.settings // {
                ProtectSystem = protections.${protection};
                ExecStart = [
                  "${look} list /nix/store"
                  "${look} hidden /etc /usr /home /root"
                  "${look} limits ${toString (limits { root = "read-only"; inherit mode; } user it.privateTmp ++ it.limits
                    ++ (if protection == "strict" then strictLimits mode user else [ ]))}"
                ];
              };
            };
          })
        (attrNames protections))
      (attrNames square));

  # A user of the host attacks the command that root runs inside, which prints all that it sees.
  targets = forEach roots (root: [ {
    name = "target-${root}";
    value = {
      confinement = { inherit root; };
      serviceConfig = {
        Type = "exec";
        User = "static-user";
        ExecStart = "${applets}/bin/sleep 1000";
        ExecReload = "+${script "reload" ''
          find / -path /proc -prune -o -path /sys -prune -o -path /dev -prune -o -print | sort
          cat /etc/ld-nix.so.preload /nix/ld-nix.so.preload
          echo reloaded
        ''}";
      };
    };
  } ]);

  # The access that the man page says a service has. Access that it does not have prints nothing.
  lookBeyond = script "look-beyond" ''
    for process in /proc/[0-9]*; do
      if [ "$(cat $process/comm 2>/dev/null)" = systemd ]; then echo processes of others; break; fi
    done
    if kill -0 1 2>/dev/null; then echo signal; fi
    if grep -q secret /dev/shm/of-the-host 2>/dev/null; then echo shared memory; fi
    for place in mqueue hugepages; do
      if [ -e /dev/$place/of-the-host ]; then echo $place; fi
    done
    exit 0
  '';
  exposures = forEach roots (root: [ {
    name = "escape-${root}";
    value = {
      confinement = { inherit root; mode = "chroot-only"; };
      serviceConfig.StandardError = "null";
      serviceConfig.ExecStart = "${script "escape" ''
        if mkdir /of-root; then dir=/of-root; else dir=/usr; fi
        mount -t proc proc $dir && cat $dir/1/root/etc/of-the-host
      ''}";
    };
  } ]) // {
    exposed = {
      confinement.root = "read-only";
      serviceConfig.ExecStart = "${lookBeyond}";
    };
    # The driver adds the settings.
    hardened = {
      confinement.root = "read-only";
      serviceConfig.ExecStart = "${lookBeyond}";
    };
  };

  # Attempts of root to change the mounts that it sees.
  mounts = forEach [ true false ] (privateUsers: [ {
    name = "bound-${if privateUsers then "private" else "no"}-users";
    value.serviceConfig = {
      PrivateUsers = privateUsers;
      ExecStart = [
        "${look} mounts /nix/store"
        "${look} handle ${packages.codec}"
        "${look} handle ${packages.data}"
      ];
    };
  } ]);

  # These do not depend on the mode, so each is tried with both roots only.
  behaviour = forEach roots (root: map
    (name: {
      name = "${name}-${root}";
      value = behaviours.${name} // {
        confinement = { inherit root; } // behaviours.${name}.confinement or { };
      };
    })
    (attrNames behaviours));

  list.ExecStart = "${look} list /nix/store";
  openServices = {
    environment.PATH = "${packages.program}/bin";
    environment.LIBRARY = "${packages.codec}";
    unit = { inherit (list) ExecStart; documentation = packages.unrelated; };
    serviceConfig = list;
  };

  behaviours = {
    # Also over directories that are empty in the root directory.
    extra.serviceConfig = {
      BindReadOnlyPaths = [ "/etc" "/etc/of-the-host:/usr/extra" "/etc/of-the-host:/extra" ];
      ExecStart = "${applets}/bin/cat /etc/of-the-host /usr/extra /extra";
    };
    runtime-directory.serviceConfig = {
      User = "static-user";
      RuntimeDirectory = "%N";
      ExecStart = "${script "runtime" ''
        echo $RUNTIME_DIRECTORY
        echo written >$RUNTIME_DIRECTORY/file
        cat $RUNTIME_DIRECTORY/file
      ''}";
    };
    # It is started twice.
    state.serviceConfig = {
      User = "static-user";
      StateDirectory = "%N";
      ExecStart = "${script "count" ''
        echo more >>$STATE_DIRECTORY/count
        wc -l <$STATE_DIRECTORY/count
      ''}";
    };
    umask.serviceConfig = list // {
      User = "static-user";
      UMask = "0077";
      ExecStart = [ list.ExecStart "${look} only-read /nix/store" ];
    };

    with-bin-sh = {
      confinement.binSh = "${applets}/bin/sh";
      serviceConfig.ExecStart = "/bin/sh -c 'echo the shell runs'";
    };
    without-apivfs = {
      confinement.mode = "chroot-only";
      serviceConfig.ExecStart = "${look} hidden /dev /proc /sys";
    };
    without-bin-sh.serviceConfig.ExecStart = "${look} hidden /bin/sh";
    other-bin-sh = {
      confinement.binSh = look;
      serviceConfig.ExecStart = "/bin/sh list /bin";
    };

    exec-only = openServices;
    with-path = openServices // { confinement.includePath = true; };
    with-environment = openServices // { confinement.includeEnvironment = true; };
    with-full-unit = openServices // { confinement.fullUnit = true; };

    # A package ships the unit with its ExecStart, which the drop-in must not replace.
    shipped = {
      confinement = { dropIn = true; packages = [ look ]; };
      shipped = run "shipped"
        {
          text = "[Service]\n" + lines (common // {
            Environment = "FROM=package";
            ExecStart = [ list.ExecStart "${look} hidden ${hidden}" ];
          });
          passAsFile = [ "text" ];
        } ''
        mkdir -p $out/lib/systemd/system
        for root in ${toString roots}; do
          cp $textPath $out/lib/systemd/system/shipped-$root.service
        done
      '';
    };
  };

  # They run until they are stopped, and fail if they no longer see the store.
  instances = forEach roots (root: [ {
    name = "instance-${root}@";
    value = {
      confinement = { inherit root; };
      serviceConfig = {
        Type = "exec";
        ExecStart = "${script "instance" ''
          exec 2>/dev/null
          while [ -x ${look} ]; do sleep 0.05; done
          echo the store is gone
          exit 1
        ''}";
      };
    };
  } ]);

  # Each instance has its own drop-in, for the paths in /results/sweep/INSTANCE.
  sweep."sweep@".serviceConfig = {
    BindReadOnlyPaths = "/results/sweep/%i:/paths";
    ExecStart = "${look} contents /paths";
  };
in
{
  services = visible // combinations // permissions // targets // exposures // mounts // behaviour // instances // sweep;
}
