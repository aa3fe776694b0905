#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the booted container. Starts services with names of every kind, and services that try to
# leave their root directory. Writes what they say to /results, for escape.bats.
set -u
export LC_ALL=C
cd /results || exit

# shellcheck source=/dev/null
. /packages
ATTACK=$PROBE/bin/attack
CHROOT_ONLY='RootDirectory=/var/empty;TemporaryFileSystem=/;MountAPIVFS=no;PrivateUsers=no;PrivateTmp=no
PrivateDevices=no;ProtectControlGroups=no;ProtectKernelModules=no;ProtectKernelTunables=no;PrivateMounts=yes'

systemctl() { command systemctl --no-pager --quiet "$@" </dev/null; }

# unit NAME SETTINGS COMMAND...: writes the unit of a service that runs each COMMAND.
unit() {
  local name=$1 settings=$2
  shift 2
  {
    printf '%s\n' '[Service]' Type=oneshot StandardError=inherit "${settings//;/$'\n'}"
    printf 'ExecStart=%s\n' "$@"
  } >"/etc/systemd/system/$name"
}

confine() {
  chroot-paths --store-paths /closure --service "$1" --drop-in --root --out /usr/local
}

# run NAME: starts it, and writes how it ended to the file "results".
run() {
  local result=success
  systemctl start -- "$1" 2>>starts || result=failure
  echo "$1 $result" >>results
}

# names NAME [INSTANCE]...
names() {
  local name=$1
  shift
  unit "$name" '' "$APPLETS/bin/true"
  confine "$name" || return
  systemctl daemon-reload
  for name in "${@:-$name}"; do run "$name"; done
}

of_length() { printf 'x%.0s' $(seq "$1"); }

all_names() {
  local name
  for name in 'a\x2db' 'a\b' a:b a..b -a a@b@c a.service '\x2da' : _; do names "$name.service"; done
  names t@.service 't@a\x2db.service' t@a:b.service t@...service t@-a.service t@a@b.service 't@a\b.service'
  names "$(of_length 191).service"
  names "t@$(of_length 189).service"
  # The longest instance, and one that is too long.
  names l@.service "l@$(of_length 189).service" "l@$(of_length 190).service"
}

# Root writes to the directories that ProtectSystem=strict leaves writable.
strict() {
  local user
  for user in root static-user; do
    unit "strict-$user.service" "User=$user;ProtectSystem=strict;StandardOutput=truncate:/results/%N.out" \
      "-$APPLETS/bin/touch /root/left /home/left /left"
    confine "strict-$user.service"
    systemctl daemon-reload
    run "strict-$user.service"
    find /run/confinement-root/strict-$user -name left >>left
  done
}

# attack NAME SETTINGS COMMAND...: with --root, or with the settings of chroot-only.
attack() {
  local name=$1 settings=$2
  shift 2
  unit "$name.service" "StandardOutput=truncate:/results/%N.out" "$@"
  confine "$name.service"
  printf '%s\n' '[Service]' "${settings//;/$'\n'}" >"/usr/local/lib/systemd/system/$name.service.d/later.conf"
  systemctl daemon-reload
  run "$name.service"
}

# A user of the man page's settings, and the single settings that it names.
attacks() {
  local readme
  readme=$(cat /readme/settings)
  attack proc-root '' "$ATTACK new-proc /proc"
  attack proc-user User=static-user "$ATTACK new-proc /proc"
  attack proc-readme "$readme" "$ATTACK new-proc /proc"
  attack proc-readme-root "$readme;DynamicUser=no" "$ATTACK new-proc /proc"
  attack proc-namespaces RestrictNamespaces=yes "$ATTACK new-proc /proc"
  attack proc-pid RestrictNamespaces=~pid "$ATTACK new-proc /proc"
  attack proc-filter SystemCallFilter=~@mount "$ATTACK new-proc /proc"
  attack proc-capabilities CapabilityBoundingSet= "$ATTACK new-proc /proc"
  attack proc-privileges NoNewPrivileges=yes "$ATTACK new-proc /proc"
  setpriv --reuid=static-user --regid=static-user --clear-groups sleep 1000 &
  attack trace-user User=static-user "$ATTACK trace"
  attack trace-chroot-only "$CHROOT_ONLY;User=static-user" "$ATTACK trace"
  attack trace-readme "$readme;$CHROOT_ONLY;DynamicUser=no;User=static-user" "$ATTACK trace"
  kill %1
}

# What the man page says of PrivateUsers=no and of "+".
other_users() {
  local read="$APPLETS/bin/cat /proc/1/root/srv/host-file" process
  echo secret >/srv/host-file
  attack own-users '' "$read"
  attack no-users PrivateUsers=no "$read"
  attack no-users-namespaces "PrivateUsers=no;RestrictNamespaces=yes" "$read"
  attack no-users-filter "PrivateUsers=no;SystemCallFilter=~@mount" "$read"
  attack no-users-few "$(cat /readme/change-user)" "$read"
  for value in identity full; do attack users-$value PrivateUsers=$value "$read"; done
  setpriv --reuid=static-user --regid=static-user --clear-groups sleep 1000 &
  process=$!
  attack user-no-users "PrivateUsers=no;User=static-user" "$APPLETS/bin/cat /proc/$process/root/srv/host-file"
  attack user-own-users User=static-user "$APPLETS/bin/cat /proc/$process/root/srv/host-file"
  kill $process
  attack plus '' "-$APPLETS/bin/touch /left" "+$APPLETS/bin/touch /left-by-plus"
  (cd /run/confinement-root/plus && find . -name 'left*' -printf '%P\n') >plus
}

# A link in the closure that leads out of the store
link() {
  mkdir -p /srv/of-the-host
  echo secret >/srv/of-the-host/file
  ln -s /srv/of-the-host /outside
  cp /closure /closure-linked
  echo /outside >>/closure-linked
  unit linked.service StandardOutput=truncate:/results/%N.out "$APPLETS/bin/cat /outside/file"
  chroot-paths --store-paths /closure-linked --service linked.service --drop-in --root --out /usr/local
  systemctl daemon-reload
  run linked.service
}

# In the root directory, a mount point stays that was a file. Now a directory is to be bound there.
other_kind() {
  local kind
  mkdir -p /srv/directory
  echo >/srv/file
  for kind in file directory; do
    attack kind "BindReadOnlyPaths=/srv/$kind:/etc/thing" "$APPLETS/bin/ls -d /etc/thing"
  done
  systemctl status kind >kind-status
  systemctl restart confinement-root@kind
  sed -i 's/^kind/again/' results
  run kind.service
}

systemd-sysusers --inline 'u static-user - - /' 2>/dev/null
mkdir -p /var/empty
cat /proc/sys/kernel/core_pattern >core-pattern
for part in all_names strict attacks other_users link other_kind; do
  ($part) >$part.said 2>&1
done
cat /proc/sys/kernel/core_pattern >>core-pattern
journalctl --no-pager --output=short-monotonic >journal
