#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the booted container. Starts a confined service for each case of programs.sh, and writes what
# --unit says of it, and how it ended, to /results, for program.bats.
set -u
export LC_ALL=C
cd /results || exit

S=/nix/store
HOST=/srv/tools
# shellcheck source=tests/systemd/programs.sh
. /programs.sh

systemctl() { command systemctl --no-pager --quiet "$@" </dev/null; }

services=() good=()
# As in all_cases.
try() {
  local name=$1 expected=$3 options=()
  shift 3
  if [ "$1" = --bin-sh ]; then
    shift
    options=(--bin-sh "$S/tools/bin/true")
  fi
  if [ "$expected" = - ] || ! turn; then return; fi
  printf '%s\n' '[Service]' Type=oneshot "$@" >"/etc/systemd/system/$name.service"
  services+=("$name.service")
  # systemd 262 starts none of several if it cannot take one.
  if [ "$expected" != bad ]; then good+=("$name.service"); fi
  chroot-paths --store-paths "$S.closure" --service "$name.service" --drop-in --root --out /usr/local "${options[@]}"
}

# Prints how each service ended: ok, the status of the command that failed, "bad" if systemd did not take the unit, or
# "skipped" if a failure of ExecCondition= had it skipped.
ends() {
  systemctl show -p Id,LoadState,Result,ExecStartPre,ExecStart,ExecStartPost "${services[@]}" |
    awk -v RS= '{
      match($0, /Id=[^\n]*\.service/)
      name = substr($0, RSTART + 3, RLENGTH - 11)
      end = "ok"
      if ($0 !~ /Result=success/ && match($0, /status=[1-9][0-9]*/)) end = substr($0, RSTART + 7, RLENGTH - 7)
      if ($0 !~ /LoadState=loaded/) end = "bad"
      print name, end
    }' | sed "$(sed -n "s/.* \(.*\)\.service: Skipped due to 'exec-condition'.*/s,^\1 ok,\1 skipped,/p" journal)"
}

make_programs
all_cases
systemctl daemon-reload
systemctl start "${good[@]}" 2>starts
journalctl --no-pager --output=short-monotonic >journal
ends >ends
