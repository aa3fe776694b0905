# SPDX-License-Identifier: MIT
#
# The settings of a confined service, by confinement.mode and confinement.root: the mandatory ones
# ("forced"), those that the user may override ("defaults"), and those of the section [Unit].
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
in
{
  modes = {
    full-apivfs = defaults true;
    chroot-only = defaults false;
  };

  # bindsStore: whether the service binds the store, or a directory that contains it, itself.
  roots = bindsStore: {
    # /var/empty is the mount point. Lists merge with those of the service.
    tmpfs = {
      forced = {
        RootDirectory = "/var/empty";
        TemporaryFileSystem = [ "/" ];
      };
      unitConfig = { };
    };

    # A directory that only root can write to. It is not a tmpfs, since ProtectSystem=strict and
    # DynamicUser=yes undo TemporaryFileSystem=/ (systemd issue 18999). With ProtectSystem=strict,
    # root could write to /root and /home. A tmpfs covers what changes between starts.
    read-only = {
      forced = {
        RootDirectory = "/run/confinement-root/%p";
        ReadOnlyPaths = [
          "+/"
          "-+/root"
          "-+/home"
        ];
        TemporaryFileSystem = [ "/bin:ro${if bindsStore then "" else " ${builtins.storeDir}:ro"}" ];
      };
      unitConfig = {
        Requires = [ "confinement-root@%p.service" ];
        After = [ "confinement-root@%p.service" ];
      };
    };
  };
}
