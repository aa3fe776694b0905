#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the booted container. Starts the services, and writes their output and that of systemd
# to /results, which systemd.bats checks.

# shellcheck source=tests/systemd/common.bash
. /common.bash

prepare() {
  mkdir -p /etc/systemd/system/hardened.service.d
  { echo '[Service]'; cat /readme/settings; } >/etc/systemd/system/hardened.service.d/settings.conf
  systemctl daemon-reload
  for place in /etc /home /root; do echo secret >$place/of-the-host; done
}

once() {
  local services
  mapfile -t services < <(grep -v -E '^(target-|escape-|exposed|hardened)' /services)
  systemctl start "${services[@]}" 2>&1
  # The second run sees the files of the first.
  systemctl start directories-{tmpfs,read-only}
  tell_results "${services[@]}"
  # The same from outside
  PATH=$APPLETS/bin "$APPLETS/bin/sh" -c 'find "$@" | cpio -o -H newc | md5sum' - "$USER" "$LINKED" "$APPLETS" >sum
}

# What the man page says about root, and about the settings that restrict it.
exposures() {
  local services=({escape-{tmpfs,read-only},exposed,hardened}.service)
  echo secret >/dev/shm/of-the-host
  # They exist, though nothing can be written to them so.
  for place in mqueue hugepages; do : >/dev/$place/of-the-host; done
  systemctl start "${services[@]}"
  tell_results "${services[@]}"
}

