#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The start of a service in a booted container: unconfined, with binds that systemd makes read-only, and with
# binds of a read-only store, for several numbers of store paths, both kinds of root directory and both modes;
# and what a file of the closure costs at run time. All of them alternate.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
needs systemd-nspawn systemd-container perl perl
[ "$(id -u)" = 0 ] || skip 'only root can boot a container'

COUNTS=(10 30 100 300 1000)
ROOTS=(read-only tmpfs)
MODES=(full-apivfs chroot-only)
STARTS=${STARTS:-15}

mkdir -p "$W/files/etc/systemd/system" "$W/results"
echo "${COUNTS[*]}" >"$W/files/counts"
echo "${ROOTS[*]}" >"$W/files/roots"
echo "${MODES[*]}" >"$W/files/modes"
echo "$STARTS" >"$W/files/starts"
cp tests/bench/start-driver.sh "$W/files/driver"
install -D "$PROGRAM" "$W/files/usr/local/bin/chroot-paths"
install -D -m 644 -t "$W/files/usr/local/lib/systemd/system" src/*@.*
make_store "$W/nix/store" 999 50 | sed "s|^$W||" >"$W/list"
# In the container, the store is elsewhere.
find "$W/nix/store" -type l -printf '%p %l\n' | while read -r link target; do
  ln -sfn "${target#"$W"}" "$link"
done
package=/nix/store/00000000000000000000000000000000-programs
install -D -t "$W$package/bin" "$NOTHING" "$BUILD/bench/access"
{ echo "$package"; cat "$W/list"; } >"$W/files/list"

tests/systemd/boot.sh "$W/files" "$W/results" "$W/nix" >"$W/said" 2>&1 ||
  skip "no container boots here, or a service does not start: $(tail -n 3 "$W/said")"

# took SERVICE: the median in milliseconds.
took() { median "$W/results/took-$1"; }
# ratio A B: of the medians of two services.
ratio() { calculate "$(took "$1") / $(took "$2")"; }
# cost CALL KIND: the least in nanoseconds.
cost() { sed -n "s/^$1 //p" "$W/results/cost-$2" | sort -g | head -n 1; }

unconfined=$(took unconfined)
{
  echo "One start of a oneshot service that does nothing: systemctl start, median of $STARTS starts, but for"
  echo 'BindReadOnlyPaths= of 3 at 300 store paths and 1 at 1000. 5% of the paths are symlinks, 2% plain files. The'
  echo 'store is mounted read-only; --read-only-store writes BindPaths=.'
  echo
  head_of_table "$(systemctl --version | head -n 1)"
  printf 'unconfined: %.0f ms\n\n' "$unconfined"
  printf '%9s %12s %6s %18s %18s %8s\n' root mode paths BindReadOnlyPaths= --read-only-store faster
  for root in "${ROOTS[@]}"; do
    for mode in "${MODES[@]}"; do
      for count in "${COUNTS[@]}"; do
        name=$root-$mode-$count
        printf '%9s %12s %6d %15.0f ms %15.0f ms %7.1fx\n' "$root" "$mode" "$count" \
          "$(took "binds-$name")" "$(took "fast-$name")" "$(ratio "binds-$name" "fast-$name")"
      done
    done
  done
  echo
  printf '%-50s %12s %12s\n' 'a file of the closure, at best, 1000 paths bound' unconfined bound
  for call in open stat exec; do
    printf '%-50s %9.0f ns %9.0f ns\n' "$call" "$(cost $call unconfined)" "$(cost $call bound)"
  done
  echo
  for root in "${ROOTS[@]}"; do
    for mode in "${MODES[@]}"; do
      for pair in 100=2 300=6 1000=20; do
        name=$root-$mode-${pair%=*}
        target "$root, $mode: faster at ${pair%=*} paths" "$(ratio "binds-$name" "fast-$name")" '>=' "${pair#*=}" x
      done
      target "$root, $mode: --read-only-store, 1000 / 300 paths" \
        "$(ratio "fast-$root-$mode-1000" "fast-$root-$mode-300")" '<=' 4.5 x
    done
  done
  for call in open stat exec; do
    target "$call: bound / unconfined" "$(calculate "$(cost $call bound) / $(cost $call unconfined)")" '<=' 1.05 x
  done
} | keep_table

for count in "${COUNTS[@]}"; do
  name=read-only-full-apivfs-$count
  echo "$count $unconfined $(took "binds-$name") $(took "fast-$name")"
done >"$W/curves"
draw <<END
set title 'One start of a confined service, root = "read-only", mode = "full-apivfs"'
set xlabel 'store paths'
set ylabel 'milliseconds, median'
plot '$W/curves' using 1:3 title 'BindReadOnlyPaths=' lw 2 pt 7, \
  '' using 1:4 title '--read-only-store' lw 2 pt 7, \
  '' using 1:2 title 'unconfined' lw 2 pt 7
END
