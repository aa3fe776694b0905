#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# deb-systemd-helper, which the maintainer scripts of Debian's packages call, enables a unit whose [Install] section
# has two names in an Alias=, a line that goes on after a backslash, blanks around "=", and UpheldBy=: all of it in
# systemd.unit(5).
# Guess: it reads such a section as systemctl does, since it has systemctl make the links.
# Seen: systemctl makes them, but the helper's own note of them, from a parser of its own, has one alias with a blank
# in its name, a target named "\", and not the rest. So the unit counts as disabled, and a purge of the package leaves
# links that lead nowhere.
. "${0%/*}/common.bash"

debian sid systemd dbus
version init-system-helpers 1.69+nmu3
version systemd 262.1
inside bash -s <<'END_OF_SCRIPT' 2>/dev/null | tee "$work/output"
cat >/usr/lib/systemd/system/test.service <<'UNIT'
[Service]
ExecStart=true
[Install]
Alias=one.service two.service
WantedBy=timers.target \
  sockets.target
RequiredBy = multi-user.target
UpheldBy=basic.target
UNIT
export DPKG_MAINTSCRIPT_PACKAGE=test
links() { find /etc/systemd/system -lname '*/test.service' -printf "$1: %P\n" | sort; }
deb-systemd-helper enable test.service
links enabled
sed 's/^/noted: /' /var/lib/systemd/deb-systemd-helper-enabled/test.service.dsh-also
deb-systemd-helper was-enabled test.service
echo "was-enabled: exit status $?"
rm /usr/lib/systemd/system/test.service
deb-systemd-helper purge test.service
links left
END_OF_SCRIPT
output=$work/output
if [ "$(lines '^enabled: ')" != 6 ]; then changed 'systemctl no longer makes six links'; fi
seen 'two aliases are noted as one' '^noted: /etc/systemd/system/one.service two.service$'
seen 'a backslash is noted as a target' '^noted: /etc/systemd/system/\\.wants/test.service$'
unseen 'blanks around "=" hide a line from it' '^noted: .*multi-user'
seen 'an enabled unit counts as disabled' '^was-enabled: exit status 1$'
if [ "$(lines '^left: ')" != 5 ]; then changed 'a purge no longer leaves five links'; fi
echo 'seen: a purge leaves five of six links'
