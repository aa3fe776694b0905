#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the container that start.sh boots. Starts the services and writes the milliseconds that each
# start takes to /results/took-KIND-ROOT-MODE-COUNT, what files cost in a service to /results/cost-KIND, and what
# 50 services cost to /results/*-many.
set -eu
export LC_ALL=C
cd /results

# shellcheck source=/dev/null
. /parameters
package=$(head -n 1 /list)

# service NAME PROGRAM [ARGUMENT]: writes a unit that runs a program of the first package.
service() {
  mkdir -p "/etc/systemd/system/$1.service.d"
  cat >"/etc/systemd/system/$1.service" <<END
[Unit]
StartLimitIntervalSec=0
[Service]
Type=oneshot
ExecStart=$package/bin/$2 ${3-}
StandardOutput=append:/results/$1
END
}

# confine KIND NAME ROOT MODE COUNT: writes the drop-in for the first COUNT paths, and after it the settings of
# nix/confinement.nix for that root and mode.
confine() {
  local yes=yes options=(--store-view)
  if [ "$4" = chroot-only ]; then yes=no; fi
  if [ "$3" = read-only ]; then options=(--root); fi
  head -n "$5" /list |
    chroot-paths --store-paths - --service "$2.service" --drop-in --out /usr/local "${options[@]}"
  if [ "$1" = binds ]; then
    sed -i 's|^BindPaths=/run/readonly|BindReadOnlyPaths=|; /^RequiresMountsFor=/d' \
      "/usr/local/lib/systemd/system/$2.service.d/confinement.conf"
  fi
  {
    echo '[Service]'
    if [ "$3" = tmpfs ]; then printf '%s\n' RootDirectory=/var/empty TemporaryFileSystem=/; fi
    echo PrivateMounts=yes
    printf "%s=$yes\n" MountAPIVFS Private{Devices,Tmp,Users} Protect{ControlGroups,KernelModules,KernelTunables}
  } >"/etc/systemd/system/$2.service.d/later.conf"
}

# took FILE COMMAND...: adds the milliseconds of the command to FILE.
took() {
  local begin end
  # Meanwhile systemd cleans up after the last service.
  sleep 0.2
  begin=$EPOCHREALTIME
  "${@:2}"
  end=$EPOCHREALTIME
  awk "BEGIN { print 1000 * ($end - $begin) }" >>"took-$1"
}
memory() { sed -n 's|^VmRSS:[[:space:]]*||p' /proc/1/status >"memory-$1"; }

mkdir -p /var/empty
service unconfined nothing
service cost-unconfined access "$package/bin/nothing"
service cost-bound access "$package/bin/nothing"
confine view cost-bound read-only chroot-only 1000
for each in "${SERVICES[@]}"; do
  for kind in binds view; do
    service "$kind-${each// /-}" nothing
    # shellcheck disable=SC2086
    confine $kind "$kind-${each// /-}" $each
  done
done
many=()
for number in {1..50}; do
  many+=("many-$number")
  service "many-$number" nothing
  # Each counts as running until it is stopped.
  sed -i '/^Type=/aRemainAfterExit=yes' "/etc/systemd/system/many-$number.service"
  confine view "many-$number" read-only full-apivfs 300
done
systemctl daemon-reload

for ((round = 1; round <= STARTS; round++)); do
  took unconfined systemctl start unconfined
  for service in cost-unconfined cost-bound; do systemctl start $service; done
  for each in "${SERVICES[@]}"; do
    name=${each// /-} count=${each##* }
    # Slow starts are repeated less often.
    if ((count < 300 || round <= 3 && count < 1000 || round == 1)); then
      took "binds-$name" systemctl start "binds-$name"
    fi
    took "view-$name" systemctl start "view-$name"
  done
done

memory none
for round in 1 2 3; do
  took reload-none systemctl daemon-reload
  took many systemctl start "${many[@]}"
  memory many
  took reload-many systemctl daemon-reload
  systemctl stop "${many[@]}"
done
