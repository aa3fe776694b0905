#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Real daemons of Debian, confined as README.md and chroot-paths-confinement(7) say, and asked by their real
# clients, in a container that is booted twice. Each package of Debian is a store path. What a daemon needs in
# its root directory comes from the man page: tests/daemons/units has which of its entries. The packages are
# those of one suite in tests/matrix.sh. KEEP=DIR keeps what the daemons and their clients said.

load booted

PACKAGES=(nginx redis-tools postgresql-17 openssh-server memcached python3.13-minimal libpython3.13-minimal
  libpython3.13-stdlib dash coreutils libpam-modules libpam-modules-bin slapd tor mariadb-server-core
  avahi-daemon bind9 bind9-utils php8.4-fpm php8.4-common php8.4-opcache php8.4-readline nodejs
  openjdk-21-jre-headless)

lay_out_files() {
  local revision
  mkdir -p "$W"/files/{daemons,programs,readme,etc/systemd/system.conf.d,etc/nix}
  # Each daemon is restarted more than five times in ten seconds.
  printf '[Manager]\nDefaultStartLimitIntervalSec=0\n' >"$W/files/etc/systemd/system.conf.d/no-limit.conf"
  "$ROOT/tests/daemons/debian.sh" "${PACKAGES[@]}" >"$W/debian.json"
  for revision in 1 2; do
    nix-build --no-out-link "$ROOT/tests/daemons/programs.nix" --argstr file "$W/debian.json" \
      --argstr revision $revision >"$W/files/programs/$revision" 2>"$W/log" || { cat "$W/log" >&2; return 1; }
  done
  mkdir "$W/derivation"
  cp -r "$ROOT/nix" "$W/helper" "$W/derivation"
  {
    echo "let hello = (import $ROOT/tests/daemons/programs.nix { file = $W/debian.json; revision = \"1\"; }).tools; in"
    block 'A derivation' 1 | sed 's|/bin/hello|/bin/sleep infinity|'
  } >"$W/derivation/default.nix"
  nix-build --no-out-link "$W/derivation" >"$W/files/programs/drop-in" 2>"$W/log" || { cat "$W/log" >&2; return 1; }
  make -s --no-print-directory -C "$ROOT" -o all install BUILD="$BUILD" DESTDIR="$W/files" PREFIX=/usr/local
  cp "$ROOT/tests/daemons/driver.sh" "$W/files/driver"
  cp -r "$ROOT"/tests/daemons/{clients.sh,facts.sh,units} "$W/files/daemons"
  install -m 644 "$ROOT"/tests/daemons/units/*.socket -D -t "$W/files/etc/systemd/system"
  install -m 644 -t "$W/files/etc/nix" "$W/conf/nix.conf"
  block 'Debian and others' 1 >"$W/files/readme/profile"
  block 'Debian and others' 2 >"$W/files/readme/recipe"
  block 'A derivation' 2 >"$W/files/readme/link-drop-in"
  block 'UPDATE, ROLL BACK, GO BACK' 1 >"$W/files/readme/roll-back"
  block 'UPDATE, ROLL BACK, GO BACK' 2 >"$W/files/readme/go-back"
  block 'UPDATE, ROLL BACK, GO BACK' 3 >"$W/files/readme/unmount"
  block 'WHEN IT DOES NOT START' 1 >"$W/files/readme/what-is-missing"
  block 'A UNIT THAT THE DISTRIBUTION SHIPS' 1 >"$W/files/readme/settings-of-shipped"
  block 'A UNIT THAT THE DISTRIBUTION SHIPS' 2 >"$W/files/readme/recipe-of-shipped"
  block 'HOW MUCH IT CONFINES' 1 >"$W/files/readme/set-of-settings"
  entries >"$W/files/readme/entries"
}

setup_file() {
  export W=$BATS_FILE_TMPDIR
  if dpkg-query -s "${PACKAGES[@]}" patchelf dnsmasq-base sshpass ldap-utils mariadb-server bind9-dnsutils \
    >/dev/null 2>&1; then
    new_nix "$W"
  else
    echo 'the packages of the daemons are in a suite of tests/matrix.sh' >"$W/why"
  fi
  if [ ! -s "$W/why" ]; then why_no_container "$W" >"$W/why"; fi
  if [ -s "$W/why" ]; then return; fi
  # The packages come from this machine.
  sed -i 's|^sandbox-paths =.*|& /usr /bin=/usr/bin /lib=/usr/lib /lib64=/usr/lib64 /etc/java-21-openjdk|' \
    "$W/conf/nix.conf"
  lay_out_files
  mkdir "$W/results"
  # The daemons use ports, which belong to this test alone in a network of its own.
  unshare --net -- bash -c 'busybox ip link set lo up; busybox ip address add 127.0.0.2 dev lo; exec "$@"' - \
    "$ROOT/tests/systemd/boot.sh" "$W/files" "$W/results" "$W/root/nix"
}

# passed STEP NAME...: the step passed for each daemon. Otherwise shows what it said.
passed() {
  local step=$1 name failed=0
  shift
  for name in "$@"; do
    if ! grep -q "^$step $name passed " results; then
      echo "$step $name:"
      cat "$step.$name"
      failed=1
    fi
  done
  return $failed
}

DAEMONS=(web cache db login login@ app activated memory ldap node java)
SHIPPED=(nginx php8.4-fpm redis-server tor@default mariadb avahi-daemon named)

@test 'each daemon starts with what the man page says that it lacks, and its client gets its answers' {
  passed prepare machine
  passed starts "${DAEMONS[@]}"
}

@test 'each daemon sees exactly its closure, and --unit does not refuse what runs' {
  passed confined "${DAEMONS[@]}"
}

@test 'nginx, PostgreSQL and OpenSSH reload' {
  passed reloads web db login
}

@test '24 logins at once pass, with one daemon and with one for each connection' {
  passed parallel login login@
}

@test 'pgbench runs' {
  passed benchmark db
}

@test 'each daemon answers after each of twenty restarts, Node.js and Java of three' {
  passed restarts "${DAEMONS[@]}"
}

@test 'each daemon is updated while a client is connected, and a session of OpenSSH goes on' {
  passed updates "${DAEMONS[@]}"
  passed updated "${DAEMONS[@]}"
}

@test 'neither a new ./result nor a collection of garbage takes away what runs' {
  passed garbage machine
  passed kept "${DAEMONS[@]}"
}

@test 'each daemon is rolled back, also after a collection of garbage' {
  passed rolls-back "${DAEMONS[@]}"
  passed rolled-back "${DAEMONS[@]}"
}

@test 'what the man page says to do when a daemon does not start names what is missing, on one screen' {
  passed missing app db cache web
}

@test 'what the man page says besides is so' {
  # shellcheck disable=SC2046
  passed fact $(sed -n 's/^fact_\(.*\)() {$/\1/p' "$ROOT/tests/daemons/facts.sh")
}

@test 'seven units of Debian, with other commands, start, are updated and rolled back, and keep their directories' {
  passed shipped "${SHIPPED[@]}"
}

@test 'each daemon is there after a reboot, confined' {
  passed boots machine "${DAEMONS[@]}" "${SHIPPED[@]}"
  passed booted "${DAEMONS[@]}" "${SHIPPED[@]}"
}

@test 'each daemon goes back, the units of Debian to its programs, and no root directory and no view is left' {
  passed goes-back "${DAEMONS[@]}" "${SHIPPED[@]}"
  passed unmounts machine
}
