#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# --unit: what cannot start is refused, and nothing else is. The cases are in systemd/programs.sh.

load helpers
load container
# shellcheck source=tests/systemd/programs.sh
. "$ROOT/tests/systemd/programs.sh"

setup_file() {
  S=$(realpath "$BATS_FILE_TMPDIR")/store
  HOST=$S.host
  make_programs
}

setup() {
  new_world
  S=$(realpath "$BATS_FILE_TMPDIR")/store
  HOST=$S.host
  export NIX_STORE=$S
}

judged() { chroot_paths --store-paths "$S.closure" --unit unit "$@"; }

# The same by a variable, as in a build.
judged_in_build() { unitPath=unit chroot_paths --store-paths "$S.closure"; }

# The judgement of one case: "try NAME JUDGEMENT RESULT [--bin-sh] SETTING...", as in all_cases.
judge() {
  local name=$1 judgement=$2 options=() got left written
  shift 3
  if [ "$1" = --bin-sh ]; then
    shift
    options=(--bin-sh "$S/tools/bin/true")
  fi
  printf '%s\n' '[Service]' "$@" >unit
  echo before >"$UNIT"
  got=$(judged "${options[@]}" 2>&1) || :
  # Without the line and the setting.
  got=${got#chroot-paths: unit:[0-9]*: [A-Z]*=: }
  if [ "$judgement" = ok ]; then written='[Service]'; else written=before; fi
  read -r left <"$UNIT"
  if [ "${got:-ok}, $left" != "$judgement, $written" ]; then
    printf '%s\n' "$name: ${got:-ok}, and the unit begins with $left" "  instead of: $judgement, $written"
  fi
}

@test 'each command is judged as systemd runs it' {
  mkdir -p "${UNIT%/*}"
  try() { judge "$@"; }
  all_cases >wrong
  diff /dev/null wrong
}

OUTSIDE='is not in the store, and nothing brings it in; see BindReadOnlyPaths='

# in_unit LINE...: writes the unit.
in_unit() { printf '%s\n' '[Service]' "$@" >unit; }

@test 'the message names the file, the line, the setting and the path' {
  in_unit "ExecStart=$S/tools/bin/true" 'ExecStop=-/no' '# a comment' "ExecReload=$S/scripts/env \\" ' x'
  refuses 1 "unit:6: ExecReload=: its interpreter /usr/bin/env $OUTSIDE: $S/scripts/env" judged
  in_unit $'ExecStart=/no\x1b\xff\x01'
  refuses 1 "unit:2: ExecStart=: $OUTSIDE: /no\\x1b\\xff\\x01" judged
}

@test 'the unit is in a file, in that of a variable, or standard input, unless the closure is' {
  in_unit "ExecStart=$S/tools/bin/no"
  refuses 1 "unit:2: ExecStart=: does not exist: $S/tools/bin/no" judged_in_build
  from_standard_input() { chroot_paths --store-paths "$S.closure" --unit - <unit; }
  refuses 1 "standard input:2: ExecStart=: does not exist: $S/tools/bin/no" from_standard_input
  refuses 2 '--unit: standard input is the closure' chroot_paths --store-paths - --unit -
  refuses 1 'nothing: No such file or directory' chroot_paths --store-paths "$S.closure" --unit nothing
  in_unit "ExecStart=$S/tools/bin/true"
  chroot_paths --unit unit --store-paths - <"$S.closure"
  chroot_paths --references-graph <(as_graph <"$S.closure") --unit - <unit
}

@test 'the excluded path does not count, unless it is a symlink' {
  in_unit "ExecStart=$S/program"
  refuses 1 "unit:2: ExecStart=: is not in the closure: $S/program" judged --exclude "$S/program"
  in_unit "ExecStart=$S/alias/bin/true"
  judged --exclude "$S/alias"
}

@test 'the first command that needs what the closure lacks is named' {
  in_unit "ExecStart=$S/tools/bin/true" "ExecStartPre=$S/absent/bin/true" "ExecStart=$S/absent/bin/true" ExecStop=/no
  refuses 1 "unit:3: ExecStartPre=: is not in the closure: $S/absent/bin/true" judged
}

@test 'a script of scripts is counted anew for each command' {
  in_unit "ExecStart=$S/scripts/depth-5" "ExecStart=$S/scripts/depth-1" "ExecStart=$S/scripts/depth-5"
  judged
  in_unit "ExecStart=$S/scripts/depth-1" "ExecStart=$S/scripts/depth-6"
  refuses 1 "unit:3: ExecStart=: its interpreter $S/tools/bin/true is one too many: $S/scripts/depth-6" judged
}

@test 'a closure by hand may have a path outside of the store, and a name be of the package of systemd' {
  mkdir -p /srv
  { cat "$S.closure"; echo /srv; echo "$S/systemd"; } >list
  for command in /srv/program true; do
    in_unit "ExecStart=$command"
    run -1 judged
    chroot_paths --store-paths list --unit unit
  done
  in_unit 'ExecStart=other'
  run -1 chroot_paths --store-paths list --unit unit
}

@test 'a shell whose loader is not in the closure is refused' {
  in_unit "ExecStart=$S/tools/bin/true"
  judged --bin-sh "$S/dynamic/good"
  refuses 1 "--bin-sh: its interpreter $S/absent/loader is not in the closure: $S/dynamic/absent" judged --bin-sh "$S/dynamic/absent"
  in_unit "BindReadOnlyPaths=$S/absent/loader"
  judged --bin-sh "$S/dynamic/absent"
}

@test 'the drop-in of the program in the output of systemctl cat is left out' {
  {
    printf '%s\n' '# /lib/systemd/system/x.service' '[Service]' 'ExecStart=/no'
    printf '%s\n' '' "# /etc/systemd/system/x.service.d/confinement.conf" '[Service]' \
      'RootDirectory=/srv' 'BindReadOnlyPaths=/no' 'ExecStart='
    printf '%s\n' '' "# /etc/systemd/system/x.service.d/later.conf" '[Service]' "ExecStop=/no-2"
  } >unit
  refuses 1 "unit:3: ExecStart=: $OUTSIDE: /no" judged
  sed -i '/ExecStart=.no/d' unit
  refuses 1 "unit:12: ExecStop=: $OUTSIDE: /no-2" judged
}

@test 'a later drop-in that undoes what this program writes is refused, an earlier one is not' {
  for ours in '# /etc/systemd/system/x.service.d/confinement.conf' ''; do
    printf '%s\n' '# /lib/systemd/system/x.service' '[Service]' '# /a.d/z.conf is a note' BindPaths= RootDirectory= \
      "ExecStart=$S/tools/bin/true" '# /etc/systemd/system/x.service.d/a.conf' '[Service]' BindReadOnlyPaths= \
      "$ours" "${ours:+[Service]}" "${ours:+BindPaths=}" '# /etc/systemd/system/x.service.d/d.conf' '[Service]' RootImage= >unit
    judged
    for setting in BindPaths BindReadOnlyPaths RootDirectory; do
      sed -i "15s/.*/$setting=/" unit
      refuses 1 "unit:15: $setting=: undoes that of confinement.conf, too" judged
    done
  done
}

@test 'a comment hides nothing, but for the name of our drop-in in the output of systemctl cat' {
  name='# /etc/systemd/system/x.service.d/confinement.conf'
  for comment in '# /etc/confinement.conf.bak' " $name" "ExecStop=-/no \\"$'\n'"$name" "$name is a note"; do
    in_unit "$comment" '' "ExecStart=/no"
    refuses 1 "unit:$(wc -l <unit): ExecStart=: $OUTSIDE: /no" judged
  done
  in_unit "$name" "ExecStart=/no"
  judged
  refuses 1 "unit:3: ExecStart=: $OUTSIDE: /no" judged_in_build
}

@test 'a text without the section [Service] is refused, and a byte order mark is not a part of it' {
  for text in '' "ExecStart=$S/tools/bin/true" '[Unit]' '[Service' "$S/x.service"; do
    printf '%s\n' "$text" >unit
    refuses 1 'unit: has no section [Service]' judged
    refuses 1 'unit: has no section [Service]' judged_in_build
  done
  printf '\xef\xbb\xbf[Service]\nExecStart=%s/tools/bin/true\n' "$S" >unit
  judged
}

@test 'lines may end in a carriage return, and the last one in nothing; a NUL byte is refused' {
  printf '[Service]\r\nExecStart=%s/tools/bin/true\r\nExecStart= \\\r\n/no' "$S" >unit
  refuses 1 "unit:4: ExecStart=: $OUTSIDE: /no" judged
  printf '[Service]\n\0ExecStart=%s/tools/bin/true\n' "$S" >unit
  refuses 1 'unit: contains a NUL byte' judged
}

@test 'a unit has at most 1 MiB, 4096 settings, 1024 binds, 64 directories to search and 256 needs' {
  in_unit
  head -c $((1024 * 1024 - 10)) /dev/zero | tr '\0' '#' >>unit
  judged
  echo >>unit
  refuses 1 'unit: larger than 1 MiB, the limit for a unit' judged
  while read -r most line; do
    { echo '[Service]'; seq -f "${line#*#}" "$most"; } >unit
    judged
    seq -f "${line#*#}" 1000000 1000000 >>unit
    refuses 1 "unit:$((most + 2)): the unit has more than $most ${line%%#*}, the limit of this check" judged
  done <<END
4096 settings#ExecStart=$S/tools/bin/true %g
1024 binds and directories#BindPaths=/%g
64 directories of ExecSearchPath=#ExecSearchPath=/%g
END
  # An empty value is none of them.
  { echo '[Service]'; yes ExecStop= | head -n 4097; } >unit
  judged
  { echo '[Service]'; seq -f "ExecStart=$S/no-%g/bin/x" 257; } >unit
  refuses 1 'unit:258: the unit has more than 256 paths that the closure must have, the limit of this check' judged
}

# result OF VERSION: the result of a case, such as 252=ok,203, for this version of systemd.
result() {
  local of=,$1
  case $of in
    *,"$2"=*) of=${of#*,"$2"=} ;;
    *) of=${of##*,} ;;
  esac
  echo "${of%%,*}"
}

@test 'systemd starts each command that is let through, and none that is refused, but for the cases that say so' {
  skip_if_sanitized
  mkdir -p files results
  make -s --no-print-directory -C "$ROOT" -o all install BUILD="$BUILD" DESTDIR="$W/files" PREFIX=/usr/local
  # One case in two, which differ from run to run, or all of them with FAULTS=all and in a suite of matrix.sh.
  if [ "${FAULTS-}${SUITE-}" ]; then PART=all; else PART=$((RANDOM % 2)); fi
  cat "$ROOT/tests/systemd/programs.sh" - >files/programs.sh <<<"PART=$PART"
  cp "$ROOT/tests/systemd/programs-driver.sh" files/driver
  if ! "$ROOT/tests/systemd/boot.sh" files "$W/results"; then
    why=$(why_no_container "$W")
    [ -z "$why" ] || unmet "$why"
    return 1
  fi
  version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  try() { if [ "$3" != - ] && turn; then echo "$1 $(result "$3" "$version")"; fi; }
  all_cases >expected
  if [ -n "${KEEP-}" ]; then cp -a results/. "$KEEP"; fi
  diff expected results/ends
}
