#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The set of settings that chroot-paths-confinement(7) recommends, with programs of many kinds, and what breaks.
# tests/daemons.bats has Node.js and Java. The services see the programs of the machine.

load helpers
load container

setup_file() {
  export W=$BATS_FILE_TMPDIR
  why_no_container "$W" >"$W/why-not"
  if [ -s "$W/why-not" ]; then return; fi
  mkdir -p "$W"/files/{settings,nix/store/busybox/bin} "$W/results"
  cp "$ROOT"/tests/settings/many.* "$ROOT/tests/settings/call.py" "$W/files/settings"
  cp "$ROOT/tests/settings/driver.sh" "$W/files/driver"
  gcc -D_GNU_SOURCE -o "$W/files/settings/many" "$ROOT/tests/settings/many.c"
  cp "$(command -v busybox)" "$W/files/nix/store/busybox/bin"
  block 'HOW MUCH IT CONFINES' 1 >"$W/files/settings/set"
  make -s --no-print-directory -C "$ROOT" -o all install BUILD="$BUILD" DESTDIR="$W/files" PREFIX=/usr/local
  unshare --net -- bash -c 'busybox ip link set lo up; exec "$@"' - \
    "$ROOT/tests/systemd/boot.sh" "$W/files" "$W/results"
}

setup() {
  W=$BATS_FILE_TMPDIR
  if [ -s "$W/why-not" ]; then unmet "$(cat "$W/why-not")"; fi
  cd "$W/results" || return
  SYSTEMD=$(systemctl --version | awk 'NR == 1 { print $2 }')
}

# succeed NAME...: these services did.
succeed() {
  local name
  for name in "$@"; do
    if ! grep -x "$name loaded success" ends; then
      grep -h -e "^$name " -e " $name\\." ends journal
      return 1
    fi
  done
}
# breaks NAME...: the service before succeeded, the one after did not.
breaks() {
  local name
  for name in "$@"; do
    succeed "before-$name" || return
    grep -q "^after-$name " ends || return
    run ! succeed "after-$name"
  done
}

@test 'programs in C, static and not, shell, git, Perl, Python and awk run with the settings of the man page' {
  succeed static c shell perl python awk
}

@test 'a network daemon serves its client with them' {
  diff page "$ROOT/tests/settings/many.awk"
}

@test 'they break namespaces, other address families, realtime scheduling and what needs a capability' {
  breaks namespace family realtime capability
}

@test 'systemd-analyze rates them 1.4, and DynamicUser= alone 6.7' {
  sed -n 's/.*exposure level for \(.*\).service: \([0-9.]*\) .*/\1 \2/p' security |
    diff <(printf '%s\n' 'before-namespace 6.7' 'c 1.4') -
}

@test 'each stronger setting breaks what the man page says' {
  breaks compile meminfo nice processors setuid chown interfaces
  if [ "$SYSTEMD" -ge 257 ]; then breaks fork stop; fi
}

@test 'with PrivateUsers=managed of 262 a start counts as successful although nothing ran' {
  succeed managed
  if [ "$SYSTEMD" -ge 262 ]; then ran=''; else ran=ran; fi
  [ "$(cat managed)" = "$ran" ]
}
