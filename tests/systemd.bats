#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Confined for real: units that Nix built, under a systemd that is booted once, in a container. The
# services of tests/systemd/services.nix look around, and each test reads what some of them say.

load helpers
load nix

ROOTS=(tmpfs read-only)
MODES=(full-apivfs chroot-only)
SYSTEMD=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')

# Says why no container boots here; nothing where one does.
why_no_container() {
  if [ "$(id -u)" != 0 ]; then
    echo 'only root can boot a container'
  elif ! command -v systemd-nspawn >/dev/null; then
    echo 'no systemd-nspawn here'
  else
    mkdir -p "$1/empty" "$1/tried"
    : >"$1/empty/driver"
    "$ROOT/tests/systemd/boot.sh" "$1/empty" "$1/tried" >"$1/try" 2>&1 ||
      echo "no container boots here: $(tail -n 1 "$1/try")"
  fi
}

# build ATTRIBUTE: prints the store path, which lies below $W/root.
build() {
  nix-build --no-out-link "$ROOT/tests/systemd/units.nix" --argstr helper "$W/helper" \
    --argstr busybox "$W/busybox" --argstr probe "$W/probe" --argstr systemd "$SYSTEMD" -A "$1" 2>"$W/log" || { cat "$W/log" >&2; return 1; }
}

