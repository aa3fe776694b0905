#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A unit that is frozen (systemctl freeze) is to be stopped, and one that it requires is restarted.
# Guess: systemd 252, where freezing was young, gets it wrong; later ones thaw the unit and stop it.
# Seen: the other way round. 252 thaws and stops it. 257 and 262 refuse ("Cannot perform operation on frozen unit"),
# and a restart of what it requires succeeds and leaves the frozen unit as it was, which ought to be restarted, too.
. "${0%/*}/common.bash"

for system in bookworm:252.39 sid:262.1; do
  debian "${system%:*}" systemd dbus
  version systemd "${system#*:}"
  boot <<'END_OF_DRIVER'
cd /etc/systemd/system
printf '[Service]\nExecStart=sleep infinity\n' >required.service
printf '[Unit]\nRequires=required.service\nAfter=required.service\n[Service]\nExecStart=sleep infinity\n' >test.service
main() { systemctl show --value --property MainPID test; }
state() { systemctl show --value --property FreezerState test; }
systemctl start test
systemctl freeze test
before=$(main)
systemctl restart required 2>&1
echo "restart of what it requires: $?, then $(state)," \
  "$(if [ "$(main)" = "$before" ]; then echo the same; else echo another; fi) process"
systemctl freeze test
systemctl stop test 2>&1
echo "stop: $?, then $(systemctl is-active test), $(state)"
systemctl thaw test 2>/dev/null
systemctl stop test
END_OF_DRIVER
  if [ "$system" = bookworm:252.39 ]; then
    seen 'a restart of what it requires restarts it' '^restart of what it requires: 0, then running, another process$'
    seen 'a stop stops it' '^stop: 0, then inactive, running$'
  else
    seen 'a restart of what it requires leaves it frozen' \
      '^restart of what it requires: 0, then frozen, the same process$'
    seen 'a stop is refused' '^stop: 1, then active, frozen$'
    seen 'and says why' '^Cannot perform operation on frozen unit test.service'
  fi
done
