#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs in the booted container, as root: for start.sh, starts the services and writes how many
# milliseconds each start took to /results/KIND-COUNT.
set -eu
export LC_ALL=C
cd /results

VIEW=/run/nix-store-view
read -r -a counts </counts
starts=$(cat /starts)
mkdir -p /var/empty

# service KIND COUNT OPTION...
service() {
  local name=$1-$2.service
  local unit=/etc/systemd/system/$name
  cat >"$unit" <<END
[Unit]
StartLimitIntervalSec=0
[Service]
Type=oneshot
ExecStart=$(head -n 1 /list)/bin/nothing
END
  head -n "$2" /list |
    chroot-paths --store-paths - --service "$name" --drop-in --root tmpfs --out /usr/local "${@:3}"
}

for count in "${counts[@]}"; do
  service bound "$count"
  service viewed "$count" --store-view $VIEW
done
systemctl daemon-reload
systemctl start "run-nix\\x2dstore\\x2dview.mount"

for ((round = 1; round <= starts; round++)); do
  for count in "${counts[@]}"; do
    for kind in bound viewed; do
      # What the last one left is taken down meanwhile.
      sleep 0.2
      start=$EPOCHREALTIME
      systemctl start "$kind-$count.service"
      end=$EPOCHREALTIME
      awk "BEGIN { print 1000 * ($end - $start) }" >>"$kind-$count"
    done
  done
done