# block SECTION LANGUAGE N: the N-th block of that language in a section of the README, as it is shown there.
block() {
  awk -v section="## $1" -v fence="\`\`\`$2" -v number="$3" '
    /^## / { inside = $0 == section }
    /^```$/ { shown = 0 }
    shown { print }
    inside && $0 == fence { shown = ++blocks == number }' "$ROOT/README.md"
}

# What the container has beside a copy of this machine.
lay_out_files() {
  local units
  units=$(build units)
  mkdir -p "$W"/files/{etc/systemd/{system,system.conf.d},sweep}
  # What is started at random may be started more often than five times in ten seconds.
  printf '[Manager]\nDefaultStartLimitIntervalSec=0\n' >"$W/files/etc/systemd/system.conf.d/no-limit.conf"
  cp -r "$W/root$units/." "$W/files/etc/systemd/system"
  chmod -R u+w "$W/files"
  (cd "$W/root$units" && find . -maxdepth 1 -name '*.service*' ! -name '*@*' -printf '%f\n') |
    sed 's/\.d$//' | sort -u >"$W/files/services"
  cp -r "$W/root$(build switched)" "$W/files/switched"
  chmod -R u+w "$W/files/switched"
  # Of "applets" the probe in it, and of "link" what it leads to, are looked at elsewhere.
  for package in user linked applets; do build $package; done >"$W/files/closure"
  # Not built anew: there may be no compiler.
  make -s --no-print-directory -C "$ROOT" -o all install BUILD="$BUILD" DESTDIR="$W/files" PREFIX=/usr/local
  cp "$ROOT/tests/systemd/driver.sh" "$W/files/driver"
  install -D -m 644 -t "$W/files/etc/nix" "$W/conf/nix.conf"
  build hello >"$W/files/hello"
  echo "$(build probe)/bin/probe" >"$W/files/look"
  build applets >"$W/files/applets"
  mkdir "$W/files/readme"
  block 'On any other distribution' sh 1 >"$W/files/readme/recipe"
  block 'On any other distribution' sh 2 >"$W/files/readme/is-it-confined"
  block 'On any other distribution' sh 3 >"$W/files/readme/go-back"
  block 'When a confined service does not start' sh 1 >"$W/files/readme/what-is-missing"
  block 'When a confined service does not start' sh 2 >"$W/files/readme/look-from-outside"
  block 'When a confined service does not start' sh 3 >"$W/files/readme/look-from-inside"
  block 'Fast starts' sh 1 >"$W/files/readme/mounted-recipe"
  sed -n 's/^|.*| `\(Bind[A-Za-z]*=[^`]*\)` |$/\1/p' "$ROOT/README.md" >"$W/files/readme/suspects"
  block 'How much it confines' ini 1 >"$W/files/readme/settings"
  echo "${SEED:-$RANDOM}" >"$W/files/seed"
  "$ROOT/tests/systemd/names.sh" /sweep 300 "$(cat "$W/files/seed")" >"$W/names"
  sort -zu "$W/names" >"$W/files/paths"
}

setup_file() {
  export W=$BATS_FILE_TMPDIR
  new_nix "$W"
  if [ ! -s "$W/why" ]; then why_no_container "$W" >"$W/why"; fi
  if [ -s "$W/why" ]; then return; fi
  install -D "$BUILD/probe" "$W/probe/bin/probe"
  # What is to be hidden must be there, or it would prove nothing.
  build unrelated >"$W/unrelated"
  lay_out_files
  mkdir "$W/results"
  echo "# seed $(cat "$W/files/seed"), to be given as SEED to repeat it" >&3
  "$ROOT/tests/systemd/boot.sh" "$W/files" "$W/results" "$W/root/nix"
}

teardown_file() {
  remove_nix "$BATS_FILE_TMPDIR"
}

setup() {
  W=$BATS_FILE_TMPDIR
  if [ -s "$W/why" ]; then unmet "$(cat "$W/why")"; fi
  cd "$W/results" || return
}

# says SERVICE: prints what the service said, and fails, with its journal, unless it ended well.
says() {
  if grep -qx "$1.service success" results; then
    cat "$1.out"
  else
    {
      echo "$1 did not end well. It said:"
      cat "$1.out"
      echo 'Its journal:'
      grep -F "$1" journal
    } >&2
    return 1
  fi
}

# The store paths that the packages named refer to, themselves included, sorted.
closure() {
  local package path
  for package in "$@"; do
    path=$(build "$package") || return
    nix-store -qR "$path"
  done | sort -u
}

seen() { says "$1" | grep '^/nix/store/' | sort; }

for_each_root() {
  local root
  for root in "${ROOTS[@]}"; do "$1" "$root" || { echo "with root = $root" >&2; return 1; }; done
}

# With both roots, with a store mount and without. The function gets the prefix and the root.
for_each_behaviour() {
  local root mounted
  for root in "${ROOTS[@]}"; do
    for mounted in '' mounted-; do
      "$1" "$mounted" "$root" || { echo "with root = $root, $mounted" >&2; return 1; }
    done
  done
}

for_each_visible() {
  local root mode user
  for root in "${ROOTS[@]}"; do
    for mode in "${MODES[@]}"; do
      for user in root static-user; do
        "$1" "visible-$root-$mode-$user" && "$1" "mounted-visible-$root-$mode-$user" || return
      done
    done
  done
}

# boots_with LAYOUT: a container boots on a machine whose control groups are laid out so.
boots_with() {
  local dir=$BATS_TEST_TMPDIR/$1
  mkdir -p "$dir"/{files,results}
  echo 'stat -f -c %T /sys/fs/cgroup' >"$dir/files/driver"
  unshare --mount --propagation private -- bash -euc '
    umount -l /sys/fs/cgroup
    case $1 in
      unified) mount -t cgroup2 none /sys/fs/cgroup ;;
      *) mount -t tmpfs none /sys/fs/cgroup
        mkdir /sys/fs/cgroup/{systemd,unified}
        mount -t cgroup -o none,name=systemd none /sys/fs/cgroup/systemd ;;
    esac
    if [ $1 = hybrid ]; then mount -t cgroup2 none /sys/fs/cgroup/unified; fi
    "$2" "$3/files" "$3/results"' - "$1" "$ROOT/tests/systemd/boot.sh" "$dir"
  [ "$(cat "$dir/results/driver")" = cgroup2fs ]
}

@test 'a container boots on a machine with unified, hybrid and legacy control groups' {
  boots_with unified
  boots_with hybrid
  boots_with legacy
}

@test 'the store shows exactly the closure' {
  closure probe applets link linked user >"$W/expected"
  same() { diff "$W/expected" <(seen "$1"); }
  for_each_visible same
}

@test 'all of the closure can be read and none of it written, not even by root' {
  # shellcheck disable=SC2046
  files=$(cd "$W/root" && find $(closure probe applets link linked user | sed 's/^.//') ! -type l | wc -l)
  # Of the symlink, systemd shows the target: a directory and a file.
  all_read() { says "$1" | grep -x "read: $((files + 2))"; }
  for_each_visible all_read
}

