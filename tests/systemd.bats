#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Real services: Nix builds the units, and a systemd that is booted once, in a container, starts them. The
# services of tests/systemd/services.nix look around, and each test checks the output of some.

DRIVER=driver.sh
EXPRESSION=units.nix
load booted

ROOTS=(tmpfs read-only)
MODES=(full-apivfs chroot-only)

# Makes the files that only the container has.
lay_out_files() {
  local units
  # A path that the services must not see has to exist.
  build unrelated >"$W/unrelated"
  units=$(build units)
  mkdir -p "$W"/files/{etc/systemd/{system,system.conf.d},sweep}
  # The services that start at random may do so more than five times in ten seconds.
  printf '[Manager]\nDefaultStartLimitIntervalSec=0\n' >"$W/files/etc/systemd/system.conf.d/no-limit.conf"
  cp -r "$W/root$units/." "$W/files/etc/systemd/system"
  chmod -R u+w "$W/files"
  (cd "$W/root$units" && find . -maxdepth 1 -name '*.service*' ! -name '*@*' -printf '%f\n') |
    sed 's/\.d$//' | sort -u >"$W/files/services"
  # The rest of the closure, "probe" and "link", is looked at elsewhere.
  build user linked applets >"$W/files/closure"
  packages probe applets hello
  block 'Debian and others' 1 >"$W/files/readme/profile"
  block 'Debian and others' 2 >"$W/files/readme/recipe"
  block 'UPDATE, ROLL BACK, GO BACK' 2 >"$W/files/readme/go-back"
  block 'WHEN IT DOES NOT START' 1 >"$W/files/readme/what-is-missing"
  block 'WHEN IT DOES NOT START' 3 >"$W/files/readme/look-from-inside"
  # These are files, with the name that they have on the host.
  entries | sed -n 's/^\t\(Bind[A-Za-z]*=\)/\1/p' | grep -v -e hello -e :/host -e dbus >"$W/files/readme/suspects"
  block 'HOW MUCH IT CONFINES' 1 >"$W/files/readme/settings"
  echo "${SEED:-$RANDOM}" >"$W/files/seed"
  "$ROOT/tests/systemd/names.sh" /sweep 300 "$(cat "$W/files/seed")" >"$W/names"
  sort -zu "$W/names" >"$W/files/paths"
  echo "# to repeat: SEED=$(cat "$W/files/seed")" >&3
}

# Prints the closure of the named packages, sorted.
closure() { build "$@" | xargs nix-store -qR | sort -u; }

seen() { says "$1" | grep '^/nix/store/' | sort; }

for_each_root() {
  local root
  for root in "${ROOTS[@]}"; do
    echo "with root = $root"
    "$1" "$root"
  done
}

for_each_visible() {
  local mode user
  for mode in "${MODES[@]}"; do
    for user in tmpfs-$mode-{root,static-user} read-only-$mode-{root,static-user,dynamic-user}; do
      echo "in visible-$user"
      "$1" "visible-$user"
    done
  done
}

# boots_with LAYOUT: a container boots on a machine with that layout of control groups.
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
  # In place of the symlink, systemd shows its target: a directory and a file.
  all_read() { says "$1" | grep -x "read: $((files + 2))"; }
  for_each_visible all_read
}

@test 'a store path outside the closure and the /etc, /home, /root and /usr of the host are hidden' {
  [ -e "$W/root$(cat "$W/unrelated")" ]
  is_hidden() { says "$1" | grep -x 'looked for: 6'; }
  for_each_visible is_hidden
}

@test 'in chroot-only there is no /dev, /proc or /sys' {
  absent() { says "without-apivfs-$1" | grep -x 'looked for: 3'; }
  for_each_root absent
}

@test 'a symlink in the closure shows the content of its target' {
  shows_target() { says "$1" | grep -x code; }
  for_each_visible shows_target
}

@test 'no user can do more than it needs, with either root, in either mode, with a private /tmp and without' {
  total=0
  while read -r name; do
    case $name in
      *-root-*) user=0 ;;
      *-static-user-*) user='[1-9][0-9]*' ;;
      # systemd's range is 61184 to 65519.
      *) user='6[1-5][0-9]{3}' ;;
    esac
    says "$name" | grep -E "^user $user, looked at: [0-9]+$"
    total=$((total + 1))
  done < <(sed -n 's/^\(limits-.*\)\.service$/\1/p' "$W/files/services")
  [ $total = 20 ]
}

@test 'in full-apivfs these limits are checked in the whole tree, including /proc and /sys' {
  [ "$(says limits-tmpfs-full-apivfs-root-no-tmp | sed -n 's/.*looked at: //p')" -gt 1000 ]
}

