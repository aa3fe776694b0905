#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# BindReadOnlyPaths=/srv/a\ b:/srv/place names the directory "/srv/a b", as systemd.syntax(7) has it.
# Guess: it works on each version.
# Seen: it works on 252 and 257. 262 ends the path at the space, leaves both halves out with a warning, and starts the
# service without the bind. Double quotes, each side of the colon its own, are what all three read.
. "${0%/*}/common.bash"

for system in bookworm:252.39 sid:262.1; do
  debian "${system%:*}" systemd dbus
  version systemd "${system#*:}"
  boot <<'END_OF_DRIVER'
mkdir -p '/srv/a b' /srv/place
touch '/srv/a b/file'
unit() { printf '[Service]\nType=oneshot\nBindReadOnlyPaths=%s\nExecStart=find /srv/place -type f\n' "$1"; }
unit '/srv/a\ b:/srv/place' >/run/systemd/system/escaped.service
unit '"/srv/a b":"/srv/place"' >/run/systemd/system/quoted.service
for service in escaped quoted; do
  systemctl start $service
  echo "$service: start: $?, sees: $(journalctl --quiet --output cat --unit $service | grep ^/srv/place)"
  journalctl --quiet --boot --output cat | grep "$service.service:.*ignoring" | sort -u
done
END_OF_DRIVER
  case $system in
    sid:*)
      seen 'the service starts without the bind' '^escaped: start: 0, sees: $'
      seen 'the path has ended at the space' 'escaped.service:3: BindReadOnlyPaths= path is not absolute, ignoring: b'
      ;;
    *) seen 'an escaped space is a space' '^escaped: start: 0, sees: /srv/place/file$' ;;
  esac
  seen 'quotes work' '^quoted: start: 0, sees: /srv/place/file$'
done
