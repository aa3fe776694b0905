#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Measures the time that one more service adds to a build in the sandbox, with all derivations new: one
# derivation by a no-op builder, the two of chroot-paths by the no-op builder and by chroot-paths, and the
# three of the original module by its script. The kinds alternate.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.bash"
. tests/nix.bash
needs nix-build nix-bin busybox busybox-static file file readelf binutils
new_nix "$W"
why=$(why_no_nix "$W")
if [ "$why" ]; then skip "$why"; fi

KINDS=(no-op same-no-op ours script)
SERVICES=50
ROUNDS=${ROUNDS:-7}

# Packages the machine's bash and coreutils. The sandbox has their loader at its usual path.
make_tools() {
  local programs interpreter library
  mapfile -t programs < <(type -P bash mkdir readlink)
  mkdir -p "$W/tools/bin" "$W/tools/lib"
  cp -L "${programs[@]}" "$W/tools/bin"
  ldd "${programs[@]}" | sed -n 's/.* => \(\/[^ ]*\).*/\1/p' | sort -u | while read -r library; do
    cp -L "$library" "$W/tools/lib"
  done
  interpreter=$(readelf -l "$W/tools/bin/bash" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
  if [ "$interpreter" ]; then
    cp -L "$interpreter" "$W/loader"
    sed -i "s|^sandbox-paths =.*|sandbox-paths = $interpreter=$W/loader|" "$NIX_CONF_DIR/nix.conf"
  fi
}

# build KIND COUNT SALT: builds, and sets REPLY to the seconds it took.
build() {
  local start=$EPOCHREALTIME
  nix-build --no-out-link tests/bench/nix.nix --argstr kind "$1" --argstr count "$2" --argstr salt "$3" \
    --argstr helper "$W/helper" --argstr no-op "$W/no-op" --argstr tools "$W/tools" >"$W/built" 2>"$W/log" ||
    { tail "$W/log"; return 1; }
  REPLY=$(calculate "$EPOCHREALTIME - $start")
}

make_tools
install -D "$PROGRAM" "$W/helper/bin/chroot-paths"
install -D "$BUILD/bench/no-op" "$W/no-op/bin/no-op"
ln "$W/no-op/bin/no-op" "$W/no-op/bin/chroot-paths"
# Before measuring, check that both ways give the same unit.
for kind in "${KINDS[@]}"; do
  build "$kind" 1 first
  cp "$W/root$(cat "$W/built")/lib/systemd/system/service-first-0.service" "$W/$kind.unit" 2>/dev/null || :
done
cmp "$W/ours.unit" "$W/script.unit"
[ "$(wc -l <"$W/ours.unit")" = 31 ]

for ((round = 1; round <= ROUNDS; round++)); do
  for kind in "${KINDS[@]}"; do
    # The time of a build without services is subtracted.
    build "$kind" 0 none
    none=$REPLY
    build "$kind" $SERVICES "$round"
    calculate "1000 * ($REPLY - $none) / $SERVICES" >>"$W/times-$kind"
  done
done

# The medians, and the ratio of two.
ms() { median "$W/times-$1"; }
ratio() { calculate "$(ms "$1") / $(ms "$2")"; }
# line WHAT DERIVATIONS KIND
line() {
  printf '%-52s %11d %12.1f ms %15.1f ms\n' "$1" "$2" "$(ms "$3")" "$(calculate "$(ms "$3") / $2")"
}

{
  echo "What one more service adds to a build of $SERVICES: (time of $SERVICES - time of none) / $SERVICES, median of"
  echo "$ROUNDS builds; one job at a time, in the sandbox, each with the same closure of 30 store paths"
  echo
  head_of_table "$(nix --version)" "bash ${BASH_VERSION%%(*}" "$(readlink --version | head -n 1)"
  printf '%-52s %11s %15s %18s\n' '' derivations 'a service' 'a derivation'
  line 'a builder that does nothing' 1 no-op
  line 'the derivations of chroot-paths, built by such a one' 2 same-no-op
  line 'chroot-paths, from the references graph' 2 ours
  line "the original's way, bash straight as the builder" 3 script
  echo
  target 'chroot-paths / a builder that does nothing, per derivation' "$(calculate "$(ratio ours no-op) / 2")" \
    '<=' 1.15 x
  target 'chroot-paths / such a builder of the same derivations' "$(ratio ours same-no-op)" '<=' 1.15 x
  target "the original's way / chroot-paths, per service" "$(ratio script ours)" '>=' 3 x
  echo
  echo "The original builds with the stdenv of nixpkgs, whose start comes on top of each of its three"
  echo 'derivations and is not counted here.'
} | keep_table
