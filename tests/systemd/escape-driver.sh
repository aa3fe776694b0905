#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the booted container. Starts services with names of every kind, and services that try to
# leave their root directory. Writes what they say to /results, for escape.bats.

# shellcheck source=tests/systemd/common.bash
. /common.bash

# confined NAME SETTINGS COMMAND...: makes a service with the drop-in of the program.
confined() {
  service "$@"
  chroot-paths --store-paths /closure --service "$1.service" --drop-in --root --out /usr/local
}

# Starts all that are made, and writes how each ended to the file "results".
start_made() {
  local unit result
  systemctl daemon-reload
  for unit in "${made[@]}"; do
    result=success
    systemctl start -- "$unit" 2>>starts || result=failure
    echo "$unit $result" >>results
  done
  made=()
}

of_length() { printf 'x%.0s' $(seq "$1"); }

names() {
  local name
  for name in t@ l@; do confined $name '' "$APPLETS/bin/true"; done
  # The longest instance, and one that is too long
  made=({t@{'a\x2db',a:b,..,-a,a@b,'a\b'},l@{"$(of_length 189)","$(of_length 190)"}}.service)
  for name in 'a\x2db' 'a\b' a:b a..b -a a@b@c a.service '\x2da' : _ "$(of_length 191)" "t@$(of_length 189)"; do
    confined "$name" '' "$APPLETS/bin/true"
  done
}

# A user of the man page's settings, and the single settings that it names.
attacks() {
  local readme
  readme=$(cat /readme/settings)
  confined proc-root '' "$LOOK new-proc /proc"
  confined proc-user User=static-user "$LOOK new-proc /proc"
  confined proc-readme "$readme" "$LOOK new-proc /proc"
  confined proc-readme-root "$readme;DynamicUser=no" "$LOOK new-proc /proc"
  confined proc-namespaces RestrictNamespaces=yes "$LOOK new-proc /proc"
  confined proc-pid RestrictNamespaces=~pid "$LOOK new-proc /proc"
  confined proc-filter SystemCallFilter=~@mount "$LOOK new-proc /proc"
  confined proc-capabilities CapabilityBoundingSet= "$LOOK new-proc /proc"
  confined proc-privileges NoNewPrivileges=yes "$LOOK new-proc /proc"
  confined trace-user User=static-user "$LOOK trace any"
  confined trace-chroot-only "$CHROOT_ONLY;User=static-user" "$LOOK trace any"
  confined trace-readme "$readme;$CHROOT_ONLY;DynamicUser=no;User=static-user" "$LOOK trace any"
}

# What the man page says of PrivateUsers=no and of "+".
other_users() {
  local read="$APPLETS/bin/cat /proc/1/root/srv/host-file" value
  echo secret >/srv/host-file
  confined own-users '' "$read"
  confined no-users PrivateUsers=no "$read"
  confined no-users-namespaces "PrivateUsers=no;RestrictNamespaces=yes" "$read"
  confined no-users-filter "PrivateUsers=no;SystemCallFilter=~@mount" "$read"
  confined no-users-few "$(cat /readme/change-user)" "$read"
  for value in identity full; do confined users-$value PrivateUsers=$value "$read"; done
  confined user-no-users "PrivateUsers=no;User=static-user" "${read/proc\/1/proc\/$process}"
  confined user-own-users User=static-user "${read/proc\/1/proc\/$process}"
  confined plus '' "-$APPLETS/bin/touch /left" "+$APPLETS/bin/touch /left-by-plus"
}

# A link in the closure that leads out of the store
link() {
  mkdir -p /srv/of-the-host
  echo secret >/srv/of-the-host/file
  ln -s /srv/of-the-host /outside
  confined linked '' "$APPLETS/bin/cat /outside/file"
  { cat /closure; echo /outside; } |
    chroot-paths --store-paths - --service linked.service --drop-in --root --out /usr/local
}

# In the root directory, a mount point stays that was a file. Now a directory is to be bound there.
other_kind() {
  local kind
  mkdir -p /srv/directory
  echo >/srv/file
  for kind in file directory; do
    confined kind "BindReadOnlyPaths=/srv/$kind:/etc/thing" "$APPLETS/bin/ls -d /etc/thing"
    start_made
  done
  systemctl status kind >kind-status
  systemctl restart confinement-root@kind
  made=(kind.service)
  start_made
}

all() {
  names
  attacks
  other_users
  link
  start_made
  (cd /run/confinement-root/plus && find . -name 'left*' -printf '%P\n') >plus
  other_kind
}

cat /proc/sys/kernel/core_pattern >core-pattern
# A process of the same user, outside
setpriv --reuid=static-user --regid=static-user --clear-groups sleep 1000 &
process=$!
all >said 2>&1
kill $process
cat /proc/sys/kernel/core_pattern >>core-pattern
keep_journal