# Outside, a process of the same user replaces all files that it can reach.
attack() {
  local root unit pid
  for root in tmpfs read-only; do
    unit=target-$root.service
    systemctl start "$unit"
    systemctl reload "$unit"
    echo '== attack' >>"target-$root.out"
    pid=$(systemctl show --property=MainPID --value "$unit")
    setpriv --reuid=static-user --regid=static-user --clear-groups bash -c '
      shopt -s dotglob
      for dir in /var/empty $(find /run -type d -name "*target*") "/proc/$1/root" "/proc/$1/root"/*/; do
        for name in etc nix usr ld-nix.so.preload; do
          mv "$dir/$name" "$dir/$name.old"
          mkdir "$dir/$name" && echo "made $dir/$name" && echo evil >"$dir/$name/ld-nix.so.preload"
        done
        echo evil >"$dir/ld-nix.so.preload" && echo "wrote to $dir"
      done' - "$pid" 2>/dev/null
    systemctl reload "$unit"
    systemctl stop "$unit"
    tell_results "$unit"
  done
}

# Stops, starts and restarts one of three instances of each template, and looks at all of them from outside.
instances() {
  local root step what number paths units pids before store
  paths=$(grep -c '^BindPaths=' '/etc/systemd/system/instance-tmpfs@.service')
  main_pids() { systemctl show --property=MainPID --value "${units[@]}" | grep .; }
  for root in tmpfs read-only; do
    units=(instance-"$root"@{0,1,2}.service)
    systemctl start "${units[@]}"
    mapfile -t pids < <(main_pids)
    for step in stop-0 restart-1 start-0 stop-2 restart-0 stop-1; do
      what=${step#*-} before=("${pids[@]}")
      systemctl "${step%-*}" "${units[what]}"
      mapfile -t pids < <(main_pids)
      if [[ $step = stop-* ]]; then before[what]=0; else before[what]=${pids[what]}; fi
      if [ "${pids[*]}" != "${before[*]}" ]; then echo "$root, $step: ${pids[*]}, not ${before[*]}"; fi
      for number in "${!pids[@]}"; do
        store=("/proc/${pids[number]}/root/nix/store"/*)
        if [ "${pids[number]}" != 0 ] && [ ${#store[@]} != "$paths" ]; then
          echo "$root, $step: ${units[number]} sees ${store[*]}"
        fi
      done
    done
    systemctl stop "${units[@]}"
    tell_results "${units[@]}"
  done
}

# Tells which paths the program writes though it has to refuse them. Binds the others, each itself and a symlink of a
# like name that leads to the next.
sweep() {
  local path part units=()
  while IFS= read -r path; do
    if chroot-paths --store-paths - --service any.service --out any <<<"$path" 2>/dev/null; then
      echo "$path"
    fi
  done </refused
  for part in /parts/*.paths; do
    part=${part#/parts/}
    units+=("sweep@${part%.paths}.service")
    tr '\0' '\n' <"/parts/$part" |
      chroot-paths --store-paths - --service "${units[-1]}" --drop-in --out /usr/local
  done
  systemctl daemon-reload
  systemctl start "${units[@]}"
  tell_results "${units[@]}"
  for part in "${units[@]}"; do systemctl show --property=BindReadOnlyPaths "$part" >"$part.read"; done
}

verify() {
  local units=()
  mapfile -t units </services
  units+=(instance-{tmpfs,read-only}@1.service sweep@10.service)
  systemd-analyze verify --man=no "${units[@]}"
}

# Runs the recipe of the README as written. /hello holds the store path that nix-build made.
recipe() {
  mkdir -p /home/recipe
  cd /home/recipe || return
  ln -s "$HELLO" result
  bash -eu /readme/profile
  bash -eu /readme/recipe >/results/status 2>&1 || echo "the recipe failed"
  until journalctl --no-pager --output=cat --unit=hello _SYSTEMD_UNIT=hello.service >/results/recipe.out &&
    grep -q '^looked for:' /results/recipe.out; do sleep 0.05; done
  echo "recipe.service $(systemctl show --property=Result --value hello)" >>/results/results
  systemd-analyze verify --man=no hello.service
}

# Runs the commands of the man page on the service of the recipe, in which ExecStart= is replaced. Each block
# prints to a file of its name.
readme() {
  shown() { bash -eu "/readme/$1" >"/results/$1.out" 2>>/results/readme.err; }
  command_is() {
    sed -i "s|^ExecStart=.*|ExecStart=$1|" /usr/local/lib/systemd/system/hello.service
    systemctl daemon-reload
  }
  cd /home/recipe || return
  command_is "$APPLETS/bin/cat /etc/missing.conf"
  shown what-is-missing < <(until systemctl is-failed hello; do sleep 0.05; done; echo)
  command_is "$APPLETS/bin/sleep 1000"
  systemctl start hello
  # Type=simple counts as started before it has its root directory.
  until [ "$(cat "/proc/$(systemctl show --property=MainPID --value hello)/comm")" = sleep ]; do sleep 0.05; done
  shown look-from-inside <<<'ls / /etc; echo inside; ls /nix' || :
  shown go-back
  systemctl show --property=RootDirectory hello.service >/results/went-back
  systemctl stop hello
}

# confined NAME PACKAGE: confines the unit on standard input with the closure of PACKAGE, and starts it.
confined() {
  { printf '%s\n' '[Service]' Type=oneshot StandardOutput=append:/results/%N.out; cat; } >"/etc/systemd/system/$1.service"
  nix-store -qR "$2" | chroot-paths --store-paths - --service "$1.service" --drop-in --root --out /usr/local
  systemctl daemon-reload
  systemctl start "$1"
  tell_results "$1.service"
}

# Checks the settings of the man page for files that a service may lack.
suspects() {
  local path paths=()
  mkdir -p /run/postgresql
  read -r -a paths < <(sed 's/^[^=]*=//' /readme/suspects | tr '\n' ' ')
  for path in "${paths[@]}"; do
    if [ ! -e "$path" ]; then mkdir -p "${path%/*}"; echo new >"$path"; fi
  done
  # On most machines, it is a symlink.
  rm /etc/localtime
  echo zone >/etc/the-zone
  ln -s the-zone /etc/localtime
  { echo "ExecStart=$APPLETS/bin/ls -d ${paths[*]}"; cat /readme/suspects; } | confined suspects "$HELLO"
}

# A dynamic user has the name of a static one, and can log to syslog.
known() {
  systemd-sysusers --inline 'u known - - /' 2>/dev/null
  confined known "$APPLETS" <<END
DynamicUser=yes
User=known
BindReadOnlyPaths=/etc/passwd /etc/group
BindReadOnlyPaths=/run/systemd/journal
ExecStart=$APPLETS/bin/whoami
ExecStart=$APPLETS/bin/logger 'known was here'
END
  confined unknown "$APPLETS" <<END
DynamicUser=yes
ExecStart=$APPLETS/bin/sh -c '$APPLETS/bin/whoami || echo no name'
END
}

# Confines a unit that has a root directory of its own, for ExecStart= alone, with a drop-in.
start_only() {
  confined start-only "$HELLO" <<END
RootDirectoryStartOnly=yes
RootDirectory=/
ExecStartPre=$LOOK hidden /etc /home /root
ExecStart=$LOOK hidden /etc /home /root
END
}

prepare
for part in once attack exposures instances sweep verify recipe readme suspects known start_only; do
  # Some parts change the current directory.
  ($part) >$part.said 2>&1
done
ls -A /var/empty >var-empty
find /run/confinement-root -mindepth 1 -maxdepth 1 -printf '%u %m %f\n' | sort >roots
keep_journal