@test 'a store path outside the closure and the /etc, /home, /root and /usr of the host are hidden' {
  [ -e "$W/root$(cat "$W/unrelated")" ]
  is_hidden() { says "$1" | grep -x 'looked for: 6'; }
  for_each_visible is_hidden
}

@test 'in chroot-only there is no /dev, /proc or /sys' {
  if [ "$SYSTEMD" = 247 ]; then skip 'systemd 247 does not read MountAPIVFS=no'; fi
  absent() { says "$1without-apivfs-$2" | grep -x 'looked for: 3'; }
  for_each_behaviour absent
}

@test 'a symlink of the closure has the content of its target, at its own place' {
  shows_target() { says "$1" | grep -x code; }
  for_each_visible shows_target
}

# within_limits ROOT USER UID...: for both modes, with a private /tmp and without.
within_limits() {
  local mode tmp mounted
  for mode in "${MODES[@]}"; do
    for tmp in private no; do
      for mounted in '' mounted-; do
        says "${mounted}limits-$1-$mode-$2-$tmp-tmp" >"$W/said"
        grep -E "^user $3, looked at: [0-9]+$" "$W/said"
      done
    done
  done
}

@test 'root may do no more than it must: root = "tmpfs"' {
  within_limits tmpfs root 0
}

@test 'root may do no more than it must: root = "read-only"' {
  within_limits read-only root 0
}

@test 'an ordinary user may do no more than it must: root = "tmpfs"' {
  within_limits tmpfs static-user '[1-9][0-9]*'
}

@test 'an ordinary user may do no more than it must: root = "read-only"' {
  within_limits read-only static-user '[1-9][0-9]*'
}

@test 'a dynamic user may do no more than it must: root = "read-only"' {
  # systemd's range is 61184 to 65519.
  within_limits read-only dynamic-user '6[1-5][0-9]{3}'
}

@test 'in full-apivfs the whole tree is looked at, /proc and /sys included' {
  [ "$(says limits-tmpfs-full-apivfs-root-no-tmp | sed -n 's/.*looked at: //p')" -gt 1000 ]
}

@test 'contents, modes, owners, times, sizes and hard links are those of the host' {
  [ "$(wc -l <manifest)" -gt 100 ]
  reads_the_same() { diff manifest <(says "$1" | grep '^manifest ' | sort); }
  for_each_visible reads_the_same
}

@test 'with a store mount, directories are shown by it and files bound from it' {
  conf=$(find "$W/root$(build units)" -name 'mounted-visible-read-only-*-static-user.service.d' | head -n 1)/confinement.conf
  [ "$(grep -c '^AssertPathIsDirectory=' "$conf")" -ge 7 ]
  # The mount itself, and two files.
  [ "$(grep -c '^BindReadOnlyPaths=/run/confinement-store/' "$conf")" = 3 ]
  run -1 grep '^BindReadOnlyPaths=/nix' "$conf"
}

@test 'not even root with all capabilities can write to a store mount or open what is outside by a handle; binds it can' {
  says mounted-no-users >"$W/mounted"
  grep -x '/nix/store' "$W/mounted"
  grep -x '  create: Read-only file system' "$W/mounted"
  grep -x '  remount: done' "$W/mounted"
  grep -x '  chmod then: Read-only file system' "$W/mounted"
  run -1 grep -x 'handle: done' "$W/mounted"
  says bound-no-users >"$W/bound"
  grep -x '  create: Read-only file system' "$W/bound"
  grep -x '  chmod then: done' "$W/bound"
  # An overlay opens nothing by handle.
  if [ "$(stat -f -c %T "$W/root/nix")" = ext2/ext3 ]; then grep -x 'handle: done' "$W/bound"; fi
}

@test 'root in a user name space of its own can neither write, remount nor unmount, with a store mount and without' {
  for way in mounted bound; do
    says $way-private-users >"$W/said"
    grep -x '  create: Read-only file system' "$W/said"
    run -1 grep -E '^(  (chmod|create|remount|chmod then|unmount)|handle): done$' "$W/said"
  done
}

