#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the booted container, twice. Starts services that are bound from the view of the store, and
# the same with BindReadOnlyPaths=, on a store that is writable and on one that is mounted read-only. Writes to
# /results what they and Nix say, for store.bats.

# shellcheck source=tests/systemd/common.bash
. /common.bash
VIEW=run-readonly-nix-store.mount
VIEWED='/bin /data /dev /etc /home /lib /nix /root /run /scratch /srv /tmp /usr /var'
mapfile -t SETTINGS </settings

# bind NAME CLOSURE: writes the drop-in of the program for a service. --root alone would bind from the view.
bind() {
  local options=()
  case $1 in
    tmpfs-view*) options=(--store-view) ;;
    full-*) options=(--root) ;;
  esac
  chroot-paths --service "$1.service" --drop-in "${options[@]}" --store-paths "$2" --out /usr/local
}

# Makes the drop-ins of all services. Their names start with ROOT-WAY.
bind_all() {
  local way
  for way in {full,tmpfs}-{binds,view}; do
    bind "$way" /closure
    mv "$OURS/$way.service.d" "$OURS/$way-.service.d"
  done
  sed -i 's|^BindPaths=/run/readonly|BindReadOnlyPaths=|; /^RequiresMountsFor=/d' \
    "$OURS/full-binds-.service.d/confinement.conf"
  mkdir "$OURS/tmpfs-.service.d"
  printf '%s\n' '[Service]' "${CHROOT_ONLY//;/$'\n'}" >"$OURS/tmpfs-.service.d/root.conf"
}

# Calls the function for each kind of binds that the program writes for each root.
for_each_way() {
  local way
  for way in full-view tmpfs-{binds,view}; do "$1" "$way"; done
}

prepare() {
  for place in /etc /home /root /usr; do echo secret >$place/of-the-host; done
  mkdir -p /srv/data /srv/extension/usr/lib/extension-release.d
  echo ID=_any >/srv/extension/usr/lib/extension-release.d/extension-release.extension
  echo NAME=value | tee /srv/file >/srv/data/file
  unshare --user --map-root-user sleep infinity &
  ln -s /proc/$!/ns/user /run/user-namespace
  cp "$LOOK" "$PLANTED/setuid"
  chmod 4755 "$PLANTED/setuid"
  cp "$LOOK" "$PLANTED/capable"
  chmod 755 "$PLANTED/capable"
  "$LOOK" endow "$PLANTED/capable"
  mknod -m 666 "$PLANTED/null" c 1 3
}

# judge NAME: adds to the file "refused" what the program says of the unit, if it refuses it.
judge() {
  local unit=/etc/systemd/system/$1.service
  cat "$unit" "$unit.d/later.conf" |
    chroot-paths --service "$1.service" --drop-in --root --store-paths /closure --unit - --out /tmp/judged \
      2>>refused
}

# Makes the services of the sweep: each setting with both roots, or with one of them, in turn.
make_sweep() {
  local number part roots root way
  part=$(</part)
  for number in "${!SETTINGS[@]}"; do
    roots=(full tmpfs)
    if [ "$part" != all ]; then roots=("${roots[(number + part) % 2]}"); fi
    for root in "${roots[@]}"; do
      for way in binds view; do
        service "$root-$way-sweep-$number" "${SETTINGS[number]}" "$LOOK view $VIEWED"
      done
      if [ "$root" = full ]; then judge "full-view-sweep-$number"; fi
    done
  done
}

