#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A service with AssertPathExists= (or ConditionPathExists=) and Restart=always is killed after the file has gone.
# Guess: each start checks them, the automatic one too: the service stays down, and for the assertion is "failed".
# Seen: 257 and 262 do not check at an automatic restart: the service runs without its file. 252 checks, gives up for
# good, and calls the service "inactive", not "failed", although it should always restart.
. "${0%/*}/common.bash"

for system in bookworm:252.39 sid:262.1; do
  debian "${system%:*}" systemd dbus
  version systemd "${system#*:}"
  boot <<'END_OF_DRIVER'
for check in Assert Condition; do
  printf '[Unit]\n%sPathExists=/run/needed\n[Service]\nRestart=always\nRestartSec=0.1\nExecStart=sleep infinity\n' \
    $check >/run/systemd/system/$check.service
  touch /run/needed
  systemctl start $check
  rm /run/needed
  systemctl kill --signal KILL $check
  sleep 1
  echo "$check: after an automatic restart: $(systemctl is-active $check), is-failed: $(systemctl is-failed $check)"
  systemctl restart $check 2>/dev/null
  echo "$check: after a restart by hand: $(systemctl is-active $check)"
done
END_OF_DRIVER
  for check in Assert Condition; do
    if [ "$system" = bookworm:252.39 ]; then
      seen "$check...= is checked, and the service is down for good" \
        "^$check: after an automatic restart: inactive, is-failed: inactive$"
    else
      seen "$check...= is not checked" "^$check: after an automatic restart: active, is-failed: active$"
    fi
    seen "a restart by hand checks it" "^$check: after a restart by hand: inactive$"
  done
done