@test 'a store mount is made once, changes with the closure, and goes when nothing needs it' {
  # Of the one that starts often and the one that runs long, before and after the switch: state, mounts.
  diff life.said - <<'END'
made once
 active 2 there active 2 there before the switch
 inactive 0 gone inactive 0 gone active 2 there inactive 0 gone after the switch
 inactive 0 gone inactive 0 gone active 2 there inactive 0 gone after the one that ran on
 inactive 0 gone inactive 0 gone inactive 0 gone inactive 0 gone without any configured
END
  closure probe applets linked >"$W/expected"
  diff "$W/expected" <(says life-often | sed '/^== switch$/,$d' | sort -u)
  closure probe applets unrelated >"$W/expected"
  diff "$W/expected" <(says life-often | sed '1,/^== switch$/d' | sort)
  # The one that ran on still had its old closure, looked at for the first time.
  says life-long | grep -x code
  says life-long | grep -e '-linked$'
  run -1 grep -e '-unrelated$' life-long.out
}

@test 'with a store mount that is not as it should be, a service does not start and says why' {
  diff <(grep -v '^store-is-an-overlay:' faulty.said) - <<'END'
good: started
no-layer: refused
other-layer: refused
mount-of-old-layer: refused
wrong-layer: refused
no-overlayfs: refused
unmounted: refused
gone-path: refused
END
  for case in no-layer wrong-layer no-overlayfs; do
    grep -F 'Dependency failed' faulty-$case.status
    grep -E 'confinement-store@faulty.service: (Main|Control) process exited|Failed with result' faulty-$case.status
  done
  grep -E 'AssertPathExists=/run/confinement-store/faulty/mount/closure-[0-9a-f]{16} was not met' faulty-other-layer.status
  grep -E 'AssertPathExists=/run/confinement-store/faulty/mount/closure-[0-9a-f]{16} was not met' faulty-mount-of-old-layer.status
  # Of two that are not met systemd names one.
  grep -E 'Assert(PathIsMountPoint|PathExists)=/run/confinement-store/faulty/mount[^ ]* was not met' faulty-unmounted.status
  grep -E 'AssertPathIsDirectory=/nix/store/[^ ]*-hello was not met' faulty-gone-path.status
  # A store that is an overlay is one too many where it lies on one itself.
  if grep -q '^store-is-an-overlay: started' faulty.said; then
    closure hello >"$W/expected"
    diff "$W/expected" <(tail -n $(($(wc -l <"$W/expected") + 1)) faulty.out | grep '^/nix' | sort)
  else
    grep -F 'Dependency failed' faulty-store-is-an-overlay.status
  fi
}

@test 'a read-only root works with each user, ProtectSystem=, directories of systemd, and PrivateTmp= against the mode' {
  closure probe >"$W/expected"
  total=0
  while read -r name; do
    diff "$W/expected" <(seen "$name") || { echo "in $name" >&2; return 1; }
    says "$name" | grep -q -x 'looked for: 4'
    says "$name" | grep -q -E '^user [0-9]+, looked at: '
    total=$((total + 1))
  done < <(sed -n 's/^\(combined-.*\)\.service$/\1/p' "$W/files/services")
  [ $total = 72 ]
}

@test 'a process of the same user outside changes nothing of what root runs inside' {
  diff /dev/null attack.said
  unchanged() {
    says "target-$1" | grep -x -c reloaded | grep -x 2
    diff <(says "target-$1" | sed '/^== attack$/,$d') <(says "target-$1" | sed '1,/^== attack$/d')
    says "target-$1" | grep -x "/nix/store/.*-reload"
  }
  for_each_root unchanged
}

@test 'each service has a root directory of its own, of root' {
  # What systemd makes in every root directory.
  run -1 grep -v -x -E 'bin|dev|etc|home|lib|lib64|proc|root|run|sbin|sys|tmp|usr|var' var-empty
  run -1 grep -v '^root 755 ' roots
  grep -x 'root 755 target-read-only' roots
  # The instances of a template have one.
  [ "$(grep -c instance-read-only roots)" = 1 ]
}

@test '$RUNTIME_DIRECTORY is the directory of the service' {
  has_it() { [ "$(says "$1runtime-directory-$2")" = "/run/$1runtime-directory-$2"$'\nwritten' ]; }
  for_each_behaviour has_it
}

@test 'another BindReadOnlyPaths= of the service works, also over the empty directories of the root' {
  over() { [ "$(says "$1extra-etc-$2")" = $'secret\nsecret' ]; }
  for_each_behaviour over
}

