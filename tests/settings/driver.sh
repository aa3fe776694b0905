#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the booted container. Starts confined services with and without the settings of
# chroot-paths-confinement(7), and writes how each ended to /results, for settings.bats.
set -u
export LC_ALL=C
cd /results || exit

SET=$(cat /settings/set)
BUSYBOX=/nix/store/busybox/bin/busybox
CALL='/usr/bin/python3 /settings/call.py'

systemctl() { command systemctl --no-pager --quiet "$@" </dev/null; }

# service NAME COMMAND LINE...: confines a service that sees the programs of the machine.
service() {
  local unit=/etc/systemd/system/$1.service
  printf '%s\n' '[Service]' "ExecStart=$2" \
    'BindReadOnlyPaths=/usr /usr/bin:/bin /usr/lib:/lib /usr/lib64:/lib64 /settings' >"$unit"
  mkdir "$unit.d"
  printf '%s\n' '[Service]' "${@:3}" >"$unit.d/override.conf"
  echo "$1" >>services
  echo /nix/store/busybox |
    chroot-paths --store-paths - --service "$1.service" --unit "$unit" --drop-in --root --out /usr/local
}
once() { service "$1" "$2" Type=oneshot "${@:3}"; }

# breaks NAME BEFORE AFTER LINE...: the call with two groups of settings.
breaks() {
  once "before-$1" "$CALL $1" "$2" "${@:4}"
  once "after-$1" "$CALL $1" "$3" "${@:4}"
}
# stronger SETTING NAME...: beside the set, it breaks these calls.
stronger() {
  local name
  for name in "${@:2}"; do breaks "$name" "$SET" "$SET"$'\n'"$1"; done
}

all() {
  once static "$BUSYBOX sh /settings/many.sh" "$SET"
  once c /settings/many "$SET"
  once shell '/bin/sh /settings/many.sh' "$SET"
  once perl '/usr/bin/perl /settings/many.pl' "$SET"
  once python '/usr/bin/python3 /settings/many.py' "$SET"
  once awk '/usr/bin/mawk -f /settings/many.awk' "$SET"
  service network "$BUSYBOX httpd -f -p 127.0.0.1:8085 -h /settings" "$SET"

  breaks namespace DynamicUser=yes "$SET"
  breaks family DynamicUser=yes "$SET" {PrivateUsers=no,{AmbientCapabilities,CapabilityBoundingSet}=CAP_NET_RAW}
  breaks realtime DynamicUser=yes "$SET" {PrivateUsers=no,{AmbientCapabilities,CapabilityBoundingSet}=CAP_SYS_NICE}
  breaks capability DynamicUser=yes "$SET" {PrivateUsers=no,AmbientCapabilities=CAP_NET_BIND_SERVICE}

  stronger MemoryDenyWriteExecute=yes compile
  stronger ProcSubset=pid meminfo
  stronger SystemCallFilter=~@resources nice processors
  stronger SystemCallFilter=~@privileged setuid chown
  stronger $'RestrictAddressFamilies=\nRestrictAddressFamilies=AF_UNIX AF_INET AF_INET6' interfaces
  for when in before after; do
    if [ $when = after ]; then SET+=$'\nPrivatePIDs=yes'; fi
    service $when-fork "$BUSYBOX httpd -p 127.0.0.1:8086" "$SET" Type=forking
    service $when-stop '/usr/bin/sleep infinity' "$SET" Type=exec TimeoutStopSec=2
  done
  once managed "$CALL state" PrivateUsers=managed StateDirectory=managed
}

all
# systemctl 262 starts none if it cannot load one.
mapfile -t units < <(sed 's/$/.service/' services)
printf '%s\n' '[Unit]' "Wants=${units[*]}" "After=${units[*]}" >/etc/systemd/system/all.target
systemctl daemon-reload
systemctl start all.target
for _ in {1..100}; do
  if busybox wget -q -O page http://127.0.0.1:8085/many.awk; then break; fi
  sleep 0.1
done
systemctl stop before-stop after-stop
paste -d ' ' services <(systemctl show --property=LoadState --value "${units[@]}" | grep .) \
  <(systemctl show --property=Result --value "${units[@]}" | grep .) >ends
ls /var/lib/managed >managed
for name in before-namespace c; do systemd-analyze --no-pager security $name.service; done >security 2>&1
journalctl --no-pager --output=short-monotonic >journal
