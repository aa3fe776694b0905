#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Compares the program with reference.sh on random closures: from a list, and from a references graph.
# Usage: random.sh PROGRAM COUNT [SEED [FIRST]]. Prints the seed. To repeat a failure, give that SEED, and
# the number of the closure as FIRST.
set -eu

program=$(realpath "$1") count=$2 seed=${3:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')} first=${4:-1}
reference=$(realpath "$(dirname "$0")/reference.sh")
world=$(realpath "$(mktemp -d)")
trap 'rm -rf "$world"' EXIT
cd "$world"
unset NIX_STORE NIX_BUILD_TOP

echo "seed $seed"
# The characters that Nix allows in the name of a store path (checkName).
alphabet='abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._?='

pick() { REPLY=$((RANDOM % $1)); }

random_name() {
  local letters='' length
  pick 20
  length=$((REPLY + 1))
  while [ ${#letters} -lt $length ]; do
    pick ${#alphabet}
    letters+=${alphabet:REPLY:1}
  done
  REPLY=$number-$letters
}

# Makes a path of a random kind in the store and sets REPLY to it. A symlink leads to an earlier path.
random_path() {
  local path target kind
  random_name
  path=$world/store/$REPLY
  pick 10
  kind=$REPLY
  if [ ${#paths[@]} = 0 ] && [ "$kind" -ge 5 ]; then kind=0; fi
  case $kind in
    0 | 1 | 2) mkdir -p "$path/bin" && : >"$path/bin/sh" && chmod +x "$path/bin/sh" ;;
    3) : >"$path" ;;
    4) mkdir -p "$path/bin" && ln -s . "$path/bin/sh" ;;
    *)
      pick ${#paths[@]}
      target=${paths[REPLY]}
      if [ -e "$target/bin/sh" ] && [ $((RANDOM % 2)) = 0 ]; then target+=/bin/sh; fi
      case $kind in
        5) target=${target#"$world/store/"} ;;
        6) target=../store/${target#"$world/store/"} ;;
        7) target=$world/way/store/${target#"$world/store/"} ;;
        8) target=$world/store/../store/${target#"$world/store/"} ;;
      esac
      ln -s "$target" "$path"
      ;;
  esac
  REPLY=$path
}

# Prints a references graph of the list on standard input, with random references.
random_graph() {
  local path
  while IFS= read -r path; do
    pick 4
    printf '%s\n\n%s\n' "$path" "$REPLY"
    for ((; REPLY > 0; REPLY--)); do echo "${paths[RANDOM % ${#paths[@]}]}"; done
  done
}

fail() {
  echo "closure $closure of seed $seed: $1"
  echo "To repeat: $0 $program $closure $seed $closure"
  exit 1
}

for ((closure = first; closure <= count; closure++)); do
  RANDOM=$(((seed + closure) % 32768))
  rm -rf store way out graph-out
  mkdir store
  ln -s . way
  paths=()
  pick 12
  if [ $((closure % 50)) = 0 ]; then REPLY=400; fi
  size=$REPLY
  for ((number = 0; number <= size; number++)); do
    random_path
    paths+=("$REPLY")
  done
  printf '%s\n' "${paths[@]}" | shuf --random-source=<(yes "$seed $closure") >list
  excluded=${paths[RANDOM % ${#paths[@]}]}
  shell=''
  for path in "${paths[@]}"; do if [ -f "$path/bin/sh" ]; then shell=$path/bin/sh; fi; done

  "$reference" list "$excluded" "$shell" >expected || fail 'the reference script failed'
  # As in a build, targets in the store are resolved below NIX_STORE. The next run has none.
  NIX_STORE=$world/store binSh=$shell "$program" --store-paths list --exclude "$excluded" --service a.service --out out ||
    fail 'the program refused a list'
  cmp expected out/lib/systemd/system/a.service || fail 'the unit differs'
  random_graph <list >graph
  binSh=$shell "$program" --references-graph graph --exclude "$excluded" --service a.service --out graph-out ||
    fail 'the program refused a graph'
  cmp expected graph-out/lib/systemd/system/a.service || fail 'the unit from the graph differs'
done
echo "$((count - first + 1)) closures, no difference"
