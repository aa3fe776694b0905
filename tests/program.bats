#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# --unit: what cannot start is refused, and nothing else is. The cases are in systemd/programs.sh.

load helpers
load container
# shellcheck source=tests/systemd/programs.sh
. "$ROOT/tests/systemd/programs.sh"

setup() {
  new_world
  S=$W/store
  HOST=$W/host
  export NIX_STORE=$S
}

# The judgement of one case: "try NAME JUDGEMENT RESULT [--bin-sh] SETTING...", as in all_cases.
judge() {
  local name=$1 judgement=$2 options=()
  shift 3
  if [ "$1" = --bin-sh ]; then
    shift
    options=(--bin-sh "$S/tools/bin/true")
  fi
  printf '%s\n' '[Service]' "$@" >unit
  if [ "$judgement" = ok ]; then judgement=; fi
  got=$(chroot_paths --store-paths "$S.closure" --unit unit "${options[@]}" 2>&1) || :
  got=$(sed -E 's/^chroot-paths: unit:[0-9]+: ([A-Z][A-Za-z]*)=: //' <<<"$got")
  if [ "$got" != "$judgement" ]; then
    printf '%s\n' "$name: ${got:-ok}" "  instead of: ${judgement:-ok}" >>wrong
  fi
  if [ -n "$judgement" ] && [ -n "$(find out -type f 2>/dev/null)" ]; then echo "$name: left a file" >>wrong; fi
  rm -rf out
}

@test 'each command is judged as systemd runs it' {
  make_programs
  try() { judge "$@"; }
  all_cases
  if [ -e wrong ]; then cat wrong; return 1; fi
}

# in_unit LINE...: writes the unit.
in_unit() { printf '%s\n' '[Service]' "$@" >unit; }

@test 'the message names the file, the line, the setting and the path' {
  make_programs
  in_unit "ExecStart=$S/tools/bin/true" 'ExecStop=-/no' '# a comment' "ExecReload=$S/scripts/env \\" ' x'
  refuses 1 "unit:6: ExecReload=: its interpreter /usr/bin/env is not in the store, and nothing brings it in; \
see BindReadOnlyPaths=: $S/scripts/env" chroot_paths --store-paths "$S.closure" --unit unit
  in_unit $'ExecStart=/no\x1b\xff\x01'
  refuses 1 'unit:2: ExecStart=: is not in the store, and nothing brings it in; see BindReadOnlyPaths=: /no\x1b\xff\x01' \
    chroot_paths --store-paths "$S.closure" --unit unit
}

@test 'the unit is in a file, in that of a variable, or standard input, unless the closure is' {
  make_programs
  in_unit "ExecStart=$S/tools/bin/no"
  refuses 1 "unit:2: ExecStart=: does not exist: $S/tools/bin/no" \
    env unitPath=unit "$PROGRAM" --store-paths "$S.closure" --service "$NAME" --out out
  from_standard_input() { chroot_paths --store-paths "$S.closure" --unit - <unit; }
  refuses 1 "standard input:2: ExecStart=: does not exist: $S/tools/bin/no" from_standard_input
  refuses 2 '--unit: standard input is the closure' chroot_paths --store-paths - --unit -
  refuses 1 'nothing: No such file or directory' chroot_paths --store-paths "$S.closure" --unit nothing
  in_unit "ExecStart=$S/tools/bin/true"
  chroot_paths --unit unit --store-paths - <"$S.closure"
  chroot_paths --references-graph <(as_graph <"$S.closure") --unit - <unit
}

@test 'the excluded path does not count, unless it is a symlink' {
  make_programs
  in_unit "ExecStart=$S/program"
  refuses 1 "unit:2: ExecStart=: is not in the closure: $S/program" \
    chroot_paths --store-paths "$S.closure" --unit unit --exclude "$S/program"
  in_unit "ExecStart=$S/alias/bin/true"
  chroot_paths --store-paths "$S.closure" --unit unit --exclude "$S/alias"
}