@test 'another BindReadOnlyPaths= of the service works' {
  extra() { [ "$(says "$1extra-bind-$2")" = secret ]; }
  for_each_behaviour extra
}

@test 'a state directory keeps its content over a restart' {
  counted() { [ "$(says "$1state-$2")" = $'1\n2' ]; }
  for_each_behaviour counted
}

@test '/bin/sh runs' {
  runs() { [ "$(says "$1with-bin-sh-$2")" = 'the shell runs' ]; }
  for_each_behaviour runs
}

@test 'there is no /bin/sh with binSh = null' {
  absent() { says "$1without-bin-sh-$2"; }
  for_each_behaviour absent
}

@test '/bin/sh is another program where binSh says so' {
  other() { [ "$(says "$1other-bin-sh-$2")" = /bin/sh ]; }
  for_each_behaviour other
}

# sees NAME PACKAGE...: with both roots.
sees() {
  local name=$1
  shift
  closure "$@" >"$W/expected"
  same() { diff "$W/expected" <(seen "$1$name-$2"); }
  for_each_behaviour same
}

@test 'by default only what the Exec settings name is there' {
  sees exec-only probe
}

@test 'includePath adds what is in PATH' {
  sees with-path probe program
}

@test 'includeEnvironment adds what the environment names' {
  sees with-environment probe codec
}

@test 'fullUnit adds what else the unit names' {
  sees with-full-unit probe unrelated
}

@test 'a unit that a package ships is extended and not replaced' {
  sees shipped probe
  confined() { says "$1shipped-$2" | grep -x 'looked for: 6'; }
  # Its second ExecStart, of the package, looks for what is hidden.
  for_each_behaviour confined
}

@test 'an ordinary user with UMask=0077 can read the closure' {
  if [ "$SYSTEMD" = 247 ]; then skip 'before 250, systemd makes mount points with the UMask= of the service'; fi
  sees umask probe
  reads() { says "$1umask-$2" | grep -x 'read: 3'; }
  for_each_behaviour reads
}

@test 'instances of a template start and stop in any order without disturbing another' {
  diff <(echo 'done: 40 steps') instances.said
  for root in "${ROOTS[@]}"; do
    for instance in 1 2 3; do
      says "instance-$root@$instance"
      [ ! -s "instance-$root@$instance.out" ]
    done
  done
}

