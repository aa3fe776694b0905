#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A socket unit listens below /run/test, and its service has RuntimeDirectory=test.
# Guess: the directory is shared: the service finds it there, and leaves it while the socket unit is active.
# Seen: at the end of the service the directory is removed with all that is in it, so with the socket of the socket
# unit. That one stays "active (listening)", on a socket that nobody can reach, and the service is never started
# again.
# The same with 252 and 257.
. "${0%/*}/common.bash"

debian sid systemd dbus
version systemd 262.1
boot <<'END_OF_DRIVER'
cd /run/systemd/system
printf '[Socket]\nListenStream=/run/test/socket\n' >test.socket
printf '[Service]\nRuntimeDirectory=test\nExecStart=sleep infinity\n' >test.service
state() {
  echo "$1: socket unit $(systemctl is-active test.socket), service $(systemctl is-active test.service)," \
    "socket $(ls /run/test/socket 2>&1)"
}
systemctl start test.socket
state before
systemctl start test.service
state during
systemctl stop test.service
state after
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new("/run/test/socket") or print "client: $!\n"'
END_OF_DRIVER
seen 'the socket is there' '^before: socket unit active, service inactive, socket /run/test/socket$'
seen 'also while the service runs' '^during: socket unit active, service active, socket /run/test/socket$'
seen 'then its socket is gone, and the unit is active' \
  '^after: socket unit active, service inactive, socket .*No such file'
seen 'a client does not start the service' '^client: No such file or directory$'
