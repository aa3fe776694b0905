#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The start of a confined service in a booted container, by the number of bound paths, with a view of
# the store and without. The two alternate.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
needs systemd-nspawn systemd-container perl perl
[ "$(id -u)" = 0 ] || skip 'only root can boot a container'

COUNTS=(10 50 100 300 1000)
STARTS=${STARTS:-15}

mkdir -p "$W/files/etc/systemd/system" "$W/results"
echo "${COUNTS[*]}" >"$W/files/counts"
echo "$STARTS" >"$W/files/starts"
cp tests/bench/start-driver.sh "$W/files/driver"
install -D "$PROGRAM" "$W/files/usr/local/bin/chroot-paths"
make_store "$W/nix/store" 999 | sed "s|^$W||" >"$W/list"
# Links lead to where the store will be.
find "$W/nix/store" -type l -printf '%p %l\n' | while read -r link target; do
  ln -sfn "${target#"$W"}" "$link"
done
bin=/nix/store/00000000000000000000000000000000-nothing
install -D "$NOTHING" "$W$bin/bin/nothing"
{ echo "$bin"; cat "$W/list"; } >"$W/files/list"

# As nix/store-view.nix has it.
cat >"$W/files/etc/systemd/system/run-nix\\x2dstore\\x2dview.mount" <<'END'
[Mount]
What=/nix/store
Where=/run/nix-store-view
Type=none
Options=bind,ro
END

TIMEOUT=1800 tests/systemd/boot.sh "$W/files" "$W/results" "$W/nix" >"$W/said" 2>&1 ||
  skip "no container boots here, or a service does not start: $(tail -n 3 "$W/said")"

for count in "${COUNTS[@]}"; do
  declare "bound_$count=$(median "$W/results/bound-$count")" "viewed_$count=$(median "$W/results/viewed-$count")"
done

{
  echo "One start of a confined oneshot service that does nothing: systemctl start, median of $STARTS,"
  echo 'confinement with root = "tmpfs" and mode = "full-apivfs", 5% of the store paths are symlinks'
  echo
  head_of_table "$(systemctl --version | head -n 1)"
  printf '%11s %18s %18s %10s\n' 'bound paths' 'without a view' 'with a view' faster
  for count in "${COUNTS[@]}"; do
    bound=bound_$count viewed=viewed_$count
    printf '%11d %15.0f ms %15.0f ms %9.1fx\n' "$count" "${!bound}" "${!viewed}" "$(calculate "${!bound} / ${!viewed}")"
  done
  echo
  target 'without / with a view, 300 paths' "$(calculate "$bound_300 / $viewed_300")" '>=' 8 x
  target 'without / with a view, 1000 paths' "$(calculate "$bound_1000 / $viewed_1000")" '>=' 25 x
  target 'with a view, 1000 paths / 100 paths' "$(calculate "$viewed_1000 / $viewed_100")" '<=' 6 x
} | keep_table

for count in "${COUNTS[@]}"; do
  bound=bound_$count viewed=viewed_$count
  echo "$count ${!bound} ${!viewed}"
done >"$W/curves"
draw <<END
set title 'One start of a confined service'
set xlabel 'bound store paths'
set ylabel 'milliseconds, median'
plot '$W/curves' using 1:2 title 'BindReadOnlyPaths=' lw 2 pt 7, \
  '' using 1:3 title 'with a view of the store' lw 2 pt 7
END
