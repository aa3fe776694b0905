#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A service takes a path below /mnt/late, for which there is a mount unit that nothing has started yet: for a bind, as
# its root directory, as its working directory. Then the same with a mount that fails.
# Guess: each of these settings implies RequiresMountsFor=, so the mount is started first; if it fails, so does the
# service.
# Seen: a bind implies nothing, and shows what is below the mount point. RootDirectory= implied RequiresMountsFor=
# with 252; with 257 and 262 it is WantsMountsFor=: a service whose root file system could not be mounted starts, in
# the directory that happens to be under the mount point. Only WorkingDirectory= is still as guessed.
. "${0%/*}/common.bash"

for system in bookworm:252.39 sid:262.1; do
  debian "${system%:*}" systemd dbus
  version systemd "${system#*:}"
  boot <<'END_OF_DRIVER'
mkdir -p /srv/place /mnt/late/root/{usr,proc,sys,dev,run}
ln -s usr/bin usr/lib usr/lib64 /mnt/late/root
touch /mnt/late/below
cd /etc/systemd/system
printf '[Service]\nType=oneshot\nBindReadOnlyPaths=/mnt/late:/srv/place\nExecStart=ls /srv/place\n' >bind.service
printf '[Service]\nType=oneshot\nRootDirectory=/mnt/late/root\nBindReadOnlyPaths=/usr\nExecStart=echo ran\n' \
  >root.service
printf '[Service]\nType=oneshot\nWorkingDirectory=/mnt/late/root\nExecStart=echo ran\n' >working.service
try() { # SERVICE MOUNT-OPTIONS
  printf '[Mount]\nWhat=none\nWhere=/mnt/late\nType=tmpfs\nOptions=%s\n' "$2" >mnt-late.mount
  systemctl daemon-reload
  systemctl start "$1" 2>/dev/null
  echo "$1, $2: $?, the mount: $(systemctl is-active mnt-late.mount)," \
    "$(journalctl --quiet --output cat --unit "$1" | grep -x -e ran -e below -e root | xargs)"
  systemctl stop mnt-late.mount
  systemctl reset-failed
}
try bind size=1M
for service in root working; do try $service size=none; done
END_OF_DRIVER
  seen 'a bind does not start the mount of its source' '^bind, size=1M: 0, the mount: inactive, below root$'
  if [ "$system" = bookworm:252.39 ]; then
    seen 'without its mount, a root directory fails' '^root, size=none: [1-9].*, the mount: failed, $'
  else
    seen 'without its mount, what is under it is the root directory' '^root, size=none: 0, the mount: failed, ran$'
  fi
  seen 'without its mount, a working directory fails' '^working, size=none: [1-9].*, the mount: failed, $'
done
