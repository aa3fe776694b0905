# SPDX-License-Identifier: MIT
#
# The services that systemd.bats starts, by name: the arguments for nix/confinement.nix, and in SHIPPED a
# package that ships the unit. Each prints what it finds. LOOK is the probe.
{ packages, applets, script, run, look, common, lines }:

let
  inherit (builtins) attrNames concatMap listToAttrs map mapAttrs unsafeDiscardStringContext;

  roots = [ "tmpfs" "read-only" ];
  modes = [ "full-apivfs" "chroot-only" ];
  forEach = list: function: listToAttrs (concatMap function list);

  # Paths of the host. The directories may be there if they are empty, since systemd makes them in any root.
  hiddenIn = mode: toString ([
    (unsafeDiscardStringContext packages.unrelated)
    "/bin/sh"
    "/etc"
    "/home"
    "/results"
    "/root"
    "/usr"
  ] ++ (if mode == "chroot-only" then [ "/dev" "/proc" "/sys" ] else [ ]));

  # A service sees a library, a symlink into it, and all their references.
  lookAround = script "look-around" ''
    set -e
    ${look} list /nix/store
    ${look} only-read /nix/store
    ${look} hidden $1
    cat ${packages.link}/codec
    find ${packages.user} ${packages.linked} ${applets} | cpio -o -H newc | md5sum
    shift
    ${look} limits "$@"
  '';

  # The most access that is allowed to each path and everything below it. The tmpfs root that root can write
  # to, and the /run that systemd makes for full-apivfs, belong to this service only. systemd 252 makes
  # that /run sticky, and 257 puts the sockets of the journal there.
  limits = { root, mode, user, protection, extra }:
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
    # What is there does not depend on these.
    ++ (if mode == "full-apivfs" && (protection != "none" || extra != "nothing") then
      [ "/proc=any" "/sys=any" ]
    else
      [ ])
    ++ (if extra == "directories" then [ "/var/lib=writable" "/run=writable" ] else [ ])
    # ProtectSystem=strict leaves these writable, so root can write to them in its root directory.
    ++ (if protection == "strict" && user == "root" && mode == "chroot-only" then
      [ "/dev=writable" "/proc=writable" "/sys=writable" ]
    else
      [ ])
    ++ (if (mode == "full-apivfs") != (extra == "tmp") then
      [ "/tmp=sticky" "/var/tmp=sticky" ]
    else
      [ "/tmp=nothing" "/var/tmp=nothing" ]);

  # Each root and mode has to work with each user, and with a PrivateTmp= other than that of the mode.
  users = root: [ "root" "static-user" ] ++ (if root == "tmpfs" then [ ] else [ "dynamic-user" ]);
  withEachRoot = concatMap
    (root: concatMap
      (user: map (extra: { inherit root user extra; protection = "none"; }) [ "nothing" "tmp" ])
      (users root))
    roots;
  # A read-only root has to work with each ProtectSystem=, too, and directories that systemd makes: each two of these
  # meet.
  withEachProtection = map (it: it // { root = "read-only"; }) [
    { user = "root"; protection = "some"; extra = "directories"; }
    { user = "root"; protection = "full"; extra = "tmp"; }
    { user = "root"; protection = "strict"; extra = "directories"; }
    { user = "static-user"; protection = "some"; extra = "nothing"; }
    { user = "static-user"; protection = "full"; extra = "directories"; }
    { user = "static-user"; protection = "strict"; extra = "tmp"; }
    { user = "dynamic-user"; protection = "none"; extra = "directories"; }
    { user = "dynamic-user"; protection = "some"; extra = "tmp"; }
    { user = "dynamic-user"; protection = "full"; extra = "nothing"; }
    { user = "dynamic-user"; protection = "strict"; extra = "nothing"; }
  ];

  settingsOf = {
    root.User = "root";
    static-user.User = "static-user";
    dynamic-user.DynamicUser = true;
    none = { };
    some.ProtectSystem = true;
    full.ProtectSystem = "full";
    strict.ProtectSystem = "strict";
    nothing = { };
    directories = { StateDirectory = "%N"; RuntimeDirectory = "%N"; };
    # A user has to see the closure with this mask, too.
    tmp.UMask = "0077";
  };
  visible = forEach modes (mode: map
    ({ root, user, protection, extra }@it: {
      name = "visible-${root}-${mode}-${user}-${protection}-${extra}";
      value = {
        confinement = { inherit root mode; };
        serviceConfig = settingsOf.${user} // settingsOf.${protection} // settingsOf.${extra}
          // (if extra == "tmp" then { PrivateTmp = mode != "full-apivfs"; } else { }) // {
          ExecStart = "${lookAround} '${hiddenIn mode}' ${toString (limits (it // { inherit mode; }))}";
        };
      };
    })
    (withEachRoot ++ withEachProtection));

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
  exposed = {
    confinement.root = "read-only";
    serviceConfig.ExecStart = "${lookBeyond}";
  };

  # Most do not depend on the mode, so each is tried with both roots only.
  behaviour = forEach roots (root: map
    (name: {
      name = "${name}-${root}";
      value = behaviours.${name} // {
        confinement = { inherit root; } // behaviours.${name}.confinement or { };
      };
    })
    (attrNames behaviours));

  list.ExecStart = "${look} list /nix/store";
  closures = mapAttrs
    (_: confinement: openServices // { confinement = { root = "read-only"; } // confinement; })
    {
      exec-only = { };
      with-path.includePath = true;
      with-environment.includeEnvironment = true;
      with-full-unit.fullUnit = true;
    };
  openServices = {
    environment.PATH = "${packages.linked}/dir";
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
    mounts.serviceConfig.ExecStart = "${look} mounts /nix/store";
    # It is started twice.
    directories.serviceConfig = {
      User = "static-user";
      RuntimeDirectory = "%N";
      StateDirectory = "%N";
      ExecStart = "${script "directories" ''
        echo $RUNTIME_DIRECTORY
        echo more | tee -a $STATE_DIRECTORY/count >$RUNTIME_DIRECTORY/file
        wc -l <$STATE_DIRECTORY/count
        wc -l <$RUNTIME_DIRECTORY/file
      ''}";
    };
    with-bin-sh = {
      confinement.binSh = "${applets}/bin/sh";
      serviceConfig.ExecStart = "/bin/sh -c 'echo the shell runs'";
    };

    # A user of the host attacks the command that root runs inside, which prints all that it sees.
    target.serviceConfig = {
      Type = "exec";
      User = "static-user";
      ExecStart = "${applets}/bin/sleep 1000";
      ExecReload = "+${script "reload" ''
        find / -path /proc -prune -o -path /sys -prune -o -path /dev -prune -o -print | sort
        cat /etc/ld-nix.so.preload /nix/ld-nix.so.preload
        echo reloaded
      ''}";
    };
    escape = {
      confinement.mode = "chroot-only";
      serviceConfig.StandardError = "null";
      serviceConfig.ExecStart = "${script "escape" ''
        if mkdir /of-root; then dir=/of-root; else dir=/usr; fi
        mount -t proc proc $dir && cat $dir/1/root/etc/of-the-host
      ''}";
    };

    # A package ships the unit with its ExecStart, which the drop-in must not replace.
    shipped = {
      confinement = { dropIn = true; packages = [ look ]; };
      shipped = run "shipped"
        {
          text = "[Service]\n" + lines (common // {
            Environment = "FROM=package";
            ExecStart = [ list.ExecStart "${look} hidden ${hiddenIn "full-apivfs"}" ];
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
          while [ -x ${look} ]; do sleep 0.2; done
          echo the store is gone
          exit 1
        ''}";
      };
    };
  } ]);

  # Each instance has its own drop-in, for the paths in /parts/INSTANCE.paths.
  sweep."sweep@".serviceConfig = {
    StandardInput = "file:/parts/%i.paths";
    ExecStart = "${applets}/bin/xargs -0 ${applets}/bin/cat";
  };
in
{
  inherit lookAround;
  services = visible // behaviour // closures // instances // sweep // {
    inherit exposed;
    # The driver adds the settings of the man page.
    hardened = exposed;
  };
}
