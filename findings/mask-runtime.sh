#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# systemctl mask --runtime of a unit whose file is in /etc/systemd/system, where an administrator puts it (and NixOS
# all).
# Guess: the unit is masked until the next boot; the command says that it has made the link to /dev/null.
# Seen: it says so, exits with 0, and nothing is masked: /etc goes before /run. is-enabled does not tell, and the unit
# starts. Without --runtime the command refuses, since the place of its link is taken.
# The same with 252 and 257.
. "${0%/*}/common.bash"

debian sid systemd dbus
version systemd 262.1
boot <<'END_OF_DRIVER'
for place in /etc/systemd/system /usr/lib/systemd/system; do
  name=in-$(echo $place | cut -d / -f 2)
  printf '[Service]\nExecStart=sleep infinity\n' >$place/$name.service
  systemctl daemon-reload
  systemctl mask --runtime $name.service 2>&1
  echo "$name: mask --runtime: $?, is-enabled: $(systemctl is-enabled $name)"
  systemctl start $name 2>/dev/null
  echo "$name: start: $?, $(systemctl is-active $name)"
done
systemctl mask in-etc.service 2>&1
echo "in-etc: mask: $?"
END_OF_DRIVER
seen 'mask --runtime succeeds' "^Created symlink .*/run/systemd/system/in-etc.service.* → .*/dev/null"
seen 'and it has no effect that could be seen' '^in-etc: mask --runtime: 0, is-enabled: static$'
seen 'the unit starts' '^in-etc: start: 0, active$'
seen 'a unit of a package is masked' '^in-usr: mask --runtime: 0, is-enabled: masked-runtime$'
seen 'and does not start' '^in-usr: start: 1, inactive$'
seen 'mask without --runtime says that it cannot' '^in-etc: mask: 1$'
