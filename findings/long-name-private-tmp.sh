#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A service with a name of 200 bytes, which is far below the limit of 255, has PrivateTmp=yes.
# Guess: it starts. A name that is too long would be refused when the unit is loaded.
# Seen: it cannot start: "failed because of unavailable resources". The directory that is to be its /tmp has the name
# of the unit, the boot ID and more in its own name, which is then too long. With 199 bytes, or without PrivateTmp=,
# it starts.
# The same with 252 and 257.
. "${0%/*}/common.bash"

debian sid systemd dbus
version systemd 262.1
boot <<'END_OF_DRIVER'
try() { # BYTES PRIVATE-TMP
  local name
  name=$(printf "%0$(($1 - 8))d.service" 0)
  printf '[Service]\nType=oneshot\nPrivateTmp=%s\nExecStart=true\n' "$2" >"/run/systemd/system/$name"
  systemctl daemon-reload
  systemctl start "$name" 2>/dev/null
  echo "${#name} bytes, PrivateTmp=$2: start: $?, $(systemctl show --property Result "$name")"
}
try 199 yes
try 200 yes
try 255 no
END_OF_DRIVER
seen '199 bytes start' '^199 bytes, PrivateTmp=yes: start: 0, Result=success$'
seen '200 bytes do not' '^200 bytes, PrivateTmp=yes: start: 1, Result=resources$'
seen '255 bytes start without a private /tmp' '^255 bytes, PrivateTmp=no: start: 0, Result=success$'
