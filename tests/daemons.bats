#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Real daemons of Debian, confined as README.md and chroot-paths-confinement(7) say, and asked by their real
# clients, in a container that is booted twice. Each package of Debian is a store path. What a daemon needs in
# its root directory comes from the man page: tests/daemons/units has which of its entries. The packages are
# those of one suite in tests/matrix.sh. KEEP=DIR keeps what the daemons and their clients said.

# The daemons use ports, which belong to this test alone in a network of its own.
OPTIONS=(--private-network)
DRIVER=../daemons/driver.sh
load booted

PACKAGES=(nginx redis-tools postgresql-17 openssh-server memcached python3.13-minimal libpython3.13-minimal
  libpython3.13-stdlib dash coreutils libpam-modules libpam-modules-bin slapd tor mariadb-server-core
  avahi-daemon bind9 bind9-utils php8.4-fpm php8.4-common php8.4-opcache php8.4-readline nodejs
  openjdk-21-jre-headless)

# build EXPRESSION OPTION...: prints the store paths.
build() { nix-build --no-out-link "$@" 2>"$W/log" || { cat "$W/log" >&2; return 1; }; }

lay_out_files() {
  local revision
  if [ "${SUITE-}" != trixie ]; then echo 'to be run by tests/matrix.sh trixie' >&2; return 1; fi
  # The packages come from this machine.
  sed -i 's|^sandbox-paths =.*|& /usr /bin=/usr/bin /lib=/usr/lib /lib64=/usr/lib64 /etc/java-21-openjdk|' \
    "$W/conf/nix.conf"
  mkdir -p "$W"/{debian,derivation,files/{daemons,programs,etc/systemd/system.conf.d}}
  # Each daemon is restarted more than five times in ten seconds.
  printf '[Manager]\nDefaultStartLimitIntervalSec=0\n' >"$W/files/etc/systemd/system.conf.d/no-limit.conf"
  "$ROOT/tests/daemons/debian.sh" "$W/debian" "${PACKAGES[@]}"
  for revision in 1 2; do
    build "$ROOT/tests/daemons/programs.nix" --argstr debian "$W/debian" --argstr revision $revision \
      >"$W/files/programs/$revision"
  done
  cp -r "$ROOT/nix" "$W/helper" "$W/derivation"
  {
    echo "let hello = builtins.storePath $(grep -e '-tools$' "$W/files/programs/1"); in"
    block 'A derivation' 1 | sed 's|/bin/hello|/bin/sleep infinity|'
  } >"$W/derivation/default.nix"
  build "$W/derivation" >"$W/files/programs/drop-in"
  cp -r "$ROOT"/tests/daemons/{clients.sh,facts.sh,units} "$W/files/daemons"
  install -m 644 "$ROOT"/tests/daemons/units/*.socket -D -t "$W/files/etc/systemd/system"
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

# passed STEP=COUNT...: each of these passed, for so many daemons. Otherwise shows what it said.
passed() {
  local step name count failed=0
  for step in "$@"; do
    count=$(grep -c "^${step%=*} .* passed " results) || :
    if [ "$count" != "${step#*=}" ]; then
      echo "$step: $count passed"
      failed=1
    fi
    while read -r name; do
      echo "$name:"
      cat "${name/ /.}"
    done < <(sed -n "s/^\(${step%=*} .*\) failed .*/\1/p" results)
  done
  return $failed
}

@test 'each daemon starts with what the man page says that it lacks, and its client gets its answers' {
  passed prepare=1 starts=11
}

@test 'each daemon sees exactly its closure, and --unit does not refuse what runs' {
  passed confined=11
}

@test 'nginx, PostgreSQL and OpenSSH reload' {
  passed reloads=3
}

@test '24 logins at once pass, each with an instance of its own' {
  passed parallel=1
}

@test 'each daemon answers after each of three restarts' {
  passed restarts=11
}

@test 'each daemon is updated while a client is connected, and a session of OpenSSH goes on' {
  passed updates=11 updated=11
}

@test 'neither a new ./result nor a collection of garbage takes away what runs' {
  passed garbage=1 kept=11
}

@test 'each daemon is rolled back, also after a collection of garbage' {
  passed rolls-back=11 rolled-back=11
}

@test 'what the man page says to do when a daemon does not start names what is missing, on one screen' {
  passed missing=4
}

@test 'what the man page says besides is so' {
  passed fact=16
}

@test 'seven units of Debian, with other commands, start, are updated and rolled back, and keep their directories' {
  passed shipped=7
}

@test 'each daemon is there after a reboot, confined' {
  passed boots=19 booted=18
}

@test 'each daemon goes back, the units of Debian to its programs, and no root directory and no view is left' {
  passed goes-back=18 unmounts=1
}