@test 'the first command that needs what the closure lacks is named' {
  make_programs
  in_unit "ExecStart=$S/tools/bin/true" "ExecStartPre=$S/other/bin/true" "ExecStart=$S/other/bin/true"
  grep -v other "$S.closure" >list
  refuses 1 "unit:3: ExecStartPre=: is not in the closure: $S/other/bin/true" chroot_paths --store-paths list --unit unit
}

@test 'a script of scripts is counted anew for each command' {
  make_programs
  in_unit "ExecStart=$S/scripts/depth-5" "ExecStart=$S/scripts/depth-1" "ExecStart=$S/scripts/depth-5"
  chroot_paths --store-paths "$S.closure" --unit unit
  in_unit "ExecStart=$S/scripts/depth-1" "ExecStart=$S/scripts/depth-6"
  refuses 1 "unit:3: ExecStart=: its interpreter $S/tools/bin/true is one too many: $S/scripts/depth-6" \
    chroot_paths --store-paths "$S.closure" --unit unit
}

@test 'a closure by hand may have a path outside of the store' {
  make_programs
  mkdir -p /srv
  in_unit "ExecStart=/srv/program"
  run -1 chroot_paths --store-paths "$S.closure" --unit unit
  { cat "$S.closure"; echo /srv; } >list
  chroot_paths --store-paths list --unit unit
}

@test 'a name is found in the package of systemd, where that has its programs' {
  make_programs
  in_unit 'ExecStart=true'
  { cat "$S.closure"; echo "$S/systemd"; } >list
  chroot_paths --store-paths list --unit unit
  in_unit 'ExecStart=other'
  run -1 chroot_paths --store-paths list --unit unit
  rm "$S/systemd/lib/systemd/systemd"
  in_unit 'ExecStart=true'
  run -1 chroot_paths --store-paths list --unit unit
}

@test 'a shell whose loader is not in the closure is refused' {
  make_programs
  in_unit "ExecStart=$S/tools/bin/true"
  chroot_paths --store-paths "$S.closure" --unit unit --bin-sh "$S/dynamic/good"
  refuses 1 "--bin-sh: its interpreter $S/absent/loader is not in the closure: $S/dynamic/absent" \
    chroot_paths --store-paths "$S.closure" --unit unit --bin-sh "$S/dynamic/absent"
  in_unit "BindReadOnlyPaths=$S/absent/loader"
  chroot_paths --store-paths "$S.closure" --unit unit --bin-sh "$S/dynamic/absent"
}

@test 'the drop-in of the program in the output of systemctl cat is left out' {
  make_programs
  {
    printf '%s\n' '# /lib/systemd/system/x.service' '[Service]' 'ExecStart=/no'
    printf '%s\n' '' "# /etc/systemd/system/x.service.d/confinement.conf" '[Service]' \
      'RootDirectory=/srv' 'BindReadOnlyPaths=/no' 'ExecStart='
    printf '%s\n' '' "# /etc/systemd/system/x.service.d/later.conf" '[Service]' "ExecStop=/no-2"
  } >unit
  refuses 1 'unit:3: ExecStart=: is not in the store, and nothing brings it in; see BindReadOnlyPaths=: /no' \
    chroot_paths --store-paths "$S.closure" --unit unit
  sed -i '/ExecStart=.no/d' unit
  refuses 1 'unit:12: ExecStop=: is not in the store, and nothing brings it in; see BindReadOnlyPaths=: /no-2' \
    chroot_paths --store-paths "$S.closure" --unit unit
}

@test 'a later drop-in that undoes what this program writes is refused, an earlier one is not' {
  make_programs
  judged() { chroot_paths --store-paths "$S.closure" --unit unit; }
  for ours in '# /etc/systemd/system/x.service.d/confinement.conf' ''; do
    printf '%s\n' '# /lib/systemd/system/x.service' '[Service]' BindPaths= RootDirectory= "ExecStart=$S/tools/bin/true" \
      '# /etc/systemd/system/x.service.d/a.conf' '[Service]' BindReadOnlyPaths= \
      "$ours" "${ours:+[Service]}" "${ours:+BindPaths=}" '# /etc/systemd/system/x.service.d/d.conf' '[Service]' RootImage= >unit
    judged
    for setting in BindPaths BindReadOnlyPaths RootDirectory; do
      sed -i "14s/.*/$setting=/" unit
      refuses 1 "unit:14: $setting=: undoes that of confinement.conf, too" judged
    done
  done
}

