#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# RuntimeDirectory= has a name with a backslash, as the %p of a unit for an escaped path has.
# Guess: it works on each version, or on none.
# Seen: it works with 252 and 262. With 257 the service does not start ("Failed to deserialize: Invalid argument"):
# since 256 another program carries out the settings, and the name is not escaped on its way there.
. "${0%/*}/common.bash"

for system in trixie:257.13 sid:262.1; do
  debian "${system%:*}" systemd dbus
  version systemd "${system#*:}"
  boot <<'END_OF_DRIVER'
unit='a\x2db.service'
printf '[Service]\nType=oneshot\nRuntimeDirectory=%%p\nExecStart=ls -d /run/a\\\\x2db\n' >"/run/systemd/system/$unit"
cat "/run/systemd/system/$unit"
systemctl start "$unit" 2>/dev/null
echo "start: $?"
journalctl --quiet --output cat --boot | grep -e '^/run/a' -e deserialize
END_OF_DRIVER
  if [ "$system" = trixie:257.13 ]; then
    seen 'the service does not start' '^start: 1$'
    seen 'and says' '^Failed to deserialize: Invalid argument$'
  else
    seen 'the service starts' '^start: 0$'
    seen 'the directory is there' '^/run/a.x2db$'
  fi
done
