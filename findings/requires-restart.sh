#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# b.service has Requires=a.service and After=a.service. a.service has Restart=always, and crashes.
# Guess: b runs on. The manual has Requires= act when the other unit is *explicitly* stopped or restarted; what stops
# a unit with its peer, for any reason, is BindsTo=.
# Seen: the crash alone leaves b alone, but the automatic restart is a restart job, which goes on to b: b is stopped,
# and started after a. RestartMode=direct (systemd 254 and later) in a leaves it alone.
. "${0%/*}/common.bash"

for system in bookworm:252.39 sid:262.1; do
  debian "${system%:*}" systemd dbus
  version systemd "${system#*:}"
  boot <<'END_OF_DRIVER'
cd /etc/systemd/system
for kind in none normal direct; do
  {
    printf '[Service]\nExecStart=sleep infinity\n'
    if [ $kind != none ]; then printf 'Restart=always\nRestartSec=0.1\nRestartMode=%s\n' $kind; fi
  } >$kind.service
  printf '[Unit]\nRequires=%s.service\nAfter=%s.service\n[Service]\nExecStart=sleep infinity\n' $kind $kind \
    >needs-$kind.service
  systemctl start needs-$kind
  before=$(systemctl show --value --property MainPID needs-$kind)
  systemctl kill --signal KILL $kind
  sleep 1.5
  after=$(systemctl show --value --property MainPID needs-$kind)
  echo "needs-$kind: $(if [ "$before" = "$after" ]; then echo runs on; else echo restarted; fi)," \
    "$kind: $(systemctl is-active $kind)"
done
END_OF_DRIVER
  seen 'after a crash without a restart, who requires it runs on' '^needs-none: runs on, none: failed$'
  seen 'an automatic restart restarts who requires it' '^needs-normal: restarted, normal: active$'
  case $system in
    bookworm:*) seen 'RestartMode= is not known' '^needs-direct: restarted, direct: active$' ;;
    *) seen 'RestartMode=direct restarts the one unit' '^needs-direct: runs on, direct: active$' ;;
  esac
done
