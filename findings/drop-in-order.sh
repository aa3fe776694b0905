#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Drop-ins for foo-bar.service set the same thing: in its own foo-bar.service.d, in foo-.service.d (all names with
# that prefix), and in service.d (all services).
# Guess: the more special directory wins, as /etc wins over /usr.
# Seen: the directories have no rank among each other; all drop-ins are sorted by file name, and the last wins. One
# for all services overrides the unit's own, if its name sorts later. Rank decides between files of the same name
# only.
# The same with 252 and 257.
. "${0%/*}/common.bash"

debian sid systemd dbus
version systemd 262.1
boot <<'END_OF_DRIVER'
cd /etc/systemd/system
printf '[Service]\nType=oneshot\nExecStart=echo from $FROM\n' >foo-bar.service
add() { # FILE
  mkdir -p "$(dirname "$1")"
  printf '[Service]\nEnvironment=FROM=%s\n' "$1" >"$1"
  systemctl daemon-reload
  systemctl start foo-bar
  echo "after $1: $(journalctl --quiet --output cat --identifier echo --lines 1)"
}
add foo-bar.service.d/confinement.conf
add foo-.service.d/override.conf
add service.d/zz.conf
add service.d/confinement.conf
rm service.d/zz.conf foo-.service.d/override.conf
add service.d/confinement.conf
END_OF_DRIVER
seen 'the drop-in of the prefix wins over that of the unit' \
  '^after foo-.service.d/override.conf: from foo-.service.d/override.conf$'
seen 'that of all services wins over both' '^after service.d/zz.conf: from service.d/zz.conf$'
if [ "$(tail -n 1 "$output")" != 'after service.d/confinement.conf: from foo-bar.service.d/confinement.conf' ]; then
  changed 'rank between equal names'
fi
echo 'seen: of two files of one name, that of the unit wins'