@test 'a comment hides nothing, but for the name of our drop-in in the output of systemctl cat' {
  make_programs
  outside='is not in the store, and nothing brings it in; see BindReadOnlyPaths=: /no'
  name='# /etc/systemd/system/x.service.d/confinement.conf'
  for comment in '# /etc/confinement.conf.bak' " $name" "ExecStop=-/no \\"$'\n'"$name"; do
    in_unit "$comment" '' "ExecStart=/no"
    refuses 1 "unit:$(wc -l <unit): ExecStart=: $outside" chroot_paths --store-paths "$S.closure" --unit unit
  done
  in_unit "$name" "ExecStart=/no"
  chroot_paths --store-paths "$S.closure" --unit unit
  refuses 1 "unit:3: ExecStart=: $outside" env unitPath=unit "$PROGRAM" --store-paths "$S.closure" --service "$NAME" --out out
}

@test 'a text without the section [Service] is refused, and a byte order mark is not a part of it' {
  make_programs
  for text in '' "ExecStart=$S/tools/bin/true" '[Unit]' '[Service' "$S/x.service"; do
    printf '%s\n' "$text" >unit
    refuses 1 'unit: has no section [Service]' chroot_paths --store-paths "$S.closure" --unit unit
    refuses 1 'unit: has no section [Service]' \
      env unitPath=unit "$PROGRAM" --store-paths "$S.closure" --service "$NAME" --out out
  done
  printf '\xef\xbb\xbf[Service]\nExecStart=%s/tools/bin/true\n' "$S" >unit
  chroot_paths --store-paths "$S.closure" --unit unit
}

@test 'lines may end in a carriage return, and the last one in nothing; a NUL byte is refused' {
  make_programs
  printf '[Service]\r\nExecStart=%s/tools/bin/true\r\nExecStart= \\\r\n/no' "$S" >unit
  refuses 1 'unit:4: ExecStart=: is not in the store, and nothing brings it in; see BindReadOnlyPaths=: /no' \
    chroot_paths --store-paths "$S.closure" --unit unit
  printf '[Service]\n\0ExecStart=%s/tools/bin/true\n' "$S" >unit
  refuses 1 'unit: contains a NUL byte' chroot_paths --store-paths "$S.closure" --unit unit
}

@test 'a unit has at most 1 MiB, 4096 settings, 1024 binds, 64 directories to search and 256 needs' {
  make_programs
  judged() { chroot_paths --store-paths "$S.closure" --unit unit; }
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
  { echo '[Service]'; seq -f "ExecStart=$S/no-%g/bin/x" 257; } >unit
  refuses 1 'unit:258: the unit has more than 256 paths that the closure must have, the limit of this check' judged
}

# result OF VERSION: the result of a case, such as 252=ok,203, for this version of systemd.
result() {
  local way
  for way in ${1//,/ }; do
    case $way in
      "$2"=*) echo "${way#*=}"; return ;;
      *=*) ;;
      *) echo "$way" ;;
    esac
  done
}

@test 'systemd starts each command that is let through, and none that is refused, but for the cases that say so' {
  skip_if_sanitized
  why_no_container "$W" >why
  if [ -s why ]; then unmet "$(cat why)"; fi
  mkdir -p files results
  make -s --no-print-directory -C "$ROOT" -o all install BUILD="$BUILD" DESTDIR="$W/files" PREFIX=/usr/local
  cp "$ROOT/tests/systemd/programs.sh" files
  cp "$ROOT/tests/systemd/programs-driver.sh" files/driver
  "$ROOT/tests/systemd/boot.sh" "$W/files" "$W/results"
  version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  try() { if [ "$3" != - ]; then echo "$1 $(result "$3" "$version")"; fi; }
  all_cases >expected
  diff expected results/ends || { cp -a results "${KEEP-results}"; return 1; }
}
