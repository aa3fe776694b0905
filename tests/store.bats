#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Services with --read-only-store, in a container that is booted twice, with a real Nix inside: how they
# differ from those without, which is in nothing but speed, and how Nix works on a store that is mounted
# read-only as in the README.

load helpers
load nix
load container

lay_out_files() {
  local name
  mkdir -p "$W/files/readme"
  for name in probe applets linked link unrelated planted; do
    echo "${name^^}=$(build_package $name)"
  done >"$W/files/packages"
  # shellcheck source=/dev/null
  . "$W/files/packages"
  nix-store -qR "$PROBE" "$APPLETS" "$LINKED" "$LINK" | sort -u >"$W/files/closure"
  { cat "$W/files/closure"; echo "$PLANTED"; } >"$W/files/closure-planted"
  # Nothing of this is garbage.
  mkdir -p "$W/root/nix/var/nix/gcroots"
  sed 's/^[^=]*=//' "$W/files/packages" | xargs ln -s -t "$W/root/nix/var/nix/gcroots"
  make -s --no-print-directory -C "$ROOT" -o all install BUILD="$BUILD" DESTDIR="$W/files" PREFIX=/usr/local
  install -D -m 644 -t "$W/files/etc/nix" "$W/conf/nix.conf"
  cp "$ROOT/tests/systemd/store-driver.sh" "$W/files/driver"
  grep -v '^#' "$ROOT/tests/systemd/settings.txt" >"$W/files/settings"
  block 'Fast starts' ini 1 >"$W/files/readme/unit"
  block 'Fast starts' sh 1 >"$W/files/readme/enable"
}

setup_file() {
  export W=$BATS_FILE_TMPDIR
  new_nix "$W"
  if [ ! -s "$W/why" ]; then why_no_container "$W" >"$W/why"; fi
  if [ -s "$W/why" ]; then return; fi
  install -D -t "$W/probe/bin" "$BUILD/probe" "$BUILD/attack"
  lay_out_files
  mkdir "$W/results"
  "$ROOT/tests/systemd/boot.sh" "$W/files" "$W/results" "$W/root/nix"
}

teardown_file() {
  if [ -n "${KEEP-}" ]; then cp -a "$BATS_FILE_TMPDIR/results/." "$KEEP"; fi
  remove_nix "$BATS_FILE_TMPDIR"
}

setup() {
  W=$BATS_FILE_TMPDIR
  if [ -s "$W/why" ]; then unmet "$(cat "$W/why")"; fi
  # shellcheck source=/dev/null
  . "$W/files/packages"
  cd "$W/results" || return
}

# Runs the command for both roots, with BindReadOnlyPaths= and with BindPaths=.
for_each_way() {
  local root way
  for root in full tmpfs; do
    for way in binds fast; do "$1" "$root-$way" || { echo "in $root-$way" >&2; return 1; }; done
  done
}

@test 'on a writable store the service does not start, and its status says why' {
  [ ! -e full-fast-asserted.out ]
  grep -F 'Starting requested but asserts failed.' asserted-status
}

@test 'with any of some 120 settings a service exits and sees the same, whichever way its closure is bound' {
  total=0
  while IFS= read -r setting; do
    total=$((total + 1))
    for root in full tmpfs; do
      grep -q ^Result= "$root-fast-sweep-$total.out"
      diff "$root-binds-sweep-$total.out" "$root-fast-sweep-$total.out" || { echo "with $root, $setting"; return 1; }
    done
  done <"$W/files/settings"
  [ $total -ge 60 ]
  # Most start, and see the closure.
  [ "$(grep -l "^view $PROBE/bin/probe .* readable ro nosuid nodev" ./*-fast-sweep-*.out | wc -l)" -gt $((2 * total * 8 / 10)) ]
}

@test 'binds of its own work: a store path outside the closure, a file under another name, the store, /nix/' {
  has() {
    for name in outside writable; do
      says "$1-$name" | grep -x unrelated
      says "$1-$name" | grep -x "$UNRELATED"
      # The closure is there, too.
      says "$1-$name" | grep -x "$PROBE"
    done
    says "$1-renamed" | grep -x unrelated
    run -1 grep -x "$UNRELATED" "$1-renamed.out"
    [ "$(says "$1-store")" = unrelated ]
    [ "$(says "$1-nix")" = unrelated ]
  }
  for_each_way has
}

@test 'nothing in the closure can be written, whatever the service sets' {
  unchanged() {
    for number in {1..8}; do
      says "$1-write-$number" | grep '^read: [0-9]'
      [ "$(wc -l <"$1-write-$number.out")" = 1 ]
    done
  }
  for_each_way unchanged
}

@test 'root in full-apivfs can neither write to, remount nor unmount what is bound' {
  for number in {1..8}; do
    says "full-fast-mounts-$number" | grep -x '  create: Read-only file system'
    run -1 grep -E '^  (chmod|create|remount|chmod then|unmount): done$' "full-fast-mounts-$number.out"
  done
}

@test 'nosuid and nodev of the store hold in a service' {
  # Before the store is mounted so, root is gained. (With --root 252 forbids it, as NoNewPrivileges=yes does.)
  says tmpfs-binds-gain >"$W/said"
  diff <(sed 's/user [1-9][0-9]*/user/' "$W/said") - <<END
user 0, gained: yes
user, gained: yes
open: done
END
  for root in full tmpfs; do
    diff <(says $root-fast-gain | sed 's/user [1-9][0-9]*/user/') - <<END
user, gained: no
user, gained: no
open: Permission denied
END
  done
}

@test 'the mount unit of the README makes the store read-only, also after a reboot' {
  grep -E ' /nix/store .* ro,nosuid,nodev,' mounted
  grep -E ' /nix/store .* ro,nosuid,nodev,' mounted-at-boot
}

@test 'a service starts after a reboot, and mounts the store if nothing else has' {
  diff /dev/null mounted-after-stop
  says full-fast-after-boot | sort >"$W/said"
  diff <(sort "$W/files/closure" "$W/files/closure") "$W/said"
}

@test 'Nix builds, adds, repairs and collects garbage on that store, and each start sees what it has' {
  built=$(sed -n 's/^built: //p' nix.said)
  diff nix.said - <<END
built: $built
added: text
damaged: damaged
repaired: $built
deleted: yes
built anew: $built
rebuilt: $built
collected: yes
END
}
