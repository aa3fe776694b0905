#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The start of a service in a booted container: unconfined, with one bind per store path, and with a store
# mount, for several numbers of store paths and both kinds of root directory. All of them alternate.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
needs systemd-nspawn systemd-container perl perl
[ "$(id -u)" = 0 ] || skip 'only root can boot a container'

COUNTS=(10 30 100 300 1000 3000)
ROOTS=(read-only tmpfs)
STARTS=${STARTS:-15}

mkdir -p "$W/files/etc/systemd/system" "$W/results"
echo "${COUNTS[*]}" >"$W/files/counts"
echo "${ROOTS[*]}" >"$W/files/roots"
echo "$STARTS" >"$W/files/starts"
cp tests/bench/start-driver.sh "$W/files/driver"
install -D "$PROGRAM" "$W/files/usr/local/bin/chroot-paths"
install -D -m 644 -t "$W/files/usr/local/lib/systemd/system" src/*@.*
make_store "$W/nix/store" 2999 50 | sed "s|^$W||" >"$W/list"
# In the container, the store is elsewhere.
find "$W/nix/store" -type l -printf '%p %l\n' | while read -r link target; do
  ln -sfn "${target#"$W"}" "$link"
done
bin=/nix/store/00000000000000000000000000000000-nothing
install -D "$NOTHING" "$W$bin/bin/nothing"
{ echo "$bin"; cat "$W/list"; } >"$W/files/list"

tests/systemd/boot.sh "$W/files" "$W/results" "$W/nix" >"$W/said" 2>&1 ||
  skip "no container boots here, or a service does not start: $(tail -n 3 "$W/said")"

# took KIND ROOT COUNT: the median in milliseconds.
took() { median "$W/results/$1-$2-$3"; }

# ratio A B: of two medians, each as KIND ROOT COUNT.
ratio() { calculate "$(took "$1" "$2" "$3") / $(took "$4" "$5" "$6")"; }

unconfined=$(median "$W/results/unconfined")
{
  echo "One start of a oneshot service that does nothing: systemctl start, median of $STARTS starts, but for"
  echo 'binds of 5 at 300 store paths, 3 at 1000 and 1 at 3000. 5% of the paths are symlinks, 2% plain files,'
  echo 'which are bound with a store mount, too. The first start makes the mount. mode = "full-apivfs".'
  echo
  head_of_table "$(systemctl --version | head -n 1)"
  printf 'unconfined: %.0f ms\n\n' "$unconfined"
  printf '%9s %6s %11s %14s %14s %14s %9s\n' root paths binds 'store mount' 'no plain files' 'first start' faster
  for root in "${ROOTS[@]}"; do
    for count in "${COUNTS[@]}"; do
      printf '%9s %6d %8.0f ms %11.0f ms %11.0f ms %11.0f ms %8.1fx\n' "$root" "$count" \
        "$(took binds "$root" "$count")" "$(took mount "$root" "$count")" \
        "$(took directories "$root" "$count")" "$(took first "$root" "$count")" \
        "$(ratio binds "$root" "$count" mount "$root" "$count")"
    done
  done
  echo
  cat "$W/results/layer"
  echo
  for root in "${ROOTS[@]}"; do
    target "$root: store mount / unconfined, 100 paths" \
      "$(calculate "$(took mount "$root" 100) / $unconfined")" '<=' 2.2 x
    target "$root: store mount / unconfined, 1000 paths" \
      "$(calculate "$(took mount "$root" 1000) / $unconfined")" '<=' 3 x
    target "$root: store mount without plain files, 1000 / 10 paths" \
      "$(ratio directories "$root" 1000 directories "$root" 10)" '<=' 1.5 x
    target "$root: binds / store mount, 1000 paths" \
      "$(ratio binds "$root" 1000 mount "$root" 1000)" '>=' 100 x
    target "$root: first start, 1000 paths" "$(took first "$root" 1000)" '<=' 350 ' ms'
    target "$root: first start, 3000 / 1000 paths" \
      "$(ratio first "$root" 3000 first "$root" 1000)" '<=' 3 x
  done
} | keep_table

for count in "${COUNTS[@]}"; do
  echo "$count $unconfined $(took binds read-only "$count") $(took mount read-only "$count") $(took first read-only "$count")"
done >"$W/curves"
draw <<END
set title 'One start of a confined service, root = "read-only"'
set xlabel 'store paths'
set ylabel 'milliseconds, median'
plot '$W/curves' using 1:3 title 'one bind per path' lw 2 pt 7, \
  '' using 1:5 title 'store mount, first start' lw 2 pt 7, \
  '' using 1:4 title 'store mount' lw 2 pt 7, \
  '' using 1:2 title 'unconfined' lw 2 pt 7
END
