#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the booted container, twice. Starts services on a store that is writable, and on one that
# the mount unit of the README makes read-only. Writes to /results what they and Nix say, for store.bats.
set -u
export LC_ALL=C
cd /results || exit

# shellcheck source=/dev/null
. /packages
LOOK=$PROBE/bin/probe
VIEWED='/bin /data /dev /etc /home /lib /nix /root /run /scratch /srv /tmp /usr /var'

systemctl() { command systemctl --no-pager --quiet "$@" </dev/null; }
tell_results() {
  for service in "$@"; do
    echo "$service $(systemctl show --property=Result --value "$service")"
  done >>results
}

# The settings of nix/settings.nix for root = "tmpfs" and mode = "chroot-only", each with a directory of its own:
# with some settings, systemd makes directories there instead of in the tmpfs.
tmpfs_root() {
  mkdir -p "/var/empty/$1"
  printf '%s\n' '[Service]' RootDirectory=/var/empty/%n TemporaryFileSystem=/ PrivateMounts=yes MountAPIVFS=no \
    PrivateDevices=no PrivateTmp=no PrivateUsers=no ProtectControlGroups=no ProtectKernelModules=no \
    ProtectKernelTunables=no >"/etc/systemd/system/$1.d/root.conf"
}

# service NAME SETTINGS COMMAND...: makes a service that runs each COMMAND. NAME is ROOT-WAY-REST. The semicolons
# between the SETTINGS become newlines. Their drop-in comes after that of the program.
service() {
  local unit=$1.service settings=$2 options=(--drop-in)
  local root=${1%%-*} way=${1#*-} closure=/closure
  if [[ $1 = *-gain ]]; then closure=/closure-planted; fi
  shift 2
  {
    printf '%s\n' '[Service]' Type=oneshot StandardOutput=append:/results/%N.out StandardError=inherit \
      SyslogIdentifier=%N
    printf 'ExecStart=%s\n' "$@"
  } >"/etc/systemd/system/$unit"
  mkdir -p "/etc/systemd/system/$unit.d"
  printf '%s\n' '[Service]' "${settings//;/$'\n'}" >"/etc/systemd/system/$unit.d/later.conf"
  if [ "$root" = tmpfs ]; then tmpfs_root "$unit"; else options+=(--root); fi
  if [ "${way%%-*}" = fast ]; then options+=(--read-only-store); fi
  chroot-paths --store-paths $closure --service "$unit" "${options[@]}" --out /usr/local
  echo "$unit" >>made
}

# Starts all services made since the last time.
start_made() {
  local made
  mapfile -t made <made
  rm made
  systemctl daemon-reload
  systemctl start "${made[@]}" 2>/dev/null
  tell_results "${made[@]}"
}

for_each_way() {
  local root way
  for root in full tmpfs; do
    for way in binds fast; do "$1" $root-$way; done
  done
}

prepare() {
  systemd-sysusers --inline 'u static-user - - /' 2>/dev/null
  mkdir -p /srv/data
  echo NAME=value | tee /srv/file >/srv/data/file
  cp "$PROBE/bin/attack" "$PLANTED/setuid"
  chmod 4755 "$PLANTED/setuid"
  cp "$PROBE/bin/attack" "$PLANTED/capable"
  chmod 755 "$PLANTED/capable"
  "$PROBE/bin/attack" endow "$PLANTED/capable"
  mknod -m 666 "$PLANTED/null" c 1 3
}

# gain ROOT-WAY: a user tries the files that are planted in the store.
gain() {
  service "$1-gain" User=static-user "$PLANTED/setuid gain" "$PLANTED/capable gain" \
    "$PROBE/bin/attack open $PLANTED/null"
}

# How the files planted in the store work without the mount, and a service that needs it.
on_a_writable_store() {
  service full-fast-asserted '' "$LOOK list /nix/store"
  gain tmpfs-binds
  start_made
  systemctl status full-fast-asserted >asserted-status
}

# The commands of the README, and what Nix can still do.
make_read_only() {
  cp /readme/unit /etc/systemd/system/nix-store.mount
  bash -eu /readme/enable
  grep ' /nix/store ' /proc/self/mounts >mounted
}

nix_works() {
  set -e
  expression="derivation { name = \"again\"; system = builtins.currentSystem; builder = \"$APPLETS/bin/sh\";
    args = [ \"-c\" \"$APPLETS/bin/mkdir \$out; echo \$out >\$out/itself\" ];
    applets = builtins.storePath $APPLETS; }"
  again=$(nix-build --no-out-link -E "$expression" 2>build.log)
  echo "built: $(cat "$again/itself")"
  echo text >/tmp/added
  echo "added: $(cat "$(nix-store --add /tmp/added)")"
  echo "$again" >/closure-again
  cat /closure >>/closure-again
  write_as_nix "$again/itself"
  service_of_again damaged
  nix-store --repair-path "$again" 2>repair.log
  service_of_again repaired
  nix-store --delete "$again" >delete.log 2>&1
  echo "deleted: $([ -e "$again" ] || echo yes)"
  echo "built anew: $(nix-build --no-out-link -E "$expression" 2>>build.log)"
  service_of_again rebuilt
  nix-store --gc >gc.log 2>&1
  echo "collected: $([ -e "$again" ] || echo yes)"
}

# Writes to a file of the store where only this process can, as Nix does.
write_as_nix() {
  unshare --mount -- sh -c 'mount -o remount,bind,rw /nix/store && chmod u+w "$1" && echo damaged >"$1"' - "$1"
}

# service_of_again NAME: prints what a service sees in the path that was built.
service_of_again() {
  if [ ! -e /etc/systemd/system/full-fast-again.service ]; then
    service full-fast-again '' "$APPLETS/bin/cat $again/itself"
    chroot-paths --store-paths /closure-again --service full-fast-again.service --drop-in --root \
      --read-only-store --out /usr/local
    rm made
    systemctl daemon-reload
  fi
  rm -f full-fast-again.out
  systemctl start full-fast-again || :
  echo "$1: $(cat full-fast-again.out)"
}

sweep() {
  local number=0 settings
  while IFS= read -r settings; do
    number=$((number + 1))
    settings=${settings//@PROBE@/$PROBE}
    settings=${settings//@LINKED@/$LINKED}
    settings=${settings//@UNRELATED@/$UNRELATED}
    swept() { service "$1-sweep-$number" "$settings" "$LOOK view $VIEWED"; }
    for_each_way swept
  done </settings
  sed 's/.service$//' made >swept
  start_made
  # Directories and credentials have the name of the service.
  while read -r service; do
    systemctl show --property=Result,ExecMainCode,ExecMainStatus "$service" >>"$service.out"
    sed -i "s/$service/NAME/" "$service.out"
  done <swept
}

own_binds() {
  bound() {
    service "$1-outside" "BindReadOnlyPaths=$UNRELATED" "$APPLETS/bin/cat $UNRELATED" "$LOOK list /nix/store"
    service "$1-writable" "BindPaths=$UNRELATED" "$APPLETS/bin/cat $UNRELATED" "$LOOK list /nix/store"
    service "$1-renamed" "BindReadOnlyPaths=$UNRELATED:/etc/other-name" "$APPLETS/bin/cat /etc/other-name" \
      "$LOOK list /nix/store"
    service "$1-store" "BindReadOnlyPaths=/nix/store;TemporaryFileSystem=" "$APPLETS/bin/cat $UNRELATED"
    service "$1-nix" "BindReadOnlyPaths=/nix/;TemporaryFileSystem=" "$APPLETS/bin/cat $UNRELATED"
  }
  for_each_way bound
  start_made
}

# Root and a user try to change the closure. What the settings name is not confined by the mount.
writes() {
  local number=0 settings
  while IFS= read -r settings; do
    number=$((number + 1))
    written() { service "$1-write-$number" "$settings" "$LOOK only-read /nix/store"; }
    for_each_way written
    service "full-fast-mounts-$number" "$settings" "$LOOK mounts /nix/store"
  done <<END

User=static-user
ProtectSystem=strict
ReadWritePaths=/nix/store
ReadWritePaths=-+/nix/store +$PROBE +$APPLETS +$LINKED
ProtectSystem=strict;ReadWritePaths=+/
BindPaths=/nix/store;TemporaryFileSystem=
BindPaths=$PROBE
END
  gain full-fast
  gain tmpfs-fast
  start_made
}

first_boot() {
  prepare
  on_a_writable_store
  make_read_only
  sweep
  own_binds
  writes
  (nix_works) >nix.said 2>&1
  service full-fast-after-boot '' "$LOOK list /nix/store"
  rm made
}

# The mount unit mounts at boot, and also for a service that is started without it.
second_boot() {
  grep ' /nix/store ' /proc/self/mounts >mounted-at-boot
  systemctl start full-fast-after-boot
  systemctl disable nix-store.mount
  systemctl stop nix-store.mount
  grep ' /nix/store ' /proc/self/mounts >mounted-after-stop
  systemctl start full-fast-after-boot
  tell_results full-fast-after-boot.service
}

if [ ! -e first-boot ]; then
  touch first-boot
  (first_boot) >first-boot 2>&1
  journalctl --no-pager --output=short-monotonic >journal
  exit 100
fi
(second_boot) >second-boot 2>&1
journalctl --no-pager --output=short-monotonic >>journal
