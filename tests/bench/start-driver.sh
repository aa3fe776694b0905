#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the container that start.sh boots. Starts the services and writes the milliseconds that
# each start takes to /results/KIND-ROOT-MODE-COUNT, and what files cost in a service to /results/cost-KIND.
set -eu
export LC_ALL=C
cd /results

read -r -a counts </counts
read -r -a roots </roots
read -r -a modes </modes
starts=$(cat /starts)
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

# confine NAME ROOT MODE COUNT [OPTION]: writes the drop-in for the first COUNT paths, and after it the settings
# of nix/settings.nix for that root and mode.
confine() {
  local yes=yes options=("${@:5}")
  if [ "$3" = chroot-only ]; then yes=no; fi
  if [ "$2" = read-only ]; then options+=(--root); fi
  head -n "$4" /list |
    chroot-paths --store-paths - --service "$1.service" --drop-in --out /usr/local "${options[@]}"
  {
    echo '[Service]'
    if [ "$2" = tmpfs ]; then printf '%s\n' RootDirectory=/var/empty TemporaryFileSystem=/; fi
    echo PrivateMounts=yes
    printf "%s=$yes\n" MountAPIVFS Private{Devices,Tmp,Users} Protect{ControlGroups,KernelModules,KernelTunables}
  } >"/etc/systemd/system/$1.service.d/later.conf"
}

# start NAME FILE: adds the milliseconds of a start to FILE.
start() {
  local begin end
  # Meanwhile systemd cleans up after the last service.
  sleep 0.2
  begin=$EPOCHREALTIME
  systemctl start "$1.service"
  end=$EPOCHREALTIME
  awk "BEGIN { print 1000 * ($end - $begin) }" >>"$2"
}

# As NixOS mounts it
mkdir -p /var/empty
mount --bind /nix/store /nix/store
mount -o remount,bind,ro,nosuid,nodev /nix/store

service unconfined nothing
service cost-unconfined access "$package/bin/nothing"
service cost-bound access "$package/bin/nothing"
confine cost-bound read-only chroot-only 1000 --read-only-store
for root in "${roots[@]}"; do
  for mode in "${modes[@]}"; do
    for count in "${counts[@]}"; do
      service "binds-$root-$mode-$count" nothing
      confine "binds-$root-$mode-$count" "$root" "$mode" "$count"
      service "fast-$root-$mode-$count" nothing
      confine "fast-$root-$mode-$count" "$root" "$mode" "$count" --read-only-store
    done
  done
done
systemctl daemon-reload

for ((round = 1; round <= starts; round++)); do
  start unconfined took-unconfined
  for service in cost-unconfined cost-bound; do systemctl start $service; done
  for root in "${roots[@]}"; do
    for mode in "${modes[@]}"; do
      for count in "${counts[@]}"; do
        name=$root-$mode-$count
        # Slow starts are repeated less often.
        if ((count < 300 || round <= 3 && count < 1000 || round == 1)); then
          start "binds-$name" "took-binds-$name"
        fi
        start "fast-$name" "took-fast-$name"
      done
    done
  done
done
