#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs as root in the booted container, twice, with a reboot between. Confines the daemons as README.md and
# chroot-paths-confinement(7) say, and records for each step whether it passed, for daemons.bats.
set -u
export LC_ALL=C HOME=/root
cd /results || exit
# shellcheck source=tests/daemons/clients.sh
. /daemons/clients.sh
# shellcheck source=tests/daemons/facts.sh
. /daemons/facts.sh

# In this order, since app needs two of the others.
daemons=(web cache db login login@ app activated memory ldap node java)
shipped=(nginx php8.4-fpm redis-server tor@default mariadb avahi-daemon named)

systemctl() { command systemctl --no-pager "$@" </dev/null; }
# The busy machine has any time that it needs.
wait_until() {
  local end=$((SECONDS + 120)) said
  until said=$("$@" 2>&1); do
    if [ "$SECONDS" -ge "$end" ]; then echo "in vain: $*: $said"; return 1; fi
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
program() { grep -- "-${2%@*}\$" "/programs/$1"; }

# entry_block WORD WHAT N: the N-th code block of the entry.
entry_block() {
  awk -v "what=$2" -v "number=$3" '
    /^[^\t]/ { inside = $0 == what; block = 1 }
    inside && /^$/ { block++ }
    inside && /^\t/ && block == number { print substr($0, 2) }' /readme/entries | sed "s/hello/$1/g"
}

# cures WORD WHAT: what the man page has against it, one setting or option a line, for WORD.
cures() {
  sed "s/postgresql/$1/g" <(entry_block "$1" "$2" 1) | grep . || { echo "no entry says what cures: $2" >&2; return 1; }
}

# needs NAME: the cures of what the unit says that the daemon cannot do, and what it needs besides. An instance of
# login@ needs what login does.
needs() {
  local unit=/daemons/units/${1%@}.service
  sed -n 's/^# \([^ ]*\) cannot: /\1 /p' "$unit" | while read -r word what; do cures "$word" "$what" || exit; done
  if grep -q '^# [^ ]* takes: the set of settings' "$unit"; then cat /readme/set-of-settings; fi
  sed -n 's/^# [^ ]* needs: //p' "$unit"
}

# set_profile REVISION NAME
set_profile() {
  rm -f result
  ln -s "$(program "$1" "$2")" result
  sed "s/hello/$2/g" /readme/profile | bash -eu
}

# script_for NAME SCRIPT WORD: prints a script of README.md or of the man page for this daemon instead of WORD, with the
# options that it needs, and with its unit, or its commands, in place of the [Service] that the script has.
script_for() {
  local options
  options=$(needs "$1" | grep '^--')
  awk -v "unit=/daemons/units/$1.service" '
    inside && /^(END|\[Install\])$/ { inside = 0 }
    !inside { print }
    /<<.END.$/ { inside = 1; while ((getline line <unit) > 0) print line }' "$2" |
    sed "s/$3/$1/g; s|--out /usr/local|$options &|"
}

recipe() {
  script_for "$1" /readme/recipe hello >script
  case $1 in
    # A socket starts it.
    login@ | activated)
      sed -i '/^systemctl \(enable\|restart\|show\) /d' script
      if [ "$1" = activated ]; then echo "systemctl stop activated.service" >>script; fi
      echo "systemctl enable --now ${1%@}.socket" >>script
      ;;
  esac
  bash -eu script
}

# settings NAME [WITHOUT]: writes what the daemon needs where an administrator does.
settings() {
  local lines
  lines=$(needs "$1" | grep -v -e '^--' ${2:+-e "$2"})
  printf '[Service]\n%s\n' "$lines" | command systemctl edit --force --stdin "$1.service"
}

# installs REVISION NAME
installs() { set_profile "$1" "$2" && recipe "$2" && wait_until client "$2"; }
starts() { settings "$1" && installs 1 "$1"; }

main_pid() { command systemctl show --property=MainPID --value "$1.service"; }