@test 'contents, modes, owners, times, sizes and hard links are those of the host' {
  [ "$(wc -l <manifest)" -gt 100 ]
  reads_the_same() { diff manifest <(says "$1" | grep '^manifest ' | sort); }
  for_each_visible reads_the_same
}

@test 'root with all capabilities can change binds, and open files outside by handle' {
  says bound-no-users >"$W/bound"
  grep -x '  create: Read-only file system' "$W/bound"
  grep -x '  chmod then: done' "$W/bound"
  # On an overlay, no file can be opened by handle.
  if [ "$(stat -f -c %T "$W/root/nix")" = ext2/ext3 ]; then grep -x 'handle: done' "$W/bound"; fi
}

@test 'root in a user name space of its own can neither write, remount nor unmount' {
  says bound-private-users >"$W/said"
  grep -x '  create: Read-only file system' "$W/said"
  run -1 grep -E '^(  (chmod|create|remount|chmod then|unmount)|handle): done$' "$W/said"
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
  [ $total = 24 ]
}

@test 'a process of the same user outside cannot change the programs that root runs inside' {
  diff /dev/null attack.said
  unchanged() {
    says "target-$1" | grep -x -c reloaded | grep -x 2
    diff <(says "target-$1" | sed '/^== attack$/,$d') <(says "target-$1" | sed '1,/^== attack$/d')
    says "target-$1" | grep -x "/nix/store/.*-reload"
  }
  for_each_root unchanged
}

@test 'each service has its own root directory, which belongs to root' {
  # systemd makes these in every root directory.
  run -1 grep -v -x -E 'bin|dev|etc|home|lib|lib64|proc|root|run|sbin|sys|tmp|usr|var' var-empty
  run -1 grep -v '^root 755 ' roots
  grep -x 'root 755 target-read-only' roots
  # The instances of a template share one.
  [ "$(grep -c instance-read-only roots)" = 1 ]
}

@test '$RUNTIME_DIRECTORY is the directory of the service' {
  has_it() { [ "$(says "runtime-directory-$1")" = "/run/runtime-directory-$1"$'\nwritten' ]; }
  for_each_root has_it
}

@test 'another BindReadOnlyPaths= of the service works, also over the empty directories of the root' {
  over() { [ "$(says "extra-$1")" = $'secret\nsecret\nsecret' ]; }
  for_each_root over
}

@test 'a state directory keeps its content over a restart' {
  counted() { [ "$(says "state-$1")" = $'1\n2' ]; }
  for_each_root counted
}

@test '/bin/sh runs, is another program where binSh says so, and is not there with binSh = null' {
  shells() {
    [ "$(says "with-bin-sh-$1")" = 'the shell runs' ]
    [ "$(says "other-bin-sh-$1")" = /bin/sh ]
    says "without-bin-sh-$1"
  }
  for_each_root shells
}

# sees NAME PACKAGE...: with both roots, it sees their closure.
sees() {
  local name=$1
  shift
  closure "$@" >"$W/expected"
  same() { diff "$W/expected" <(seen "$name-$1"); }
  for_each_root same
}

@test 'the closure is that of the Exec settings, and of PATH, the environment or the unit if so set' {
  sees exec-only probe
  sees with-path probe program
  sees with-environment probe codec
  sees with-full-unit probe unrelated
}

@test 'a unit that a package ships is extended and not replaced' {
  sees shipped probe
  confined() { says "shipped-$1" | grep -x 'looked for: 6'; }
  # Its second ExecStart, which the package sets, looks for hidden paths.
  for_each_root confined
}

@test 'an ordinary user with UMask=0077 can read the closure' {
  sees umask probe
  reads() { says "umask-$1" | grep -x "read: 4"; }
  for_each_root reads
}

@test 'instances of a template start and stop in any order without disturbing each other' {
  diff <(echo 'done: 40 steps') instances.said
  for root in "${ROOTS[@]}"; do
    for instance in 1 2 3; do
      says "instance-$root@$instance"
      [ ! -s "instance-$root@$instance.out" ]
    done
  done
}

