# SPDX-License-Identifier: MIT
#
# The services that systemd.bats starts, by name: arguments for nix/confinement.nix, and SHIPPED, a
# package that has the unit already. Each prints what it finds; LOOK is the probe.
{ packages, applets, script, run, look, common, lines, storeView, systemd }:

let
  inherit (builtins) concatMap listToAttrs map unsafeDiscardStringContext;

  roots = [ "tmpfs" "read-only" ];
  modes = [ "full-apivfs" "chroot-only" ];
  pairs = concatMap (root: map (mode: { inherit root mode; }) modes) roots;
  forEach = list: function: listToAttrs (concatMap function list);
  # systemd 247 alone does not read MountAPIVFS=no (its pull request 18501).
  hasApivfs = mode: mode == "full-apivfs" || systemd == 247;
  asUser = user: if user == "dynamic-user" then { DynamicUser = true; } else { User = user; };

  # Of the host; of these directories an empty one may be there, for systemd makes them in any root.
  hidden = toString [
    (unsafeDiscardStringContext packages.unrelated)
    "/etc"
    "/home"
    "/results"
    "/root"
    "/usr"
  ];

  # What a service sees: a library, a symlink to a part of it, and what all of it refers to.
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
          ];
        };
      };
    }) [ "root" "static-user" ]);

  # The most that is allowed where, and in all that is below. The root that is a tmpfs, and the /run
  # that systemd makes for full-apivfs, are the service's alone; systemd 252 makes that /run sticky,
  # and 257 puts the sockets of the journal there.
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
    ] else if hasApivfs mode then [
      "/dev=${if user == "root" then "writable" else "special"}"
      "/dev/shm=sticky"
      "/proc=special"
      "/sys=special"
    ] else [ ])
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
    ([ "root" "static-user" ] ++ (if confinement.root == "tmpfs" then [ ] else [ "dynamic-user" ])));

  # What root can do to the mounts that it sees.
  mounts = forEach [ true false ] (privateUsers: [ {
    name = "mounts-${if privateUsers then "private" else "no"}-users";
    value.serviceConfig = {
      PrivateUsers = privateUsers;
      ExecStart = [ "${look} mounts /nix/store" "${applets}/bin/echo looked with ${packages.codec}" ];
    };
  } ]);

  # The same with a view of the store.
  viewed = services: listToAttrs (map
    (name: { name = "viewed-${name}"; value = services.${name} // { storeView = storeView.where; }; })
    (builtins.attrNames services));

  # Views that are none: they must not start.
  refused = forEach [ "absent" "failed" "plain" "writable" ] (view: [ {
    name = "refused-${view}";
    value = {
      storeView = "/run/${view}-view";
      serviceConfig.ExecStart = "${look} list /";
    };
  } ]);

  # The rest is the same in both modes, so each is tried with both roots.
  behaviour = forEach roots (root: map
    (name: {
      name = "${name}-${root}";
      value = behaviours.${name} // {
        confinement = { inherit root; } // behaviours.${name}.confinement or { };
      };
    })
    (builtins.attrNames behaviours));

  list.ExecStart = "${look} list /nix/store";
  openServices = {
    path = [ packages.program ];
    environment.LIBRARY = "${packages.codec}";
    unit = { inherit (list) ExecStart; documentation = packages.unrelated; };
    serviceConfig = list;
  };

  behaviours = {
    extra-bind.serviceConfig = {
      BindReadOnlyPaths = "/etc/of-the-host:/extra";
      ExecStart = "${applets}/bin/cat /extra";
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

    # A package has the unit with its ExecStart; what is added must not replace it.
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
        for root in ${toString roots}; do cp $textPath $out/lib/systemd/system/shipped-$root.service; done
      '';
    };
  };

  # They run until they are told to stop, and end by themselves where they lose sight of the store.
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

  # Each instance has a drop-in of its own, for the paths in /results/sweep/INSTANCE.
  sweep."sweep@".serviceConfig = {
    BindReadOnlyPaths = "/results/sweep/%i:/paths";
    ExecStart = "${look} contents /paths";
  };
in
visible // viewed visible // permissions // viewed permissions // mounts // viewed mounts
// refused // behaviour // instances // sweep
