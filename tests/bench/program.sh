#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Measures the whole process of the program, of the floor (a program that looks at each path once and
# writes as many bytes), and of the same rules in bash and coreutils. The three alternate.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
needs hyperfine hyperfine strace strace perl perl

COUNTS=(100 1000 10000 100000)
ROUNDS=10

# time_of NAME COUNT RUNS COMMAND: adds RUNS times, in seconds, to $W/NAME-COUNT. As in a build, the
# output does not exist before a run.
time_of() {
  hyperfine -N --style none --warmup 1 --runs "$3" --prepare "rm -rf out floor-out" \
    --export-json json "$4" >/dev/null 2>warnings
  awk '/"times"/ { within = 1; next } /\]/ { within = 0 } within { gsub(/[ ,]/, ""); print }' json >>"$W/$1-$2"
}

# make_programs: puts 20 programs into the store, which have an interpreter, and writes a unit that runs them.
make_programs() {
  local dirs dir
  mapfile -t dirs < <(find "$NIX_STORE" -mindepth 1 -type d | sort | head -n 20)
  cc -o program "$ROOT/tests/bench/nothing.c" -Wl,--dynamic-linker="${dirs[0]}/bin/program"
  echo '[Service]' >commands
  for dir in "${dirs[@]}"; do
    mkdir "$dir/bin"
    cp program "$dir/bin"
    echo "ExecStartPre=$dir/bin/program --option" >>commands
  done
}

measure() {
  local count=$1 runs=$2
  mkdir "$W/$count"
  cd "$W/$count" || return
  export NIX_STORE=$PWD/store
  make_store "$NIX_STORE" "$count" >list
  local excluded ours floor script judged
  # A directory, and none of those with a program.
  excluded=$(find "$NIX_STORE" -mindepth 1 -type d | sort | tail -n 1)
  make_programs
  ours="$PROGRAM --store-paths list --exclude $excluded --service bench.service --out out"
  floor="$BUILD/bench/floor list unit floor-out"
  judged="$ours --unit commands"
  script="bash $ROOT/tests/reference.sh list $excluded"
  # shellcheck disable=SC2086
  strace -f -c -o calls $ours
  cp out/lib/systemd/system/bench.service unit
  if [ "$count" -le 10000 ]; then $script | cmp - unit; fi
  rm -rf out
  awk '$NF == "total" { print $4 }' calls >"$W/calls-$count"
  # Else the journal is still busy with the new store while the program makes its directories.
  sync
  # The order alternates, too.
  for ((round = 1; round <= ROUNDS; round++)); do
    if [ $((round % 2)) = 0 ]; then time_of floor "$count" "$runs" "$floor"; fi
    time_of ours "$count" "$runs" "$ours"
    time_of judged "$count" "$runs" "$judged"
    if [ $((round % 2)) = 1 ]; then time_of floor "$count" "$runs" "$floor"; fi
    if [ "$count" -le 10000 ]; then time_of script "$count" $(((runs + 9) / 10)) "$script"; fi
  done
  cd "$ROOT" || return
  rm -rf "${W:?}/$count"
}

# Sets variables such as ours_100 to medians, in milliseconds.
collect() {
  for count in "${COUNTS[@]}"; do
    for name in ours judged floor script; do
      if [ -e "$W/$name-$count" ]; then
        declare -g "${name}_$count=$(calculate "1000 * $(median "$W/$name-$count")")"
      fi
    done
    declare -g "calls_$count=$(cat "$W/calls-$count")"
  done
}

measure 100 40
measure 1000 40
measure 10000 10
measure 100000 3
collect

{
  echo 'chroot-paths alone: whole process, median; 5% of the store paths are symlinks'
  echo
  head_of_table "bash ${BASH_VERSION%%(*}" "$(readlink --version | head -n 1)" "$(hyperfine --version)"
  printf '%8s %14s %11s %12s %12s %9s %13s %13s\n' \
    paths chroot-paths 'with --unit' floor script 'of floor' 'under script' 'calls a path'
  for count in "${COUNTS[@]}"; do
    ours=ours_$count floor=floor_$count script=script_$count calls=calls_$count
    judged=judged_$count
    printf '%8d %11.2f ms %8.2f ms %9.2f ms' "$count" "${!ours}" "${!judged}" "${!floor}"
    if [ "${!script-}" ]; then printf ' %9.1f ms' "${!script}"; else printf ' %12s' -; fi
    printf ' %8.2fx' "$(calculate "${!ours} / ${!floor}")"
    if [ "${!script-}" ]; then
      printf ' %12.0fx' "$(calculate "${!script} / ${!ours}")"
    else
      printf ' %13s' -
    fi
    printf ' %13.2f\n' "$(calculate "${!calls} / $count")"
  done
  echo
  target 'script / chroot-paths, 1000 paths' "$(calculate "$script_1000 / $ours_1000")" '>=' 40 x
  target 'with --unit and 20 programs / without, 100 paths' "$(calculate "$judged_100 / $ours_100")" '<=' 1.1 x
  target 'with --unit and 20 programs / without, 1000 paths' "$(calculate "$judged_1000 / $ours_1000")" '<=' 1.1 x
  target 'chroot-paths / floor, 10,000 paths' "$(calculate "$ours_10000 / $floor_10000")" '<=' 1.5 x
  target '100,000 / 10,000 paths, over that of the floor' \
    "$(calculate "$ours_100000 / $ours_10000 / ($floor_100000 / $floor_10000)")" '<=' 1.15 x
  target 'system calls a path, 10,000 paths' "$(calculate "$calls_10000 / 10000")" '<=' 1.6 ''
} | keep_table

for count in "${COUNTS[@]}"; do
  ours=ours_$count floor=floor_$count script=script_$count
  echo "$count ${!ours} ${!floor} ${!script-?}"
done >"$W/curves"
draw <<END
set title 'One unit, whole process'
set xlabel 'store paths, 5% of them symlinks'
set ylabel 'milliseconds, median'
set datafile missing '?'
plot '$W/curves' using 1:4 title 'bash and coreutils' lw 2 pt 7, \
  '' using 1:3 title 'floor' lw 2 pt 7, '' using 1:2 title 'chroot-paths' lw 2 pt 7
END
