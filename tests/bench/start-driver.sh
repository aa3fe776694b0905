#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the container that start.sh boots. Starts the services and writes the milliseconds that
# each start takes to /results/KIND-ROOT-COUNT.
set -eu
export LC_ALL=C
cd /results

read -r -a counts </counts
read -r -a roots </roots
starts=$(cat /starts)
mkdir -p /var/empty

# service NAME: writes a unit that does nothing.
service() {
  cat >"/etc/systemd/system/$1.service" <<END
[Unit]
StartLimitIntervalSec=0
[Service]
Type=oneshot
ExecStart=$(head -n 1 /list)/bin/nothing
END
}

# confine NAME ROOT OPTION...: writes the unit, and its drop-in for the closure on standard input.
confine() {
  service "$1"
  chroot-paths --store-paths - --service "$1.service" --drop-in --root "$2" --out /usr/local "${@:3}"
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

# Removes the store mount of NAME.
unmount() {
  systemctl stop "confinement-store@$1.target"
  while systemctl --quiet is-active "confinement-store@$1.service"; do sleep 0.01; done
}

service unconfined
for root in "${roots[@]}"; do
  for count in "${counts[@]}"; do
    name=$root-$count
    head -n "$count" /list | confine "binds-$name" "$root"
    head -n "$count" /list | confine "mount-$name" "$root" --store-mount "/run/confinement-store/mount-$name"
    head -n "$count" /list | while read -r path; do
      if [ -d "$path" ]; then echo "$path"; fi
    done | confine "directories-$name" "$root" --store-mount "/run/confinement-store/directories-$name"
  done
done
systemctl daemon-reload

# The kernel memory in use, in KiB
slab() { sed -n 's/^Slab: *\([0-9]*\) kB$/\1/p' /proc/meminfo; }

before=$(slab)
layers=0
for root in "${roots[@]}"; do
  for count in "${counts[@]}"; do
    systemctl start "directories-$root-$count.service"
    layers=$((layers + count))
  done
done
kib=$((1000 * ($(slab) - before) / layers))
{
  mounts=$(grep -c ' /run/confinement-store/directories-read-only-1000/' /proc/self/mountinfo)
  echo "A store mount of 1000 paths takes $mounts mounts on the host and one in each service, and some $kib KiB of memory."
} >layer
for root in "${roots[@]}"; do
  for count in "${counts[@]}"; do unmount "directories-$root-$count"; done
done

for ((round = 1; round <= starts; round++)); do
  start unconfined unconfined
  for root in "${roots[@]}"; do
    for count in "${counts[@]}"; do
      name=$root-$count
      # Slow starts are repeated less often.
      if ((count < 300 || round <= 5 && count < 1000 || round <= 3 && count < 3000 || round == 1)); then
        start "binds-$name" "binds-$name"
      fi
      # Each mount is removed soon, since it slows the start of every confined service.
      start "mount-$name" "first-$name"
      start "mount-$name" "mount-$name"
      unmount "mount-$name"
      systemctl start "directories-$name"
      start "directories-$name" "directories-$name"
      unmount "directories-$name"
    done
  done
done
