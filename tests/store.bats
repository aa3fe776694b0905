#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Services that are bound from the view of the store, in a container that is booted twice, with a real Nix inside:
# they differ from those with BindReadOnlyPaths= in nothing but speed, on a writable store and on a read-only one.
# Each setting is tried with one of the two roots, and the other ones in turn; with FAULTS=all, and in the suites of
# matrix.sh, with both.

DRIVER='store-driver.sh'
load booted

lay_out_files() {
  packages probe applets linked link unrelated planted
  nix-store -qR "$PROBE" "$APPLETS" "$LINKED" "$LINK" | sort -u >"$W/files/closure"
  { cat "$W/files/closure"; echo "$PLANTED"; } >"$W/files/closure-planted"
  # Nothing of this is garbage.
  mkdir -p "$W/root/nix/var/nix/gcroots"
  sed 's/^[^=]*=//' "$W/files/packages" | xargs ln -s -t "$W/root/nix/var/nix/gcroots"
  sed "/^#/d; s|@PROBE@|$PROBE|; s|@LINKED@|$LINKED|; s|@UNRELATED@|$UNRELATED|" "$ROOT/tests/systemd/settings.txt" \
    >"$W/files/settings"
  if [ "${FAULTS-}" = all ] || [ -n "${SUITE-}" ]; then PART=all; fi
  echo "${PART:=$((RANDOM % 2))}" >"$W/files/part"
  echo "# to repeat: PART=$PART" >&3
}

# Runs the command for each kind of binds that the program writes for each root.
for_each_way() {
  local way
  for way in full-view tmpfs-{binds,view}; do
    echo "in $way"
    "$1" "$way"
  done
}

@test 'with any of 150 settings a service exits and sees the same, whichever way its closure is bound' {
  # A store that is not mounted so lacks these flags. The journal makes files of its own at any time.
  comparable() { sed -E 's/ (nosuid|nodev)//g; /^view .run.systemd.journal/d' "$1"; }
  for root in full tmpfs; do
    for store in writable read-only; do
      diff --show-function-line='^== ' <(comparable $root-binds-writable) <(comparable $root-view-$store)
    done
  done
  made=$(cat {full,tmpfs}-view-writable | grep -c '^== .*Result=')
  [ "$made" -ge "$(wc -l <"$W/files/settings")" ]
  # Most start, and see the closure.
  started=$(cat {full,tmpfs}-view-writable | grep -c "^view $PROBE/bin/probe .* readable ro nosuid nodev")
  echo "$started of $made"
  [ $((started * 4)) -gt $((made * 3)) ]
}

@test 'with any of these settings, known to this systemd or not, a service sees nothing else of the host' {
  cat {full,tmpfs}-*-{writable,read-only} >views
  run -1 grep '^view .*/of-the-host' views
  awk -v path="$UNRELATED" '/^== / { setting = $NF } $1 == "view" && $2 == path { print setting }' views >bound
  grep -x "BindReadOnlyPaths=$UNRELATED" bound
  # Two more settings bind it.
  run -1 grep -v -x -E "BindReadOnlyPaths=($UNRELATED|/nix/|/nix/store)" bound
}

@test 'the program refuses no service with one of these settings' {
  diff /dev/null refused
}

@test 'binds of its own work: a store path outside the closure, a file under another name, the store, /nix/' {
  has() {
    says "$1-own" | grep -x unrelated
    says "$1-own" | grep -x "$UNRELATED"
    # The closure is there, too.
    says "$1-own" | grep -x "$PROBE"
    says "$1-renamed" | grep -x unrelated
    run -1 grep -x "$UNRELATED" "$1-renamed.out"
    [ "$(says "$1-store")" = unrelated ]
    [ "$(says "$1-nix")" = unrelated ]
  }
  for_each_way has
}

@test 'of two binds to one place the first wins: that of an earlier drop-in, but not that of a later one' {
  wins() {
    [ "$(says "$1-first")" = "$LINK/file" ]
    [ "$(says "$1-later")" = "$LINK/codec" ]
  }
  for_each_way wins
}

