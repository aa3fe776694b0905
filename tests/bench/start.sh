#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The start of a service in a booted container, on a writable store: unconfined, with BindReadOnlyPaths=, and with
# the same bound from the view, for several numbers of store paths, both kinds of root directory and both modes;
# what a file of the closure costs at run time; and what 50 services cost. All of them alternate.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
needs systemd-nspawn systemd-container perl perl
[ "$(id -u)" = 0 ] || skip 'only root can boot a container'

# The root directory, the mode and the number of paths of each service.
SERVICES=({read-only,tmpfs}\ {full-apivfs,chroot-only}\ {10,30,100,300,1000})
STARTS=${STARTS:-15}

mkdir -p "$W/files/etc/systemd/system" "$W/results"
declare -p SERVICES STARTS >"$W/files/parameters"
cp tests/bench/start-driver.sh "$W/files/driver"
install -D "$PROGRAM" "$W/files/usr/local/bin/chroot-paths"
install -D -m 644 -t "$W/files/usr/local/lib/systemd/system" src/*.service src/*.mount
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
  echo 'store is writable.'
  echo
  head_of_table "$(systemctl --version | head -n 1)"
  printf 'unconfined: %.0f ms\n\n' "$unconfined"
  printf '%9s %12s %6s %18s %18s %8s\n' root mode paths BindReadOnlyPaths= 'from the view' faster
  for service in "${SERVICES[@]}"; do
    name=${service// /-}
    # shellcheck disable=SC2086
    printf '%9s %12s %6d %15.0f ms %15.0f ms %7.1fx\n' $service \
      "$(took "binds-$name")" "$(took "view-$name")" "$(ratio "binds-$name" "view-$name")"
  done
  echo
  printf '%-50s %12s %12s\n' 'a file of the closure, at best, 1000 paths bound' unconfined bound
  for call in open stat exec; do
    printf '%-50s %9.0f ns %9.0f ns\n' "$call" "$(cost $call unconfined)" "$(cost $call bound)"
  done
  echo
  printf '%-50s %12s %12s\n' '50 services of 300 paths, read-only, full-apivfs' 'none runs' 'all run'
  printf '%-50s %12s %9.0f ms\n' 'started at once' '' "$(took many)"
  printf '%-50s %9.0f ms %9.0f ms\n' 'systemctl daemon-reload' "$(took reload-none)" "$(took reload-many)"
  printf '%-50s %12s %12s\n' 'resident memory of PID 1' "$(<"$W/results/memory-none")" \
    "$(<"$W/results/memory-many")"
  echo
  for root in read-only tmpfs; do
    for mode in full-apivfs chroot-only; do
      pairs='100=2 300=5.5 1000=40'
      if [ "$mode" = chroot-only ]; then pairs='100=3 300=12 1000=60'; fi
      for pair in $pairs; do
        name=$root-$mode-${pair%=*}
        target "$root, $mode: faster at ${pair%=*} paths" "$(ratio "binds-$name" "view-$name")" '>=' "${pair#*=}" x
      done
      target "$root, $mode: from the view, 1000 / 300 paths" \
        "$(ratio "view-$root-$mode-1000" "view-$root-$mode-300")" '<=' 3.5 x
    done
  done
  target '50 starts at once / 50 single starts' \
    "$(calculate "$(took many) / 50 / $(took view-read-only-full-apivfs-300)")" '<=' 1.1 x
  for call in open stat exec; do
    target "$call: bound / unconfined" "$(calculate "$(cost $call bound) / $(cost $call unconfined)")" '<=' 1.05 x
  done
} | keep_table