# connect NAME: a client connects, and stays until something is written to descriptor 8, or the daemon goes.
connect() {
  rm -f "$1.in"
  mkfifo "$1.in"
  hold "$1" <"$1.in" >"$1.held" &
  held=$!
  exec 8>"$1.in"
  wait_until test -s "$1.held"
}

# sees_closure REVISION NAME UNIT: the root directory of the unit has exactly the closure of this revision.
sees_closure() {
  local root
  root=/proc/$(command systemctl show --property=MainPID --value "$3")/root
  [ ! -e "$root/usr/bin" ] && [ ! -e "$root/etc/fstab" ] &&
    diff <(nix-store -qR "$(program "$1" "$2")" | sort) \
      <(find "$root/nix/store" -mindepth 1 -maxdepth 1 | sed "s|^$root||" | sort)
}

# judged NAME PROGRAM: --unit does not refuse the unit that runs, with all of its drop-ins.
judged() {
  local options=()
  if [ -e "$2/bin/sh" ]; then options=(--bin-sh "$2/bin/sh"); fi
  nix-store -qR "$2" >judged.closure
  systemctl cat "$1.service" |
    chroot-paths --store-paths judged.closure --service "$1.service" --unit - "${options[@]}" \
      --drop-in --root --out judged
}

instance() { systemctl list-units --state=running --plain --no-legend 'login@*.service' | cut -d ' ' -f 1; }
confined() {
  judged "$2" "$(program "$1" "$2")" || return
  if [ "$2" != login@ ]; then
    sees_closure "$1" "$2" "$2.service"
    return
  fi
  # The instance of a template runs while a client is connected.
  connect "$2" && sees_closure "$1" "$2" "$(instance)" && echo >&8 && wait "$held"
}

restarts_once() {
  # A template has no instance to restart: each client starts one.
  if [ "$1" != login@ ]; then systemctl restart "$1.service" || return; fi
  wait_until client "$1"
}
restarts() { for _ in 1 2 3; do restarts_once "$1" || return; done; }

# reloads NAME WORDS: it says that it has taken up its new configuration, as the same process.
reloads() {
  local before
  before=$(main_pid "$1")
  systemctl reload "$1" && wait_until logged "$1" "$2" && wait_until client "$1" && [ "$(main_pid "$1")" = "$before" ]
}
logged() { journalctl --no-pager --output=cat --unit="$1.service" | grep -F "$2"; }

parallel_logins() {
  local login logins=()
  for login in {1..24}; do
    client "$1" >"parallel.$1.$login" 2>&1 &
    logins+=($!)
  done
  for login in "${logins[@]}"; do wait "$login" || { cat "parallel.$1".*; return 1; }; done
}

# Connects, updates, and looks what became of the connection.
updates() {
  local held
  connect "$1" && installs 2 "$1" || return
  case $1 in
    # A session goes on, with the old closure.
    login | login@)
      echo >&8
      wait "$held" && diff <(head -n 1 "$1.held") <(tail -n +2 "$1.held")
      ;;
    # systemd holds the socket. No request was refused.
    activated) kill "$held" ;;
    *) wait_until ended "$held" ;;
  esac
}
ended() { ! kill -0 "$1" 2>/dev/null; }

rolls_back() {
  sed "s/hello/$1/g" /readme/roll-back | bash -eu && recipe "$1" && wait_until client "$1"
}

# Neither an update of ./result nor a collection takes away what runs, or what a rollback needs.
garbage() {
  local path
  date >garbage
  path=$(nix-store --add garbage)
  rm -f result
  nix-collect-garbage --quiet
  if [ -e "$path" ]; then echo 'it collected nothing'; return 1; fi
}

