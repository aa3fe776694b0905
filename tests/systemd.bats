#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Real services: Nix builds the units, and a systemd that is booted once, in a container, starts them. The
# services of tests/systemd/services.nix look around, and each test checks the output of some.

DRIVER=driver.sh
load booted

# Makes the files that only the container has.
lay_out_files() {
  packages probe applets lookAround hello linked user codec unrelated units
  mkdir -p "$W/files/etc/systemd/system"
  cp -r "$W/root$UNITS/." "$W/files/etc/systemd/system"
  chmod -R u+w "$W/files"
  (cd "$W/root$UNITS" && find . -maxdepth 1 -name '*.service*' ! -name '*@*' -printf '%f\n') |
    sed 's/\.d$//' | sort -u >"$W/files/services"
  block 'Debian and others' 1 >"$W/files/readme/profile"
  block 'Debian and others' 2 >"$W/files/readme/recipe"
  block 'UPDATE, ROLL BACK, GO BACK' 2 >"$W/files/readme/go-back"
  block 'WHEN IT DOES NOT START' 1 >"$W/files/readme/what-is-missing"
  block 'WHEN IT DOES NOT START' 3 >"$W/files/readme/look-from-inside"
  # These are files, with the name that they have on the host.
  entries | sed -n 's/^\t\(Bind[A-Za-z]*=\)/\1/p' | grep -v -e hello -e :/host -e dbus >"$W/files/readme/suspects"
  block 'HOW MUCH IT CONFINES' 1 >"$W/files/readme/settings"
  echo "# to repeat: SEED=${SEED:=$RANDOM}" >&3
  "$ROOT/tests/systemd/names.pl" "$W/files" 100 "$SEED" >&3
}

# Prints the closure of these store paths, sorted.
closure() { nix-store -qR "$@" | sort -u; }

seen() { says "$1" | grep '^/nix/store/' | sort; }

for_each_root() {
  local root
  for root in tmpfs read-only; do
    echo "with root = $root"
    "$1" "$root"
  done
}

# all_say LINE [SERVICE]: each service that looks around prints a line that matches this pattern. SERVICE is a part of
# their names.
all_say() {
  compgen -G "visible-*${2-}*.out" >/dev/null && diff /dev/null <(grep -L -x -E -e "$1" -- visible-*"${2-}"*.out)
}

@test 'with each root, mode, user, ProtectSystem= and PrivateTmp= the store shows exactly the closure' {
  closure "$LOOKAROUND" >"$W/expected"
  total=0
  for output in visible-*.out; do
    echo "$output"
    diff "$W/expected" <(seen "${output%.out}")
    total=$((total + 1))
  done
  [ $total = 40 ]
}

@test 'all of the closure can be read and none of it written, not even by root' {
  # shellcheck disable=SC2046
  files=$(cd "$W/root" && find $(closure "$LOOKAROUND" | sed 's/^.//') ! -type l | wc -l)
  # In place of the symlink, systemd shows its target: a directory and a file.
  all_say "read: $((files + 2))"
}

@test 'root in full-apivfs can neither remount nor unmount what it sees' {
  unchanged() {
    says "mounts-$1" | grep -x '  create: Read-only file system'
    run -1 grep -E '^  (chmod|create|remount|chmod then|unmount): done$' "mounts-$1.out"
  }
  for_each_root unchanged
}

@test 'a store path outside the closure, /bin/sh and the /etc, /home, /root and /usr of the host are hidden' {
  [ -e "$W/root$UNRELATED" ]
  all_say 'looked for: 7' -full-apivfs-
  # There, no /dev, /proc and /sys are, either.
  all_say 'looked for: 10' -chroot-only-
}

@test 'a symlink in the closure shows the content of its target' {
  all_say code
}

@test 'no user can do more than it needs, with either root, in either mode, with a private /tmp and without' {
  all_say 'user 0, looked at: [0-9]+' -root-
  all_say 'user [1-9][0-9]*, looked at: [0-9]+' -static-user-
  # systemd's range is 61184 to 65519.
  all_say 'user 6[1-5][0-9]{3}, looked at: [0-9]+' -dynamic-user-
  # In full-apivfs it is the whole tree, including /proc and /sys.
  for user in root static-user; do all_say 'user .*, looked at: [0-9]{4,}' -full-apivfs-$user-none-nothing; done
}