# Of the paths on standard input, prints those that no unit can hold, by chroot-paths(1): they are not normal, or have
# a control character, a quote, or bytes that are not UTF-8, which include noncharacters.
to_be_refused() {
  perl -MEncode -0 -ne '
    chomp(my $path = $_);
    my $text = eval { decode("UTF-8", $path, Encode::FB_CROAK | Encode::LEAVE_SRC) };
    print "$path\0" if !defined $text || $text =~ m{/\.\.?\z|[\x00-\x1f\x7f"\x27\x{fdd0}-\x{fdef}]} ||
      grep { (ord() & 0xfffe) == 0xfffe } split //, $text'
}

@test 'with any byte at any position, exactly the paths that the man page excludes are refused' {
  shown() { sort -z | tr '\0' '\n' | cat -v; }
  diff <(shown <refused) <(to_be_refused <"$W/files/paths" | shown)
  diff <(cat refused written | shown) <(shown <"$W/files/paths")
  echo "# $(tr -dc '\0' <written | wc -c) paths are written, $(tr -dc '\0' <refused | wc -c) refused" >&3
}

@test 'systemd reads each path back as it was given' {
  for part in sweep/*; do
    expected=BindReadOnlyPaths=
    while IFS= read -r -d '' source && IFS= read -r -d '' destination; do
      expected+="$source:$destination:rbind "
    done <"$part"
    grep -aF -- "$expected" "sweep@${part#*/}.service.read" >/dev/null || {
      echo "expected: $expected"
      echo "read:"
      cat "sweep@${part#*/}.service.read"
      return 1
    }
  done
}

@test 'a service with each of these paths starts and sees its content' {
  total=0
  for part in sweep/*; do
    size=$(($(tr -dc '\0' <"$part" | wc -c) / 2))
    says "sweep@${part#*/}" | grep -x "held their paths: $size"
    total=$((total + size))
  done
  # Each path itself, and as the target of a symlink.
  [ "$total" = $((2 * $(tr -dc '\0' <written | wc -c))) ]
}

@test 'systemd-analyze verify has no complaint about any unit or drop-in' {
  diff /dev/null verify.said
}

@test 'the recipe of the README confines a service without NixOS' {
  diff /dev/null recipe.said
  closure hello >"$W/expected"
  diff "$W/expected" <(seen recipe)
  says recipe | grep -x 'Hello, world!'
  says recipe | grep -x 'looked for: 4'
}

@test 'the recipe of the README shows that a service is confined, and the commands of the man page go back' {
  grep -x RootDirectory=/run/confinement-root/hello status
  grep -x 'DropInPaths=.*/hello.service.d/confinement.conf' status
  [ "$(cat went-back)" = RootDirectory= ]
}

@test 'the commands of the man page show what is missing, and what a service sees' {
  grep -x 'ENOENT /etc/missing.conf' what-is-missing.out
  [ "$(wc -l <what-is-missing.out)" -lt 24 ]
  diff <(printf '%s\n' dev etc nix proc sys tmp) <(grep -x -E 'dev|etc|nix|proc|sys|tmp' look-from-inside.out | sort)
  run -1 grep of-the-host look-from-inside.out
  grep -x inside look-from-inside.out
  [ "$(tail -n 1 look-from-inside.out)" = store ]
}

@test 'each setting of the man page for a missing file provides the file' {
  [ "$(wc -l <"$W/files/readme/suspects")" = 9 ]
  says suspects >"$W/said"
  diff <(sed 's/^[^=]*=//' "$W/files/readme/suspects" | tr ' ' '\n' | sort) <(sort "$W/said")
}

@test 'as the man page says, a dynamic user has the name of a static one, and logs to syslog' {
  [ "$(says known)" = known ]
  grep -F 'known was here' journal
}

@test 'root can leave chroot-only, as the man page says' {
  out() { [ "$(says "escape-$1")" = secret ]; }
  for_each_root out
}

@test 'root in full-apivfs sees and signals the processes of the host, and shares some of /dev, as the man page says' {
  diff - <(says exposed) <<<$'processes of others\nsignal\nshared memory\nmqueue\nhugepages'
}

@test 'with the settings of the man page a service can do none of this, and systemd-analyze rates it better' {
  [ "$(wc -l <"$W/files/readme/settings")" = 19 ]
  says hardened
  [ ! -s hardened.out ]
  before=$(sed -n 's/.*exposure level for exposed.service: \([0-9.]*\) .*/\1/p' security)
  after=$(sed -n 's/.*exposure level for hardened.service: \([0-9.]*\) .*/\1/p' security)
  echo "# systemd-analyze security: $before before, $after after" >&3
  awk "BEGIN { exit !($after < $before - 3) }"
}

@test 'a drop-in of the program confines all commands, even if the unit sets RootDirectoryStartOnly=yes' {
  [ "$(says start-only | grep -c -x 'looked for: 3')" = 2 ]
}

@test 'with --root the program writes the settings of the module' {
  "$PROGRAM" --store-paths /dev/null --service a.service --root --out "$W/written"
  diff <(sort "$W/root$(build dropIn)") \
    <(grep -v -x -e RootDirectoryStartOnly=no -e RequiresMountsFor=/run/readonly/nix/store "$W/written/lib/systemd/system/a.service" | sort)
}