# names_what_is_missing SETTING WHAT NAME: without this setting the daemon does not do its work, and the
# commands of the man page print WHAT.
names_what_is_missing() {
  local setting=$1 what=$2 name=$3
  settings "$name" "$setting"
  sed "s/hello/$name/g" /readme/what-is-missing >script
  bash -eu script >"$name.missing" < <(
    wait_until grep -q 'press Enter' "$name.missing"
    if client "$name"; then echo 'it works without this setting' >>"$name.missing"; fi
    echo
  )
  journalctl --no-pager --boot --unit="$name.service" --lines=20 >>"$name.journal"
  settings "$name"
  systemctl restart "$name.service" && wait_until client "$name" &&
    [ "$(wc -l <"$name.missing")" -lt 24 ] && grep -F "$what" "$name.missing" "$name.journal" &&
    ! grep 'it works' "$name.missing"
}

# A unit of Debian, with its own configuration. It is started, updated and rolled back.
shipped() {
  local before
  case $1 in
    nginx)
      sed -i 's|/run/nginx.pid|/run/nginx/nginx.pid|' /etc/nginx/nginx.conf
      sed -i 's|listen \(.*\)80 default|listen \18080 default|' /etc/nginx/sites-available/default
      sed 's|^BindPaths=.*|& /run/php|' /readme/settings-of-shipped | bash -eu
      cp /readme/recipe-of-shipped script.nginx
      ;;
    *)
      if [ "$1" = tor@default ]; then
        entry_block tor 'write its PID file or socket below /run' 2 |
          sed 's/ tor tor / debian-tor debian-tor /' | bash -eu
      fi
      settings "$1"
      script_for "$1" /readme/recipe-of-shipped nginx >"script.$1"
      ;;
  esac
  before=$(owners "$1")
  changes "$1" && diff <(echo "$before") <(owners "$1")
}
changes() {
  # Debian's tor.service starts its instances.
  systemctl enable "${1%@*}.service" && set_profile 1 "$1" && runs 1 "$1" &&
    systemctl reload-or-restart "$1" && restarts "$1" &&
    set_profile 2 "$1" && runs 2 "$1" && sed "s/hello/$1/g" /readme/roll-back | bash -eu && runs 1 "$1"
}
runs() { bash -eu "script.$2" && wait_until client "$2" && confined "$1" "$2"; }
# The owners and modes of the directories that the package has made for the daemon.
owners() {
  find /var/{lib,log,cache}/{"${1%@*}","${1%-*}",mysql,bind,php/sessions} -maxdepth 0 \
    -printf '%u:%g %m %p\n' 2>/dev/null | sort -u
}