@test 'contents, modes, owners, times, sizes and hard links are those of the host' {
  # Not that of nothing
  run -1 grep -x "$(md5sum </dev/null)" sum
  all_say "$(cat sum)"
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

@test 'another BindReadOnlyPaths= of the service works, also over the empty directories of the root' {
  over() { [ "$(says "extra-$1")" = $'secret\nsecret\nsecret' ]; }
  for_each_root over
}

@test 'the directories of a service are there, and that of its state keeps its content over a restart' {
  counted() { [ "$(says "directories-$1")" = "/run/directories-$1"$'\n1\n1\n'"/run/directories-$1"$'\n2\n1' ]; }
  for_each_root counted
}

@test '/bin/sh is what binSh says' {
  runs() { [ "$(says "with-bin-sh-$1")" = 'the shell runs' ]; }
  for_each_root runs
}

# sees NAME PATH...: it sees the closure of these store paths.
sees() {
  closure "${@:2}" >"$W/expected"
  diff "$W/expected" <(seen "$1")
}

@test 'the closure is that of the Exec settings, and of PATH, the environment or the unit if so set' {
  sees exec-only "$PROBE"
  sees with-path "$PROBE" "$LINKED"
  sees with-environment "$PROBE" "$CODEC"
  sees with-full-unit "$PROBE" "$UNRELATED"
}

@test 'a unit that a package ships is extended and not replaced' {
  confined() {
    sees "shipped-$1" "$PROBE"
    # Its second ExecStart, which the package sets, looks for hidden paths.
    says "shipped-$1" | grep -x 'looked for: 7'
  }
  for_each_root confined
}

@test 'instances of a template start and stop without disturbing each other' {
  diff /dev/null instances.said
  [ "$(grep -c '^instance-.*@[012].service success$' results)" = 6 ]
  [ -z "$(cat instance-*.out)" ]
}

@test 'with any byte at any position, the paths that the man page excludes are refused' {
  diff /dev/null sweep.said
}

@test 'systemd reads each other path back as it was given' {
  for part in "$W"/files/parts/*.read; do
    grep -aF -f "$part" "sweep@$(basename "$part" .read).service.read" >/dev/null || {
      echo "expected: $(cat "$part")"
      echo "read:"
      cat "sweep@$(basename "$part" .read).service.read"
      return 1
    }
  done
}

@test 'a service with each of these paths starts and sees its content' {
  for part in "$W"/files/parts/*.content; do
    says "sweep@$(basename "$part" .content)" | cmp - "$part"
  done
}

@test 'systemd-analyze verify has no complaint about any unit or drop-in' {
  diff /dev/null verify.said
}

@test 'the recipe of the README confines a service without NixOS' {
  diff /dev/null recipe.said
  closure "$HELLO" >"$W/expected"
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
  says unknown | grep -x 'no name'
  grep -F 'known was here' journal
}

@test 'root can leave chroot-only, as the man page says' {
  out() { [ "$(says "escape-$1")" = secret ]; }
  for_each_root out
}

@test 'root in full-apivfs sees and signals the processes of the host, and shares some of /dev, as the man page says' {
  diff - <(says exposed) <<<$'processes of others\nsignal\nshared memory\nmqueue\nhugepages'
}

@test 'with the settings of the man page a service can do none of this' {
  says hardened
  [ ! -s hardened.out ]
}

@test 'a drop-in of the program confines all commands, even if the unit sets RootDirectoryStartOnly=yes' {
  [ "$(says start-only | grep -c -x 'looked for: 3')" = 2 ]
}

# words FILE: prints its settings, one of their words a line, sorted.
words() { sed -n 's/=/ /p' "$1" | awk '{ for (i = 2; i <= NF; i++) print $1 "=" $i }' | sort; }

@test 'with --root the program writes the settings of the module' {
  "$PROGRAM" --store-paths /dev/null --service a.service --root --out "$W/written"
  diff <(words "$W/root$UNITS/exposed.service" | grep -v -E '^(Type|StandardOutput|SyslogIdentifier|ExecStart)=') \
    <(words "$W/written/lib/systemd/system/a.service" |
      grep -v -x -e RootDirectoryStartOnly=no -e RequiresMountsFor=/run/readonly/nix/store)
}