# Whether no unit can hold the path, by chroot-paths(1): not normal, a control character, a quote, or
# not UTF-8, which Unicode's noncharacters count as, too.
must_be_refused() {
  local LC_ALL=C noncharacter=$'\xef\xb7[\x90-\xaf]|\xef\xbf[\xbe\xbf]|[\xf0-\xf4][\x8f\x9f\xaf\xbf]\xbf[\xbe\xbf]'
  [[ $1 =~ /\.\.?$ || $1 =~ [[:cntrl:]\"\'] || $1 =~ $noncharacter ]] ||
    ! iconv -f UTF-8 -t UTF-16 <<<"$1" >/dev/null 2>&1
}

@test 'of all bytes in all places, exactly what the man page says is refused' {
  mapfile -t -d '' refused <refused
  mapfile -t -d '' written <written
  mapfile -t -d '' paths <"$W/files/paths"
  echo "# ${#written[@]} paths are written, ${#refused[@]} refused" >&3
  [ $((${#written[@]} + ${#refused[@]})) = ${#paths[@]} ]
  for path in "${refused[@]}"; do
    must_be_refused "$path" || { printf 'refused: %q\n' "$path"; return 1; }
  done
  for path in "${written[@]}"; do
    if must_be_refused "$path"; then printf 'written: %q\n' "$path"; return 1; fi
  done
}

@test 'systemd reads each path that is written as the path that was meant' {
  for part in sweep/*; do
    expected=
    while IFS= read -r -d '' source && IFS= read -r -d '' destination; do
      expected+=" $source:$destination:rbind"
    done <"$part"
    grep -aF -- "$expected " "sweep@${part#*/}.service.read" >/dev/null || {
      echo "meant: $expected"
      echo "read:"
      cat "sweep@${part#*/}.service.read"
      return 1
    }
  done
}

@test 'a service with each path that is written starts and sees its content' {
  total=0
  for part in sweep/*; do
    size=$(($(tr -dc '\0' <"$part" | wc -c) / 2))
    says "sweep@${part#*/}" | grep -x "held their paths: $size"
    total=$((total + size))
  done
  # As themselves, and as what a symlink leads to.
  [ "$total" = $((2 * $(tr -dc '\0' <written | wc -c))) ]
}

@test 'systemd-analyze verify has no complaint about any unit or drop-in' {
  diff /dev/null verify.said
}

@test 'the recipe of the README confines a service without NixOS, with each root and mode' {
  grep -q -e '--root read-only' "$W/files/readme/recipe"
  diff /dev/null recipe.said
  closure hello >"$W/expected"
  for root in "${ROOTS[@]}"; do
    for mode in "${MODES[@]}"; do
      diff "$W/expected" <(seen "recipe-$root-$mode")
      says "recipe-$root-$mode" | grep -x 'Hello, world!'
      says "recipe-$root-$mode" | grep -x 'looked for: 4'
    done
  done
}

@test 'the recipe of the README with a store mount confines as well, and so does it go back' {
  closure hello >"$W/expected"
  diff "$W/expected" <(seen recipe-mounted)
  says recipe-mounted | grep -x 'looked for: 4'
}

@test 'the README tells how to see that a service is confined, and how to go back' {
  grep -x RootDirectory=/run/confinement-root/hello is-it-confined.out
  grep -x 'DropInPaths=.*/hello.service.d/confinement.conf' is-it-confined.out
  grep '^BindReadOnlyPaths=.*-hello:' is-it-confined.out
  [ "$(cat went-back)" = RootDirectory= ]
}

@test 'the commands of the README show what is missing, and what a service sees' {
  grep -F '"/etc/missing.conf", ' what-is-missing.out
  diff <(printf '%s\n' dev etc nix proc sys tmp) <(grep -x -E 'dev|etc|nix|proc|sys|tmp' look-from-outside.out | sort)
  run -1 grep of-the-host look-from-outside.out
  # What was asked of the shell.
  grep -x inside look-from-inside.out
  [ "$(tail -n 1 look-from-inside.out)" = store ]
}

@test 'each setting that the README has for the usual suspects brings what it names' {
  [ "$(wc -l <"$W/files/readme/suspects")" = 4 ]
  says suspects >"$W/said"
  diff <(sed 's/^[^=]*=//' "$W/files/readme/suspects" | tr ' ' '\n' | sort) <(sort "$W/said")
}

@test 'root is not held by chroot-only, as the README says' {
  out() { [ "$(says "escape-$1")" = secret ]; }
  for_each_root out
}

@test 'root in full-apivfs sees and signals the processes of the host, and shares /dev/shm, as the README says' {
  diff - <(says exposed) <<<$'processes of others\nsignal\nshared memory'
}

@test 'with the settings of the README a service does none of this, and systemd-analyze rates it better' {
  [ "$(wc -l <"$W/files/readme/settings")" = 8 ]
  says hardened
  [ ! -s hardened.out ]
  before=$(sed -n 's/.*exposure level for exposed.service: \([0-9.]*\) .*/\1/p' security)
  after=$(sed -n 's/.*exposure level for hardened.service: \([0-9.]*\) .*/\1/p' security)
  echo "# systemd-analyze security: $before before, $after after" >&3
  awk "BEGIN { exit !($after < $before - 3) }"
}

@test 'a drop-in of the program confines all commands, though the unit says RootDirectoryStartOnly=yes' {
  [ "$(says start-only | grep -c -x 'looked for: 3')" = 2 ]
}

@test 'what the program writes with --root and --mode is what the module sets' {
  wanted=$W/root$(build dropIns)
  [ "$(find "$wanted" -type f | wc -l)" = 4 ]
  for root in "${ROOTS[@]}"; do
    for mode in "${MODES[@]}"; do
      "$PROGRAM" --store-paths /dev/null --service a.service --root "$root" --mode "$mode" --out "$W/written"
      diff <(sort "$wanted/$root-$mode.conf") \
        <(grep -v '^RootDirectoryStartOnly=no$' "$W/written/lib/systemd/system/a.service" | sort)
    done
  done
}
