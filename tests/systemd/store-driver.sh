#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the booted container, twice. Starts services that are bound from the view of the store, and
# the same with BindReadOnlyPaths=, on a store that is writable and on one that is mounted read-only. Writes to
# /results what they and Nix say, for store.bats.
set -u
export LC_ALL=C
cd /results || exit

# shellcheck source=/dev/null
. /packages
LOOK=$PROBE/bin/probe
VIEW=run-readonly-nix-store.mount
VIEWED='/bin /data /dev /etc /home /lib /nix /root /run /scratch /srv /tmp /usr /var'

systemctl() { command systemctl --no-pager --quiet "$@" </dev/null; }
tell_results() {
  for service in "$@"; do
    echo "$service $(systemctl show --property=Result --value "$service")"
  done >>results
}
# until_so COMMAND...: waits until it succeeds.
until_so() {
  for _ in {1..600}; do
    if "$@"; then return; fi
    sleep 0.05
  done
  return 1
}

# The settings of nix/confinement.nix for root = "tmpfs" and mode = "chroot-only", each with a directory of its own:
# with some settings, systemd makes directories there instead of in the tmpfs.
tmpfs_root() {
  mkdir -p "/var/empty/$1"
  printf '%s\n' '[Service]' RootDirectory=/var/empty/%n TemporaryFileSystem=/ PrivateMounts=yes MountAPIVFS=no \
    PrivateDevices=no PrivateTmp=no PrivateUsers=no ProtectControlGroups=no ProtectKernelModules=no \
    ProtectKernelTunables=no >"/etc/systemd/system/$1.d/root.conf"
}

# drop_in UNIT OPTION...: runs the program. --root alone would bind from the view.
drop_in() {
  local options=()
  case $1 in
    tmpfs-view-*) options=(--store-view) ;;
    full-*) options=(--root) ;;
  esac
  chroot-paths --service "$1" --drop-in "${options[@]}" "${@:2}"
}

# bind UNIT CLOSURE: writes the drop-in of the program.
bind() {
  drop_in "$1" --store-paths "$2" --out /usr/local
  if [[ $1 = full-binds-* ]]; then
    sed -i 's|^BindPaths=/run/readonly|BindReadOnlyPaths=|; /^RequiresMountsFor=/d' \
      "/usr/local/lib/systemd/system/$1.d/confinement.conf"
  fi
}

