# SPDX-License-Identifier: MIT
#
# The settings of a confined service, by confinement.root and confinement.mode: what must be set, what
# the user may override, and the units that the service needs, and has to start after. Plain data.
let
  defaults = full: {
    PrivateMounts = true;
    # Set either way: a systemd or a NixOS in which one of them is on by default would otherwise
    # bring /dev, /proc or /sys into a chroot-only service.
    MountAPIVFS = full;
    PrivateDevices = full;
    PrivateTmp = full;
    PrivateUsers = full;
    ProtectControlGroups = full;
    ProtectKernelModules = full;
    ProtectKernelTunables = full;
  };

  modes = root: {
    full-apivfs = root // { defaults = defaults true; };
    chroot-only = root // { defaults = defaults false; };
  };
in
{
  tmpfs = modes {
    forced = {
      # What the tmpfs is mounted over.
      RootDirectory = "/var/empty";
      # A list, to merge with one of the service.
      TemporaryFileSystem = [ "/" ];
    };
    requires = [ ];
  };

  # A directory that root alone can write to. It is no tmpfs, since ProtectSystem=strict and
  # DynamicUser=yes undo a TemporaryFileSystem=/ (systemd issue 18999). What differs from start to start
  # lies in a tmpfs all the same.
  read-only = modes {
    forced = {
      RootDirectory = "/run/confinement-root/%p";
      ReadOnlyPaths = [ "+/" ];
      TemporaryFileSystem = [ "/bin:ro" "${builtins.storeDir}:ro" ];
    };
    requires = [ "confinement-root@%p.service" ];
  };
}