@test 'nothing in the closure can be written, whatever the service sets' {
  [ "$(grep -c -e '-write-.* success$' results)" = 33 ]
  # Each prints how much it has read, and nothing else.
  [ "$(cat -- *-write-*.out | wc -l)" = 33 ]
  run -0 sort -u -- *-write-*.out
  [[ $output =~ ^read:\ [0-9]+$ ]]
}

@test 'root in full-apivfs can neither write to, remount nor unmount what is bound' {
  [ "$(grep -l -x '  create: Read-only file system' full-view-mounts-*.out | wc -l)" = 11 ]
  run -1 grep -E '^  (chmod|create|remount|chmod then): done$' full-view-mounts-*.out
  # In a mount namespace of its own, it can unmount, and then has less.
  run -1 grep -x '  unmount: done' full-view-mounts-{1..7}.out
  # With all capabilities it can change what it sees.
  says full-view-all-capabilities | grep -x '  chmod then: done'
}

@test 'nosuid and nodev of the view hold in a service' {
  # Without it, root is gained. (With --root 252 forbids it, as NoNewPrivileges=yes does.)
  says tmpfs-binds-gain >"$W/said"
  diff <(sed 's/user [1-9][0-9]*/user/' "$W/said") - <<END
user 0, gained: yes
user, gained: yes
open: done
END
  for root in full tmpfs; do
    diff <(says $root-view-gain | sed 's/user [1-9][0-9]*/user/') - <<END
user, gained: no
user, gained: no
open: Permission denied
END
  done
}

@test 'it stays read-only for root, which the host restarts and reloads after each change to its mounts' {
  says full-view-lasting >"$W/said"
  diff <(sort -u "$W/said") <(head -n 1 full-view-write-1.out)
  # At the start, at each of six restarts, and at each reload but that without the view, which fails
  [ "$(wc -l <"$W/said")" = 12 ]
}

@test 'without the mount of the view a service is stopped, and without its unit none starts' {
  diff without - <<<$'stopped: inactive\n226\n\n226'
  [ ! -s full-view-missed.out ]
  [ ! -s tmpfs-view-missed.out ]
}

@test 'a service starts by a socket, by a timer, with Type=notify, early at boot, and after a reboot' {
  for root in full tmpfs; do
    says $root-view-socket | grep -x called
    for name in socket timer notify early; do
      diff "$W/files/closure" <(says $root-view-$name | grep -v -x called | sort)
    done
  done
  diff "$W/files/closure" <(says full-view-after-boot | sort)
}

# elsewhere OPTION...: starts services in a container with these options of systemd-nspawn.
elsewhere() {
  cd "$BATS_TEST_TMPDIR" || return
  cp -r "$W/files" .
  mkdir results
  touch files/elsewhere
  "$ROOT/tests/systemd/boot.sh" files "$PWD/results" "$W/root/nix" "$@"
  cd results || return
}

@test 'in a container with user namespaces, services of root, a user and a dynamic user start, confined' {
  if [ -z "${SUITE-}" ]; then skip 'it would change the owners of all files of this machine'; fi
  elsewhere --private-users=pick --private-users-ownership=chown
  for name in full-view-{User-root,User-daemon,DynamicUser-yes} tmpfs-view-User-root; do
    diff <(cat "$W/files/closure"; head -n 1 "$W/results/full-view-write-1.out") <(says "$name" | sort)
  done
}

@test 'in a container without CAP_SYS_ADMIN there is no view, and no service starts' {
  elsewhere --drop-capability=CAP_SYS_ADMIN --tmpfs=/run/lock
  [ "$(grep -c 'Dependency failed for .*-view-' journal)" = 4 ]
  run -1 compgen -G '*-view-*.out'
}

@test 'Nix builds, adds, repairs, optimises and collects garbage, and each start sees what the store has' {
  for store in writable read-only; do
    built=$(sed -n 's/^built: //p' nix-$store)
    diff nix-$store - <<END
built: $built
added: text
damaged: damaged
repaired: $built
optimised, 3 links: $built
deleted: yes
built anew: $built
rebuilt: $built
collected: yes
END
  done
}
