#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A program without signal handlers (sleep) runs in a service with PrivatePIDs=yes (systemd 257 and later). SIGTERM
# comes from the host: systemctl kill, systemctl stop.
# Guess: it ends at once, as without the setting. Only inside of a PID namespace is its first process special.
# Seen: it is process 1 of its namespace, and the kernel drops each signal that such a process has no handler for,
# from outside too, except SIGKILL and SIGSTOP. A stop takes all of TimeoutStopSec= (90 s by default), ends with
# SIGKILL, and leaves the unit "failed". (On a busy machine, 257 took the process for none of its children in a third
# of all starts, said so, and killed it at a stop with SIGKILL at once, without a SIGTERM.) A program with a handler
# ends as ever.
. "${0%/*}/common.bash"

for system in trixie:257.13 sid:262.1; do
  debian "${system%:*}" systemd dbus
  version systemd "${system#*:}"
  boot <<'END_OF_DRIVER'
try() {
  local name=$1 main
  shift
  systemd-run --quiet --unit "$name" -p Type=exec -p TimeoutStopSec=2 "$@"
  sleep 0.5
  main=$(systemctl show --value --property MainPID "$name")
  echo "$name: process $(awk '/^NSpid/ { print $NF == 1 ? 1 : "not 1" }' "/proc/$main/status")"
  systemctl kill --signal TERM "$name"
  sleep 1
  if [ -e "/proc/$main" ]; then echo "$name: runs on"; else echo "$name: ended"; fi
  systemctl stop "$name" 2>/dev/null
}
try plain sleep infinity
try private -p PrivatePIDs=yes sleep infinity
try handler -p PrivatePIDs=yes sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
END_OF_DRIVER
  seen 'without PrivatePIDs= SIGTERM ends a program' '^plain: ended$'
  seen 'with it, the program is process 1' '^private: process 1$'
  seen 'and SIGTERM has no effect' '^private: runs on$'
  seen 'but has on a program with a handler' '^handler: ended$'
done