# judge UNIT: writes to the file "refused" what the program says of the unit, if it refuses it.
judge() {
  local why
  why=$(cat "/etc/systemd/system/$1" "/etc/systemd/system/$1.d"/*.conf |
    drop_in "$1" --store-paths /closure --unit - --out /tmp/judged 2>&1) || echo "$1 $why" >>refused
}

# service NAME SETTINGS COMMAND...: makes a service that runs each COMMAND. NAME is ROOT-WAY-REST. The semicolons
# between the SETTINGS become newlines. Their drop-in comes after that of the program.
service() {
  local unit=$1.service settings=$2 closure=/closure
  if [[ $1 = *-gain ]]; then closure=/closure-planted; fi
  shift 2
  {
    printf '%s\n' '[Service]' Type=oneshot StandardOutput=append:/results/%N.out StandardError=inherit \
      SyslogIdentifier=%N
    printf 'ExecStart=%s\n' "$@"
  } >"/etc/systemd/system/$unit"
  mkdir -p "/etc/systemd/system/$unit.d"
  printf '%s\n' '[Service]' "${settings//;/$'\n'}" >"/etc/systemd/system/$unit.d/later.conf"
  if [[ $unit = tmpfs-* ]]; then tmpfs_root "$unit"; fi
  bind "$unit" $closure
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
    for way in binds view; do "$1" $root-$way; done
  done
}

prepare() {
  systemd-sysusers --inline 'u static-user - - /' 2>/dev/null
  for place in /etc /home /root /usr; do echo secret >$place/of-the-host; done
  mkdir -p /srv/data /srv/extension/usr/lib/extension-release.d
  echo ID=_any >/srv/extension/usr/lib/extension-release.d/extension-release.extension
  echo NAME=value | tee /srv/file >/srv/data/file
  unshare --user --map-root-user sleep infinity &
  ln -s /proc/$!/ns/user /run/user-namespace
  cp "$PROBE/bin/attack" "$PLANTED/setuid"
  chmod 4755 "$PLANTED/setuid"
  cp "$PROBE/bin/attack" "$PLANTED/capable"
  chmod 755 "$PLANTED/capable"
  "$PROBE/bin/attack" endow "$PLANTED/capable"
  mknod -m 666 "$PLANTED/null" c 1 3
}

# look_around STORE PATTERN: starts the services of the sweep with such names, and gathers what those of each way
# say in the file ROOT-WAY-STORE, below their settings.
look_around() {
  local services ends number way
  mapfile -t services < <(grep -x -e "$2" swept)
  # systemctl 262 starts none if it cannot load one.
  printf '%s\n' "${services[@]}" | xargs -P 8 -n 2 systemctl --quiet start 2>/dev/null
  mapfile -t ends < <({ systemctl show --property=Result,ExecMainCode,ExecMainStatus "${services[@]}"; echo; } |
    paste -d ' ' - - - -)
  for number in "${!services[@]}"; do
    way=${services[number]%.service}
    {
      echo "== ${ends[number]}with $(grep . "/etc/systemd/system/$way.service.d/later.conf" | tail -n +2 | paste -s -d ';')"
      # Directories and credentials have the name of the service. The journal makes files of its own at any time.
      sed "s/$way/NAME/; /^view .run.systemd.journal/d" "$way.out"
    } >>"${way%-sweep-*}-$1"
    rm -f "$way.out"
  done
}

sweep() {
  local number=0 settings unit why
  while IFS= read -r settings; do
    number=$((number + 1))
    settings=${settings//@PROBE@/$PROBE}
    settings=${settings//@LINKED@/$LINKED}
    settings=${settings//@UNRELATED@/$UNRELATED}
    swept() {
      service "$1-sweep-$number" "$settings" "$LOOK view $VIEWED"
      if [[ $1 = *-view ]]; then judge "$1-sweep-$number.service"; fi
    }
    for_each_way swept
  done </settings
  mv made swept
  systemctl daemon-reload
  look_around writable '.*'
  touch refused
  while read -r unit why; do
    echo "$(systemctl show --property=Result --value "$unit"): $unit: $why"
  done <refused >judged
  find /tmp/judged -name '*.conf' | wc -l >accepted
}

# The binds that a service has itself, before those of the program and after them.
own_binds() {
  bound() {
    service "$1-outside" "BindReadOnlyPaths=$UNRELATED" "$APPLETS/bin/cat $UNRELATED" "$LOOK list /nix/store"
    service "$1-writable" "BindPaths=$UNRELATED" "$APPLETS/bin/cat $UNRELATED" "$LOOK list /nix/store"
    service "$1-renamed" "BindReadOnlyPaths=$UNRELATED:/etc/other-name" "$APPLETS/bin/cat /etc/other-name" \
      "$LOOK list /nix/store"
    service "$1-store" "BindReadOnlyPaths=/nix/store;TemporaryFileSystem=" "$APPLETS/bin/cat $UNRELATED"
    service "$1-nix" "BindReadOnlyPaths=/nix/;TemporaryFileSystem=" "$APPLETS/bin/cat $UNRELATED"
    # So many that the order shows in which systemd sorts them
    service "$1-first" "$(printf 'BindPaths=/srv/file:/data/%s;' {1..200})" "$LOOK list $LINK"
    echo "BindReadOnlyPaths=/srv/data:$LINK" >>"/etc/systemd/system/$1-first.service"
    service "$1-later" "BindReadOnlyPaths=/srv/data:$LINK" "$LOOK list $LINK"
  }
  for_each_way bound
  start_made
}

# Root and a user try to change the closure. What the settings name is not confined by the mount. The last ones
# give root its mount namespace, with systemd 262.
writes() {
  local number=0 settings
  while IFS= read -r settings; do
    number=$((number + 1))
    written() { service "$1-write-$number" "$settings" "$LOOK only-read /nix/store"; }
    for_each_way written
    service "full-view-mounts-$number" "$settings" "$LOOK mounts /nix/store"
  done <<END

User=static-user
ProtectSystem=strict
ReadWritePaths=/nix/store
ReadWritePaths=-+/nix/store +$PROBE +$APPLETS +$LINKED
ProtectSystem=strict;ReadWritePaths=+/
BindPaths=$PROBE
DelegateNamespaces=yes
DelegateNamespaces=mnt
DelegateNamespaces=net
DelegateNamespaces=pid
END
  # A user tries the files that are planted in the store.
  for way in tmpfs-binds tmpfs-view full-view; do
    service "$way-gain" User=static-user "$PLANTED/setuid gain" "$PLANTED/capable gain" \
      "$PROBE/bin/attack open $PLANTED/null"
  done
  start_made
}

# Root looks whether it can write, at the start and when it reloads, while the host does what it can to the
# mounts, and each main process is killed.
lasting() {
  local before what
  service full-view-lasting "[Unit];StartLimitIntervalSec=0;[Service];Type=exec;Restart=always;
    ExecReload=$LOOK only-read /nix/store" \
    "$APPLETS/bin/sh -c '$LOOK only-read /nix/store && exec $APPLETS/bin/sleep 1000'"
  rm made
  systemctl daemon-reload
  # systemctl freezes over the bus.
  systemctl start dbus full-view-lasting
  for what in 'mount -o remount,bind,rw /nix/store' 'mount --bind /nix/store /nix/store' \
    'umount /run/readonly/nix/store' 'umount /nix/store' 'systemctl daemon-reexec' \
    'systemctl freeze full-view-lasting' 'systemctl thaw full-view-lasting'; do
    $what || echo "failed: $what" >>full-view-lasting.out
    if [[ $what = *freeze* ]]; then continue; fi
    systemctl reload full-view-lasting
    before=$(wc -l <full-view-lasting.out)
    systemctl kill --signal=KILL full-view-lasting
    more() { [ "$(wc -l <full-view-lasting.out)" -gt "$before" ]; }
    until_so more
  done
  tell_results full-view-lasting.service
}

# The mount unit is stopped, and then there is none.
without_the_view() {
  missed() { service "$1-missed" '' "$LOOK list /nix/store"; }
  missed full-view
  missed tmpfs-view
  rm made
  systemctl stop $VIEW
  echo "stopped: $(systemctl show --property=ActiveState --value full-view-lasting)"
  mv /usr/local/lib/systemd/system/$VIEW /tmp
  systemctl daemon-reload
  systemctl start {full,tmpfs}-view-missed full-view-lasting
  systemctl show --property=ExecMainStatus --value {full,tmpfs}-view-missed
  systemctl stop full-view-lasting
  mv /tmp/$VIEW /usr/local/lib/systemd/system
  systemctl daemon-reload
}

# Services that something else starts, and that tell systemd when they have started.
started_otherwise() {
  local root
  for root in full tmpfs; do
    service $root-view-socket '' "$APPLETS/bin/sh -c 'read line <&3; echo \$\$line; exec $LOOK list /nix/store'"
    printf '%s\n' '[Socket]' ListenFIFO=/run/$root-fifo >/etc/systemd/system/$root-view-socket.socket
    service $root-view-timer '' "$LOOK list /nix/store"
    printf '%s\n' '[Timer]' OnActiveSec=0 AccuracySec=1us >/etc/systemd/system/$root-view-timer.timer
    service $root-view-notify 'Type=notify;NotifyAccess=all;BindReadOnlyPaths=/usr /lib -/lib64 -/run/systemd/notify' \
      "/usr/bin/sh -c '$LOOK list /nix/store; /usr/bin/systemd-notify --ready && exec $APPLETS/bin/sleep 1000'"
    service $root-view-early '[Unit];DefaultDependencies=no;Before=sysinit.target' "$LOOK list /nix/store"
    printf '%s\n' '[Install]' WantedBy=sysinit.target >>/etc/systemd/system/$root-view-early.service
  done
  rm made
  systemctl daemon-reload
  systemctl enable {full,tmpfs}-view-early
  systemctl start {full,tmpfs}-view-{socket.socket,timer.timer,notify.service}
  for root in full tmpfs; do
    echo called >/run/$root-fifo
    until_so [ -s $root-view-socket.out ]
    until_so [ -s $root-view-timer.out ]
  done
  for root in full tmpfs; do tell_results $root-view-{socket,timer,notify}.service; done
}

nix_works() {
  set -e
  expression="derivation { name = \"again\"; system = builtins.currentSystem; builder = \"$APPLETS/bin/sh\";
    args = [ \"-c\" \"$APPLETS/bin/mkdir \$out; echo \$out >\$out/itself; $APPLETS/bin/cp \$out/itself \$out/twin\" ];
    applets = builtins.storePath $APPLETS; }"
  again=$(nix-build --no-out-link -E "$expression" 2>build.log)
  echo "built: $(cat "$again/itself")"
  echo text >/tmp/added
  echo "added: $(cat "$(nix-store --add /tmp/added)")"
  { echo "$again"; cat /closure; } >/closure-again
  service full-view-again '' "$APPLETS/bin/cat $again/itself"
  bind full-view-again.service /closure-again
  rm made
  systemctl daemon-reload
  write_as_nix "$again/itself"
  now damaged
  nix-store --repair-path "$again" 2>repair.log
  now repaired
  nix-store --optimise 2>optimise.log
  now "optimised, $(stat -c %h "$again/itself") links"
  nix-store --delete "$again" >delete.log 2>&1
  echo "deleted: $([ -e "$again" ] || echo yes)"
  echo "built anew: $(nix-build --no-out-link -E "$expression" 2>>build.log)"
  now rebuilt
  nix-store --gc >gc.log 2>&1
  echo "collected: $([ -e "$again" ] || echo yes)"
}

# Writes to a file of the store where only this process can, as Nix does on a read-only one.
write_as_nix() {
  unshare --mount -- sh -c '
    mount -o remount,bind,rw /nix/store 2>/dev/null
    chmod u+w "$1" && echo damaged >"$1"' - "$1"
}

# now WHAT: prints what a service sees in the path that was built.
now() {
  rm -f full-view-again.out
  systemctl start full-view-again || :
  echo "$1: $(cat full-view-again.out)"
}

first_boot() {
  prepare
  sweep
  own_binds
  writes
  started_otherwise
  systemctl stop $VIEW
  # As NixOS mounts it
  mount --bind /nix/store /nix/store
  mount -o remount,bind,ro,nosuid,nodev /nix/store
  look_around read-only '.*-view-.*'
  (nix_works) >nix-read-only 2>&1
  lasting
  without_the_view >without
  # The host has made its store writable again.
  (nix_works) >nix-writable 2>&1
  service full-view-after-boot '' "$LOOK list /nix/store"
  rm made
}

second_boot() {
  systemctl start full-view-after-boot
  tell_results full-view-after-boot.service {full,tmpfs}-view-early.service
}

# In a container of another kind
if [ -e /elsewhere ]; then
  for service in full-view-{User=root,User=daemon,DynamicUser=yes} tmpfs-view-User=root; do
    service "${service/=/-}" "${service##*-}" "$LOOK list /nix/store" "$LOOK only-read /nix/store"
  done
  start_made
  journalctl --no-pager --output=short-monotonic >journal
  exit
fi
if [ ! -e first-boot ]; then
  touch first-boot
  (first_boot) >first-boot 2>&1
  journalctl --no-pager --output=short-monotonic >journal
  exit 100
fi
(second_boot) >second-boot 2>&1
journalctl --no-pager --output=short-monotonic >>journal
