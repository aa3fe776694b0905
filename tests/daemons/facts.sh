# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What chroot-paths-confinement(7) says besides. A fact is a function that starts services with a few programs in
# their closure.

tools=$(grep -- '-tools$' /programs/1)

# service NAME LINE...: confines a service with these settings, and starts it.
service() {
  local name=$1
  shift
  printf '%s\n' '[Service]' "$@" >"/etc/systemd/system/$name.service"
  nix-store -qR "$tools" | chroot-paths --store-paths - --service "$name.service" --drop-in --root \
    --bin-sh "$tools/bin/sh" --out /usr/local
  systemctl daemon-reload
  systemctl start "$name.service"
}
# fails STATUS NAME LINE...: it does not start, with this exit status of systemd.exec(5).
fails() {
  if service "${@:2}"; then echo "$2 starts"; return 1; fi
  [ "$(systemctl show --property=ExecMainStatus --value "$2")" = "$1" ] || { systemctl status "$2"; return 1; }
}
once() { service "$1" Type=oneshot "${@:2}" && judged "$1" "$tools"; }
stays() { service "$1" Type=exec "ExecStart=$tools/bin/sleep infinity" "${@:2}"; }
inside() { echo "/proc/$(main_pid "$1")/root"; }

fact_every_command_runs_inside() {
  stays reloads 'ExecReload=+/bin/kill -HUP $MAINPID' || return
  ! systemctl reload reloads
}

fact_causes_of_226() {
  local id="ExecStart=$tools/bin/id"
  fails 226 writes Type=oneshot "$id" ReadWritePaths=+/var/lib/nothing &&
    once may-write "$id" ReadWritePaths=-+/var/lib/nothing &&
    once kind "$id" BindReadOnlyPaths=/etc/passwd:/etc/thing &&
    fails 226 kind Type=oneshot "$id" BindReadOnlyPaths=/etc:/etc/thing &&
    systemctl restart confinement-root@kind && systemctl start kind &&
    rm -rf /run/confinement-root/kind &&
    fails 226 kind Type=oneshot "$id" &&
    systemctl restart confinement-root@kind && systemctl start kind
}

fact_a_bound_file_is_that_of_the_start() {
  stays renamed BindReadOnlyPaths=/etc/passwd && useradd newcomer || return
  if grep newcomer "$(inside renamed)/etc/passwd"; then echo 'it sees the new file'; return 1; fi
  systemctl restart renamed && grep newcomer "$(inside renamed)/etc/passwd"
}

# The directory of a socket is a new one after a restart of its service.
fact_socket_of_a_restarted_service() {
  stays keeps RuntimeDirectory=keeps RuntimeDirectoryPreserve=restart && stays serves RuntimeDirectory=serves &&
    stays asks-both BindPaths=/run/keeps BindPaths=/run/serves || return
  printf '%s\n' '[Unit]' After=serves.service PartOf=serves.service >/run/part-of
  stays asks-too BindPaths=/run/serves && command systemctl edit --stdin asks-too </run/part-of || return
  systemctl restart keeps serves && touch /run/keeps/socket /run/serves/socket &&
    [ -e "$(inside asks-both)/run/keeps/socket" ] && [ ! -e "$(inside asks-both)/run/serves/socket" ] &&
    wait_until eval '[ -e "$(inside asks-too)/run/serves/socket" ]'
}

fact_where_settings_belong() {
  local users
  users() { [ "$(systemctl show --property=PrivateUsers --value settings)" = "$1" ]; }
  stays settings && mkdir -p /etc/systemd/system/settings.service.d || return
  printf '[Service]\nPrivateUsers=no\n' >/etc/systemd/system/settings.service.d/a.conf
  systemctl daemon-reload && users yes || return
  printf '[Service]\nPrivateUsers=no\n' | command systemctl edit --stdin settings.service && users no &&
    systemctl revert settings.service && users yes &&
    [ "$(systemctl show --property=RootDirectory --value settings)" = /run/confinement-root/settings ]
}

fact_all_homes_are_read_only() {
  local write="ExecStart=/bin/sh -c 'echo >/home/tester/file'"
  if once homes User=tester BindPaths=/home "$write"; then echo 'it can write'; return 1; fi
  once home User=tester BindPaths=/home/tester "$write"
}

# A path without "+" is that of the host, so the setting has no effect; with it, it has none on what is mounted below.
fact_hardening_without_effect() {
  local bind=BindPaths=/var/lib/hard both="ExecStart=/bin/sh -c '/var/lib/hard/true && echo >/var/lib/hard/file'"
  install -D /bin/busybox /var/lib/hard/true
  once no-effect $bind NoExecPaths=/ ReadOnlyPaths=/var/lib InaccessiblePaths=/etc "$both" &&
    once none-below $bind NoExecPaths=+/ ReadOnlyPaths=+/var/lib "$both" &&
    fails 126 no-exec Type=oneshot $bind NoExecPaths=+/var/lib/hard "$both" &&
    fails 2 no-write Type=oneshot $bind ReadOnlyPaths=+/var/lib/hard "$both" &&
    fails 226 no-store Type=oneshot $bind NoExecPaths=+/ ExecPaths=+/nix/store "$both"
}