goes_back() {
  sed "s/hello/$1/g" /readme/go-back >back
  sed -i "s/root@$1/root@${1%%@*}/" back
  if [[ $1 == *@ ]]; then sed -i /restart/d back; fi
  # Its settings apply to the unconfined service as well, but not its command.
  if [ "$1" = avahi-daemon ]; then sed -i '1i systemctl revert avahi-daemon.service' back; fi
  bash -eu back && wait_until client "$1" || return
  if [[ " ${shipped[*]} " == *" $1 "* ]]; then [[ $(readlink "/proc/$(main_pid "$1")/exe") == /usr/* ]] || return; fi
  [ -z "$(systemctl show --property=RootDirectory --value "$1.service")" ] && [ ! -e "/run/confinement-root/${1%%@*}" ]
}

unmounts() {
  mountpoint /run/readonly/nix/store && bash -eu /readme/unmount && ! mountpoint -q /run/readonly/nix/store
}

prepare() {
  local name
  rm -f /etc/systemd/system/multi-user.target.wants/{memcached,nginx,postgresql,redis-server,ssh}.service
  rm -f /etc/systemd/system/multi-user.target.wants/{mariadb,slapd,tor,avahi-daemon,named,php8.4-fpm}.service
  rm -f /etc/systemd/system/{sshd,redis,mysql,mysqld,bind9}.service
  systemctl daemon-reload
  useradd --create-home --shell /bin/sh tester
  echo tester:secret | chpasswd
  localedef -i de_DE -f UTF-8 de_DE.UTF-8
  cp "$(program 1 login)/pam" /etc/pam.d/confined-sshd
  certificates
  configure_named
  configure_php
  # What is used after the collection of garbage.
  for name in "${shipped[@]}" tools; do set_profile 2 "$name" && set_profile 1 "$name" || return; done
  rm result
  ln -s "$(cat /programs/drop-in)" result
  bash -eu /readme/link-drop-in
}

configure_named() {
  echo 'zone "named.test" { type primary; file "/etc/bind/named.test"; };' >>/etc/bind/named.conf.local
  sed -i 's|directory .*|&\n\tlisten-on { 127.0.0.2; };\n\tlisten-on-v6 { none; };|' /etc/bind/named.conf.options
  printf '%s\n' '$TTL 60' '@ SOA @ root 1 60 60 60 60' '@ NS @' '@ A 192.0.2.1' >/etc/bind/named.test
}

# Behind the nginx of Debian. Its log moves from /var/log to a directory of its own.
configure_php() {
  install -d -o www-data /var/log/php
  sed -i 's|^error_log = .*|error_log = /var/log/php/fpm.log|' /etc/php/8.4/fpm/php-fpm.conf
  cat >/etc/nginx/conf.d/php.conf <<'END'
server {
  listen 127.0.0.1:8082;
  location / {
    include fastcgi_params;
    fastcgi_param SCRIPT_FILENAME /var/www/visits.php;
    fastcgi_pass unix:/run/php/php8.4-fpm.sock;
  }
}
END
  cat >/var/www/visits.php <<'END'
<?php
session_start();
date_default_timezone_set("Europe/Berlin");
echo ctype_alpha("a"), "|", date("T"), "|", $_SESSION["visits"] = ($_SESSION["visits"] ?? 0) + 1;
END
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

# What the container has lost with its /run, and its time zone, which systemd-nspawn sets.
each_boot() {
  ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime
  busybox ip address add 127.0.0.2 dev lo
  systemctl start dbus.socket
  umount /etc/resolv.conf 2>/dev/null
  rm -f /etc/resolv.conf
  echo 'nameserver 127.0.0.3' >/etc/resolv.conf
  systemd-run --quiet --unit=dns dnsmasq --keep-in-foreground --no-resolv --no-hosts \
    --listen-address=127.0.0.3 --bind-interfaces --address=/www.test/127.0.0.1
}

all() {
  local step=$1 daemon
  shift
  for daemon in "${daemons[@]}"; do try "$step" "$daemon" "$@" "$daemon"; done
}

first_boot() {
  try prepare machine prepare
  each_boot
  all starts starts
  all confined confined 1
  try reloads web reloads web reconfiguring
  try reloads db reloads db 'received SIGHUP'
  try reloads login reloads login 'Received SIGHUP; restarting'
  try parallel login@ parallel_logins login@
  all restarts restarts
  all updates updates
  all updated confined 2
  try garbage machine garbage
  all kept restarts_once
  all rolls-back rolls_back
  all rolled-back confined 1
  try missing app names_what_is_missing SSL_CERT_FILE 'ENOENT /usr/lib/ssl' app
  try missing db names_what_is_missing /usr/lib/locale 'ENOENT /usr/lib/locale' db
  try missing cache names_what_is_missing RuntimeDirectory 'ENOENT /run/cache' cache
  try missing web names_what_is_missing /etc/passwd 'getpwnam("www-data") failed' web
  for fact in $(declare -F | sed -n 's/^declare -f fact_//p'); do try fact "$fact" "fact_$fact"; done
  for daemon in "${shipped[@]}"; do try shipped "$daemon" shipped "$daemon"; done
}

second_boot() {
  each_boot
  try boots machine systemctl start multi-user.target
  daemons+=("${shipped[@]}")
  all boots wait_until client
  all booted confined 1
  all goes-back goes_back
  try unmounts machine unmounts
}

# The first boot ends with a request for another.
journal() { journalctl --no-pager --boot --output=short-monotonic >"journal.$1"; }
if [ -e journal.1 ]; then
  second_boot
  journal 2
  exit
fi
first_boot
journal 1
exit 100
