# SPDX-License-Identifier: MIT
#
# The settings of a confined service by confinement.root and confinement.mode: the mandatory ones
# ("forced"), those that the user may override ("defaults"), and the units for Requires= and After=.
let
  defaults = full: {
    PrivateMounts = true;
    # Set in both modes: where systemd or NixOS has one of them on by default, a chroot-only service
    # would otherwise get a /dev, /proc or /sys.
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
      # The mount point of the tmpfs.
      RootDirectory = "/var/empty";
      # A list, so that it merges with that of the service.
      TemporaryFileSystem = [ "/" ];
    };
    requires = [ ];
  };

  # A directory that only root can write to. It is not a tmpfs, since ProtectSystem=strict and
  # DynamicUser=yes undo TemporaryFileSystem=/ (systemd issue 18999). The directories whose contents
  # change between starts are each a tmpfs.
  read-only = modes {
    forced = {
      RootDirectory = "/run/confinement-root/%p";
      ReadOnlyPaths = [
        "+/"
        "-+/root"
        "-+/home"
      ];
      TemporaryFileSystem = [ "/bin:ro" "${builtins.storeDir}:ro" ];
    };
    requires = [ "confinement-root@%p.service" ];
  };
}