# The owner and mode of a directory that exists: BindPaths= leaves them, StateDirectory= does not.
fact_owners_of_a_directory() {
  install -d -m 2750 -o www-data -g adm /var/lib/owned{,/below}
  once binds "$(cures owned 'keep its data in a directory that exists')" "ExecStart=$tools/bin/id" &&
    answers $'www-data:adm 2750\nwww-data:adm 2750' stat --format='%U:%G %a' /var/lib/owned{,/below} &&
    once takes "$(cures owned 'make a directory for its data')" "ExecStart=$tools/bin/id" &&
    answers $'root:root 755\nroot:root 2750' stat --format='%U:%G %a' /var/lib/owned{,/below}
}

fact_links_that_lead_out() {
  mkdir -p /etc/linked
  ln -s ../linked/file /etc/linked/also-shown
  ln -s /etc/linked/file /etc/linked/inside
  ln -s /etc/alternatives/x /etc/linked/out
  entry_block linked 'read its configuration in /etc' 2 >find-links
  answers $'/etc/linked/also-shown -> ../linked/file\n/etc/linked/out -> /etc/alternatives/x' \
    bash -c '. ./find-links | sort'
}

# A port below 1024 takes both settings, not one of them.
fact_low_port() {
  local cure
  cure=$(cures www-data 'use a port below 1024')
  listens() {
    mkdir -p "/etc/systemd/system/$1.service.d"
    printf '%s\n' '[Service]' "$2" >"/etc/systemd/system/$1.service.d/later.conf"
    service "$1" Type=exec BindReadOnlyPaths=/bin/busybox 'ExecStart=/bin/busybox nc -l -p 82'
    wait_until eval "grep -q ':0052 .* 0A ' /proc/net/tcp /proc/net/tcp6 || systemctl is-failed $1"
    ! systemctl is-failed "$1" && systemctl stop "$1"
  }
  listens low-port "$cure" || return
  if listens no-capability "$(grep -v Ambient <<<"$cure")"; then return 1; fi
  if listens own-users "$(grep -v PrivateUsers <<<"$cure")"; then return 1; fi
}

fact_file_systems_of_the_host() {
  once host-files "ExecStart=$tools/bin/ls /host/etc/nginx" \
    "$(cures '' 'see the file systems of the host, to monitor them')"
}

# A command of a shipped unit that cannot start is named before anything changes.
fact_forgotten_command() {
  local said
  sed '/^ExecReload=/d' /readme/recipe-of-shipped >forgotten
  if said=$(bash -eu forgotten 2>&1); then echo 'it is confined'; return 1; fi
  echo "$said"
  [[ $said == 'chroot-paths: nginx.unit:'*': ExecReload=: '* ]] &&
    [ ! -e /usr/local/lib/systemd/system/nginx.service.d/confinement.conf ]
}

# A unit in /etc would run in place of the one that the script of the README installs, without its commands.
fact_unit_in_etc() {
  local said
  printf '%s\n' '[Service]' ExecStart=/bin/true >/etc/systemd/system/mine.service
  if said=$(sed 's/hello/mine/g' /readme/recipe | bash -eu 2>&1); then echo 'it is installed'; return 1; fi
  echo "$said"
  [ "$said" = 'the unit in /etc would win' ] && [ ! -e /usr/local/lib/systemd/system/mine.service ]
}

# The drop-in that a derivation makes, in its profile, confines the service, also after a collection of garbage.
fact_drop_in_of_a_derivation() {
  printf '%s\n' '[Service]' Type=exec "ExecStart=$tools/bin/sleep infinity" >/etc/systemd/system/hello.service
  systemctl daemon-reload && systemctl start hello || return
  [ -e "$(inside hello)/nix/store" ] && [ ! -e "$(inside hello)/usr/bin" ] && [ ! -e "$(inside hello)/etc/fstab" ]
}

# Beside the set of settings, what compiles at run time does not start.
fact_no_memory_to_compile_in() {
  local name dropIn
  for name in node java; do
    dropIn=/run/systemd/system/$name.service.d/zz.conf
    install -D /dev/stdin $dropIn <<<$'[Service]\nMemoryDenyWriteExecute=yes'
    systemctl daemon-reload && systemctl restart $name
    wait_until systemctl is-failed $name || return
    rm $dropIn
    systemctl daemon-reload && systemctl restart $name && wait_until client $name || return
  done
}

fact_devices_of_chroot_only() {
  local write="ExecStart=/bin/sh -c 'echo >/dev/null && test -c /dev/urandom'"
  printf '%s=no\n' MountAPIVFS Private{Devices,Tmp,Users} Protect{ControlGroups,Kernel{Modules,Tunables}} |
    sed '1i [Service]' >/run/chroot-only
  command systemctl edit --force --stdin devices.service </run/chroot-only
  if once devices "$write"; then echo 'it has devices'; return 1; fi
  cures '' 'open devices in chroot-only' >>/run/chroot-only
  command systemctl edit --stdin devices.service </run/chroot-only && once devices "$write"
}
