#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs in the booted container, as root: starts the services and writes what systemd and they say
# to /results. Judging that is left to systemd.bats.
set -u
export LC_ALL=C
cd /results || exit

systemctl() { command systemctl --no-pager --quiet "$@" </dev/null; }
step() { echo "$(cut -d ' ' -f 1 /proc/uptime) $1" >>steps; }

prepare() {
  systemd-sysusers --inline 'u static-user - - /' 2>/dev/null
  mkdir -p /var/empty
  for place in /etc /home /root; do echo secret >$place/of-the-host; done
}

# Writes "NAME RESULT" for each service.
tell_results() {
  for service in "$@"; do
    echo "$service $(systemctl show --property=Result --value "$service")"
  done
}

once() {
  mapfile -t services </services
  systemctl start "${services[@]}" 2>&1
  tell_results "${services[@]}" >results
  # What one run left to the next.
  for service in state-tmpfs state-read-only; do systemctl restart $service; done
}

# What must not start, and what systemd has to say of it.
views() {
  local view
  mkdir /run/plain-view
  cp -r /nix/store/. /run/plain-view
  systemctl start 'run-writable\x2dview.mount'
  # What nothing wants, systemd forgets at once, and the reason with it.
  printf '[Unit]\nWants=refused-%s.service\n' absent failed plain writable | sed '3,$ { /Unit/d }' \
    >/run/systemd/system/views.target
  systemctl start views.target
  for view in absent failed plain writable; do
    if systemctl start refused-$view 2>/dev/null; then echo "refused-$view started"; fi
    [ ! -e refused-$view.out ] || echo "refused-$view ran"
    command systemctl --no-pager status refused-$view </dev/null >refused-$view.status 2>&1
    command journalctl --no-pager --output=cat --unit=refused-$view >>refused-$view.status
  done
}

# Starts and stops instances of templates at random, and looks from outside at all after each step.
instances() {
  local units=() store=() unit pid state what
  declare -A expected=() before=()
  local paths
  paths=$(grep -c '^BindReadOnlyPaths=' '/etc/systemd/system/instance-tmpfs@.service')
  RANDOM=$(cat /seed)
  for unit in instance-{tmpfs,read-only}@{1,2,3}.service; do units+=("$unit") expected[$unit]=inactive; done
  for ((step = 1; step <= 40; step++)); do
    what=${units[RANDOM % ${#units[@]}]}
    if [ "${expected[$what]}" = inactive ]; then
      systemctl start "$what" || echo "step $step: $what does not start"
      expected[$what]=active
    elif [ $((RANDOM % 3)) = 0 ]; then
      systemctl restart "$what" || echo "step $step: $what does not restart"
    else
      systemctl stop "$what" || echo "step $step: $what does not stop"
      expected[$what]=inactive
    fi
    for unit in "${units[@]}"; do
      pid=$(systemctl show --property=MainPID --value "$unit")
      state=$(systemctl show --property=ActiveState --value "$unit")
      if [ "$state" != "${expected[$unit]}" ]; then
        echo "step $step, $what: $unit is $state, should be ${expected[$unit]}"
      elif [ "$state" = active ]; then
        store=("/proc/$pid/root/nix/store"/*)
        if [ ${#store[@]} != "$paths" ]; then
          echo "step $step, $what: $unit sees ${store[*]}"
        fi
        if [ "$unit" != "$what" ] && [ "${before[$unit]}" != "$pid" ]; then
          echo "step $step, $what: $unit is another process now"
        fi
      fi
      before[$unit]=$pid
    done
  done
  systemctl stop "${units[@]}"
  tell_results "${units[@]}" >>results
  echo "done: $((step - 1)) steps"
}

# For each of the paths: does the program write it? And all that it writes, in as few services as
# start fast: the path itself, and a symlink of its name that leads to the next of them.
sweep() {
  local path part number=0 units=() written
  mkdir -p sweep sweep-links /sweep-links
  while IFS= read -r -d '' path; do
    case ${path##*/} in . | ..) ;; *) printf %s "$path" >"$path" ;; esac
    # No list can hold a newline, but what a symlink leads to can have one.
    printf '%s\n' "$path" >list
    if [[ $path == *$'\n'* ]]; then
      ln -s "$path" sweep-links/$((++number))
      echo "$PWD/sweep-links/$number" >list
    fi
    if chroot-paths --store-paths list --service any.service --out any 2>/dev/null; then
      printf '%s\0' "$path" >>written
    else
      printf '%s\0' "$path" >>refused
    fi
  done </paths
  mapfile -t -d '' written <written
  for number in "${!written[@]}"; do
    path=${written[number]}
    ln -s "${written[number + 1]-$path}" "/sweep-links/$number${path##*/}"
    printf '%s\0' "$path" "$path" "${written[number + 1]-$path}" "/sweep-links/$number${path##*/}"
  done >pairs
  split --separator='\0' --lines=160 pairs sweep/
  for part in sweep/*; do
    part=${part#*/}
    while IFS= read -r -d '' path && IFS= read -r -d '' path; do printf '%s\n' "$path"; done <"sweep/$part" |
      chroot-paths --store-paths - --service "sweep@$part.service" --drop-in --out /usr/local
  done
  systemctl daemon-reload
  cd sweep || return
  for part in *; do units+=("sweep@$part.service"); done
  cd ..
  systemctl start "${units[@]}"
  tell_results "${units[@]}" >>results
  for part in "${units[@]}"; do systemctl show --property=BindReadOnlyPaths "$part" >"$part.read"; done
}

verify() {
  local units=()
  mapfile -t units </services
  units+=(instance-{tmpfs,read-only}@1.service sweep@aa.service)
  systemd-analyze verify --man=no "${units[@]}"
}

# Follows the README as it is written, and then for the other drop-ins; HELLO, a store path, is what
# nix-build left.
recipe() {
  local drop_in service
  mkdir -p /home/recipe
  cd /home/recipe || return
  ln -s "$(cat /hello)" result
  for drop_in in read-only-full-apivfs read-only-chroot-only tmpfs-full-apivfs tmpfs-chroot-only; do
    service=hello
    if [ $drop_in != read-only-full-apivfs ]; then service=hello-$drop_in; fi
    sed "s/hello\.service/$service.service/g; s/read-only-full-apivfs/$drop_in/g" /recipe | bash -eu
    while systemctl is-active "$service"; do sleep 0.05; done
    journalctl --sync
    journalctl --no-pager --output=cat --unit="$service" _SYSTEMD_UNIT="$service.service" >"/results/recipe-$drop_in.out"
    systemctl show --property=Result --value "$service" | sed "s/^/recipe-$drop_in.service /" >>/results/results
  done
  systemd-analyze verify --man=no hello{,-read-only-chroot-only,-tmpfs-full-apivfs,-tmpfs-chroot-only}.service
}

step prepare
prepare
for part in once views instances sweep verify recipe; do
  step $part
  # Some change their directory.
  ($part) >$part.said 2>&1
done
step journal
journalctl --no-pager --output=short-monotonic >journal
step end
