#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A running service has a resource limit from systemctl set-property, and is given another by set-property --runtime.
# Guess: the second holds until the next boot, as the manual says of --runtime, and the first thereafter.
# Seen: the second holds until the next daemon-reload, which any installation of a package may bring. Then the first
# is back, without a word. The drop-in of the second is in /run, but is not even listed: it has the same name as the
# first's in /etc, which goes before it.
# The same with 252 and 257.
. "${0%/*}/common.bash"

debian sid systemd dbus
version systemd 262.1
boot <<'END_OF_DRIVER'
printf '[Service]\nExecStart=sleep infinity\n' >/etc/systemd/system/test.service
systemctl start test
limit() { echo "$1: $(systemctl show --value --property MemoryMax test)"; }
systemctl set-property test MemoryMax=64M
limit persistent
systemctl set-property --runtime test MemoryMax=32M
echo "exit status: $?"
limit runtime
systemctl daemon-reload
limit reloaded
echo "drop-ins: $(systemctl show --value --property DropInPaths test)"
find /etc/systemd/system.control /run/systemd/system.control -name '*.conf'
END_OF_DRIVER
seen 'the first limit' '^persistent: 67108864$'
seen 'the second limit, at once' '^runtime: 33554432$'
seen 'after a reload, the first limit' '^reloaded: 67108864$'
seen 'the second is there' '^/run/systemd/system.control/test.service.d/50-MemoryMax.conf$'
seen 'and is not read' '^drop-ins: /etc/systemd/system.control/test.service.d/50-MemoryMax.conf$'