# look_around STORE SERVICE...: starts these of the sweep, and gathers what those of each way say in the file
# ROOT-WAY-STORE, below their settings.
look_around() {
  local store=$1 ends index=0 service name said
  shift
  printf '%s\n' '[Unit]' "Wants=$*" "After=$*" >"/etc/systemd/system/$store.target"
  systemctl daemon-reload
  systemctl start "$store.target"
  mapfile -t ends < <({ systemctl show --property=Result,ExecMainCode,ExecMainStatus "$@"; echo; } |
    paste -d ' ' - - - -)
  # systemd forgets these services, which it would read again each time.
  systemctl stop "$store.target"
  for service in "$@"; do
    name=${service%.service}
    said=$(<"$name.out")
    # Directories and credentials have the name of the service.
    printf '%s\n' "== ${ends[index++]}with ${SETTINGS[${name##*-}]}" "${said//$name/NAME}" >>"${name%-sweep-*}-$store"
  done
  rm -f ./*-sweep-*.out
}

# The binds that a service has itself, before those of the program and after them.
own_binds() {
  bound() {
    service "$1-own" "BindPaths=$UNRELATED" "$APPLETS/bin/cat $UNRELATED" "$LOOK list /nix/store"
    service "$1-renamed" "BindReadOnlyPaths=$UNRELATED:/etc/other-name" "$APPLETS/bin/cat /etc/other-name" \
      "$LOOK list /nix/store"
    service "$1-store" "BindReadOnlyPaths=/nix/store;TemporaryFileSystem=" "$APPLETS/bin/cat $UNRELATED"
    service "$1-nix" "BindReadOnlyPaths=/nix/;TemporaryFileSystem=" "$APPLETS/bin/cat $UNRELATED"
    # So many that the order shows in which systemd sorts them
    service "$1-first" "$(printf 'BindPaths=/srv/file:/data/%s;' {1..200})" "$LOOK list $LINK"
    printf '%s\n' '[Service]' "BindReadOnlyPaths=/srv/data:$LINK" >"/etc/systemd/system/$1-first.service.d/a.conf"
    service "$1-later" "BindReadOnlyPaths=/srv/data:$LINK" "$LOOK list $LINK"
  }
  for_each_way bound
}

# Root and a user try to change the closure. What the settings name is not confined by the mount. The last ones
# give root its mount namespace, with systemd 262.
writes() {
  local number=0 settings way
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
  service full-view-all-capabilities PrivateUsers=no "$LOOK mounts /nix/store"
  # A user tries the files that are planted in the store.
  for way in tmpfs-binds tmpfs-view full-view; do
    service "$way-gain" User=static-user "$PLANTED/setuid gain any" "$PLANTED/capable gain any" \
      "$LOOK open $PLANTED/null"
    bind "$way-gain" /closure-planted
  done
}

# Root looks whether it can write, at the start and when it reloads, while the host does what it can to the
# mounts, and each main process is killed.
lasting() {
  local before what
  service full-view-lasting "[Unit];StartLimitIntervalSec=0;[Service];Type=exec;Restart=always;
    ExecReload=$LOOK only-read /nix/store" \
    "$APPLETS/bin/sh -c '$LOOK only-read /nix/store && exec $APPLETS/bin/sleep 1000'"
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
  local service
  for service in {full,tmpfs}-view-missed; do service "$service" '' "$LOOK list /nix/store"; done
  systemctl stop $VIEW
  echo "stopped: $(systemctl show --property=ActiveState --value full-view-lasting)"
  mv "$OURS/$VIEW" /tmp
  systemctl daemon-reload
  systemctl start {full,tmpfs}-view-missed full-view-lasting
  systemctl show --property=ExecMainStatus --value {full,tmpfs}-view-missed
  systemctl stop full-view-lasting
  mv /tmp/$VIEW "$OURS"
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
  systemctl daemon-reload
  systemctl enable {full,tmpfs}-view-early
  systemctl start {full,tmpfs}-view-{socket.socket,timer.timer,notify.service}
  for root in full tmpfs; do
    echo called >/run/$root-fifo
    until_so [ -s $root-view-socket.out ]
    until_so [ -s $root-view-timer.out ]
  done
  tell_results {full,tmpfs}-view-{socket,timer,notify}.service
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
  bind full-view-again /closure-again
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
  local views
  prepare
  bind_all
  make_sweep
  look_around writable "${made[@]}"
  mapfile -t views < <(printf '%s\n' "${made[@]}" | grep -e -view-)
  made=()
  own_binds
  writes
  systemctl daemon-reload
  systemctl start "${made[@]}" 2>/dev/null
  tell_results "${made[@]}"
  started_otherwise
  systemctl stop $VIEW
  # As NixOS mounts it
  mount --bind /nix/store /nix/store
  mount -o remount,bind,ro,nosuid,nodev /nix/store
  look_around read-only "${views[@]}"
  (nix_works) >nix-read-only 2>&1
  lasting
  without_the_view >without
  # The host has made its store writable again.
  (nix_works) >nix-writable 2>&1
  service full-view-after-boot '' "$LOOK list /nix/store"
}

second_boot() {
  systemctl start full-view-after-boot
  tell_results full-view-after-boot.service {full,tmpfs}-view-early.service
}

# In a container of another kind
elsewhere() {
  local service
  bind_all
  for service in full-view-{User=root,User=daemon,DynamicUser=yes} tmpfs-view-User=root; do
    service "${service/=/-}" "${service##*-}" "$LOOK list /nix/store" "$LOOK only-read /nix/store"
  done
  systemctl daemon-reload
  systemctl start "${made[@]}"
  tell_results "${made[@]}"
}

part=second_boot
if [ -e /elsewhere ]; then
  part=elsewhere
elif [ ! -e first_boot ]; then
  part=first_boot
fi
$part >$part 2>&1
keep_journal
if [ $part = first_boot ]; then exit 100; fi
