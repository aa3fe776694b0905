#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Measures the whole process of the program, of the floor (a program that looks at each path once and
# writes as many bytes), and of the same rules in bash and coreutils. The three alternate.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
needs hyperfine hyperfine strace strace perl perl

ROUNDS=${ROUNDS:-10}

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

# measure COUNT RUNS: measures all of them with COUNT paths, and as many runs a round, fewer of the script.
measure() {
  local count=$1 runs excluded order name
  local -A commands
  mkdir "$W/$count"
  cd "$W/$count" || return
  export NIX_STORE=$PWD/store
  make_store "$NIX_STORE" "$count" >list
  # A directory, and none of those with a program.
  excluded=$(find "$NIX_STORE" -mindepth 1 -type d | sort | tail -n 1)
  make_programs
  commands[ours]="$PROGRAM --store-paths list --exclude $excluded --service bench.service --out out"
  commands[judged]="${commands[ours]} --unit commands"
  commands[floor]="$BUILD/bench/floor list unit floor-out"
  commands[script]="bash $ROOT/tests/reference.sh list $excluded"
  # shellcheck disable=SC2086
  strace -f -c -o calls ${commands[ours]}
  cp out/lib/systemd/system/bench.service unit
  if [ "$count" -gt 10000 ]; then unset 'commands[script]'; else ${commands[script]} | cmp - unit; fi
  rm -rf out
  awk '$NF == "total" { print $4 }' calls >"$W/calls-$count"
  # Else the journal is still busy with the new store while the program makes its directories.
  sync
  for ((round = 1; round <= ROUNDS; round++)); do
    # The order alternates, too.
    order=(floor ours judged script)
    if [ $((round % 2)) = 1 ]; then order=(ours judged floor script); fi
    for name in "${order[@]}"; do
      if [ "$name" = script ]; then runs=$((($2 + 9) / 10)); else runs=$2; fi
      if [ "${commands[$name]-}" ]; then time_of "$name" "$count" "$runs" "${commands[$name]}"; fi
    done
  done
  cd "$ROOT" || return
  rm -rf "${W:?}/$count"
}

# ms NAME COUNT: the median in milliseconds. ratio NAME OTHER COUNT: that of two medians.
ms() { calculate "1000 * $(median "$W/$1-$2")"; }
ratio() { calculate "$(ms "$1" "$3") / $(ms "$2" "$3")"; }
calls() { calculate "$(cat "$W/calls-$1") / $1"; }

measure 100 40
measure 1000 40
measure 10000 10
measure 100000 3

{
  echo 'chroot-paths alone: whole process, median; 5% of the store paths are symlinks'
  echo
  head_of_table "bash ${BASH_VERSION%%(*}" "$(readlink --version | head -n 1)" "$(hyperfine --version)"
  printf '%8s %14s %11s %12s %12s %9s %13s %13s\n' \
    paths chroot-paths 'with --unit' floor script 'of floor' 'under script' 'calls a path'
  for count in 100 1000 10000 100000; do
    script=- under=-
    if [ -e "$W/script-$count" ]; then
      script=$(printf '%.1f ms' "$(ms script "$count")")
      under=$(printf '%.0fx' "$(ratio script ours "$count")")
    fi
    printf '%8d %11.2f ms %8.2f ms %9.2f ms %12s %8.2fx %13s %13.2f\n' "$count" "$(ms ours "$count")" \
      "$(ms judged "$count")" "$(ms floor "$count")" "$script" "$(ratio ours floor "$count")" "$under" \
      "$(calls "$count")"
  done
  echo
  target 'script / chroot-paths, 1000 paths' "$(ratio script ours 1000)" '>=' 40 x
  target 'with --unit and 20 programs / without, 100 paths' "$(ratio judged ours 100)" '<=' 1.1 x
  target 'with --unit and 20 programs / without, 1000 paths' "$(ratio judged ours 1000)" '<=' 1.1 x
  target 'chroot-paths / floor, 10,000 paths' "$(ratio ours floor 10000)" '<=' 1.5 x
  target '100,000 / 10,000 paths, over that of the floor' \
    "$(calculate "$(ratio ours floor 100000) / $(ratio ours floor 10000)")" '<=' 1.15 x
  target 'system calls a path, 10,000 paths' "$(calls 10000)" '<=' 1.6 ''
} | keep_table
