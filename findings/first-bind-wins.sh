#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Two BindReadOnlyPaths= lines of a service have the same destination.
# Guess: the later one wins. systemd mounts in order, a later mount covers an earlier one, and most settings of a unit
# that are given twice take the last value.
# Seen: the first one wins, and nothing is said. A drop-in cannot replace a bind of the unit by one to the same place:
# it must empty the list first. Two lines of different kinds behave the same.
# The same with 252 and 257.
. "${0%/*}/common.bash"

debian sid systemd dbus
version systemd 262.1
boot <<'END_OF_DRIVER'
mkdir -p /srv/{one,two,place}
echo one >/srv/one/file
echo two >/srv/two/file
try() { # NAME LINE-OF-THE-UNIT LINE-OF-THE-DROP-IN...
  local name=$1 unit=/run/systemd/system/$1.service
  printf '[Service]\nType=oneshot\nExecStart=sed "s/^/%%p: /" /srv/place/file\n%s\n' "$2" >"$unit"
  mkdir "$unit.d"
  shift 2
  printf '[Service]\n' >"$unit.d/later.conf"
  printf '%s\n' "$@" >>"$unit.d/later.conf"
  systemctl start "$name"
  journalctl --quiet --output cat --unit "$name" | grep /srv/place
  journalctl --quiet --output cat --identifier sed --unit "$name"
}
one=BindReadOnlyPaths=/srv/one:/srv/place two=BindReadOnlyPaths=/srv/two:/srv/place
try in-order $one $two
try reversed $two $one
try writable-second $one BindPaths=/srv/two:/srv/place
try emptied $one BindReadOnlyPaths= $two
END_OF_DRIVER
seen 'of two binds to one place, the first is there' '^in-order: one$'
seen 'the order of the sources has no part in it' '^reversed: two$'
seen 'BindPaths= does not replace an earlier BindReadOnlyPaths=' '^writable-second: one$'
seen 'after an empty assignment, the second is there' '^emptied: two$'
unseen 'nothing in the journal about the one that is left out' '/srv/place'
