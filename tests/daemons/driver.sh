#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the booted container, twice, with a reboot between. Confines the daemons as the README
# says, and records for each step whether it passed, for daemons.bats.
set -u
export LC_ALL=C HOME=/root
cd /results || exit
. /daemons/clients.sh

declare -A package=([web]=web [cache]=redis [db]=postgresql [login]=openssh [login@]=openssh
  [app]=python [activated]=python [memory]=memcached)
# In this order, since app needs two of the others.
daemons=(web cache db login login@ app activated memory)

systemctl() { command systemctl --no-pager "$@" </dev/null; }
# The busy machine has any time that it needs.
wait_until() {
  local end=$((SECONDS + ${LIMIT:-120})) said
  until said=$("$@" 2>&1); do
    if [ $SECONDS -ge $end ]; then echo "in vain: $*: $said"; return 1; fi
    sleep 0.05
  done
}

# try STEP NAME COMMAND...: records whether it passes, with its output and the time.
try() {
  local step=$1 name=$2 result=passed since=$EPOCHREALTIME
  shift 2
  if ! ("$@") >"$step.$name" 2>&1; then
    result=failed
    journalctl --no-pager --output=cat --lines=40 --unit="$name.service" --unit="$name*.service" >>"$step.$name"
  fi
  echo "$step $name $result $(((${EPOCHREALTIME/./} - ${since/./}) / 1000)) ms" >>results
}

# program REVISION NAME: the store path.
program() { grep -- "-${package[$2]}\$" "/programs/$1"; }

# cures WORD WHAT: what the table of the README has against it, one setting or option a line, for WORD.
cures() {
  local row
  row=$(grep -F "| $2 | " /readme/table) || { echo "no row says what cures: $2" >&2; return 1; }
  cut -d '|' -f 3 <<<"$row" | grep -o '`[^`]*`' | tr -d '`' | sed "s/hello/$1/g; s/postgresql/$1/g"
}

needs() {
  sed -n 's/^# \(.*\) cannot: /\1 /p' "/daemons/units/$1.service" |
    while read -r word what; do cures "$word" "$what" || exit; done
}

# install REVISION NAME
set_profile() {
  rm -f result
  ln -s "$(program "$1" "$2")" result
  sed "s/hello/$2/g" /readme/profile | bash -eu
}

# Runs the script of the README with the unit of the daemon. A socket starts the service of a template, and
# of another.
recipe() {
  local options
  options=$(needs "$1" | grep '^--')
  awk -v "unit=/daemons/units/$1.service" '
    !inside { print }
    /<<END$/ { inside = 1; while ((getline line <unit) > 0) print line }
    inside && /^END$/ { inside = 0; print }' /readme/recipe |
    sed "s/hello/$1/g; s|--out /usr/local|$options &|" >script
  if [ -e "/daemons/units/${1%@}.socket" ] && [ "$1" != login ]; then
    sed -i '/^systemctl \(enable\|restart\|.*status\) /d' script
    if [ "$1" = activated ]; then echo "systemctl stop activated.service" >>script; fi
    echo "systemctl enable --now ${1%@}.socket" >>script
  fi
  bash -eu script
}

# settings NAME: writes what the daemon needs where an administrator does.
settings() {
  local lines
  lines=$(needs "$1" | grep -v '^--')
  printf '[Service]\n%s\n' "$lines" | command systemctl edit --force --stdin "$1.service"
}

starts() {
  settings "$1" && set_profile 1 "$1" && recipe "$1" && wait_until client "$1"
}

main_pid() { command systemctl show --property=MainPID --value "$1.service"; }

# confined REVISION NAME: its root directory has exactly the closure of this revision.
confined() {
  local root
  root=/proc/$(main_pid "$2")/root
  [ ! -e "$root/usr/bin" ] && [ ! -e "$root/etc/fstab" ] &&
    diff <(nix-store -qR "$(program "$1" "$2")" | sort) <(find "$root/nix/store" -mindepth 1 -maxdepth 1 | sed "s|^$root||" | sort)
}

restarts() {
  for _ in {1..20}; do
    systemctl restart "$1.service" && wait_until client "$1" >/dev/null || return
  done
  client "$1"
}

prepare() {
  rm -f /etc/systemd/system/multi-user.target.wants/{memcached,nginx,postgresql,redis-server,ssh}.service
  rm -f /etc/systemd/system/{sshd,redis}.service
  systemctl daemon-reload
  useradd --create-home --shell /bin/sh tester
  echo tester:secret | chpasswd
  localedef -i de_DE -f UTF-8 de_DE.UTF-8
  cp "$(program 1 login)/pam" /etc/pam.d/confined-sshd
  certificates
}

certificates() {
  local new=(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30)
  mkdir /etc/web
  "${new[@]}" -keyout ca.key -out /usr/local/share/ca-certificates/test.crt -subj /CN=test \
    -addext keyUsage=critical,keyCertSign
  "${new[@]}" -keyout /etc/web/www.test.key -out /etc/web/www.test.crt -subj /CN=www.test \
    -CA /usr/local/share/ca-certificates/test.crt -CAkey ca.key \
    -addext subjectAltName=DNS:www.test -addext basicConstraints=critical,CA:FALSE
  update-ca-certificates
}

# What the container has lost with its /run.
each_boot() {
  umount /etc/resolv.conf 2>/dev/null
  rm -f /etc/resolv.conf
  echo 'nameserver 127.0.0.1' >/etc/resolv.conf
  systemd-run --quiet --unit=dns dnsmasq --keep-in-foreground --no-resolv --no-hosts \
    --listen-address=127.0.0.1 --bind-interfaces --address=/www.test/127.0.0.1
}

first_boot() {
  try prepare machine prepare
  each_boot
  for daemon in "${daemons[@]}"; do
    try starts "$daemon" starts "$daemon"
    if [ "$daemon" != login@ ]; then try confined "$daemon" confined 1 "$daemon"; fi
  done
}

first_boot
journalctl --no-pager --output=short-monotonic >journal
