#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The module on the nixpkgs that NIX_PATH names, where it names one. Nothing big is built. The original
# module, which one test compares with, is SEED_MODULE or the one in that nixpkgs.

load helpers
load nix

setup_file() {
  export NIX_PATH_GIVEN=${NIX_PATH-}
  new_nix "$BATS_FILE_TMPDIR"
}

teardown_file() {
  remove_nix "$BATS_FILE_TMPDIR"
}

setup() {
  export NIX_PATH=$NIX_PATH_GIVEN
  nix-instantiate --eval -E '<nixpkgs/lib>' >/dev/null 2>&1 || skip 'NIX_PATH has no nixpkgs'
  new_world
}

needs_nixos() {
  nix-instantiate --eval -E '<nixpkgs/nixos>' >/dev/null 2>&1 || skip 'the nixpkgs in NIX_PATH has no nixos'
}

# nixos EXPRESSION: what it is, with everything of nixos.nix in scope.
nixos() {
  nix-instantiate --eval --strict --json -E "with import $ROOT/tests/nix/nixos.nix {
    helper = \"$BATS_FILE_TMPDIR/helper\"; ${SEED:+seed = $SEED;} }; $1"
}

@test 'the module evaluates under a bare lib, and decides as ever' {
  bare() { nix-instantiate --eval --strict --json -E "(import $ROOT/tests/nix/bare.nix).$1"; }
  [ "$(bare systemd.services.test.serviceConfig.RootDirectory)" = '"/var/empty"' ]
  [ "$(bare systemd.services.test.serviceConfig.PrivateTmp)" = true ]
  [ "$(bare systemd.services.other.serviceConfig.RootDirectory)" = '"/run/confinement-root/%p"' ]
  [ "$(bare systemd.services.other.requires)" = '["confinement-root@%p.service"]' ]
  [ "$(bare systemd.services.other.serviceConfig.PrivateTmp)" = false ]
  [[ $(bare assertions) == *"The service 'test' has 'confinement.enable' and 'serviceConfig.DynamicUser' on."* ]]
  [[ $(bare systemd.mounts) == *'"where":"/run/nix-store-view"'* ]]
  [[ $(bare systemd.packages) == *other-chroot-paths*test-chroot-paths* ]]
}

@test 'systems with no, one, two and fifty confined services evaluate' {
  needs_nixos
  for count in none one two fifty; do
    [[ $(nixos "toplevel systems.$count") == *nixos-system* ]]
  done
}

@test 'the unit has the settings' {
  needs_nixos
  text=$(nixos text)
  for line in ExecStart=/bin/true RootDirectory=/var/empty TemporaryFileSystem=/ PrivateTmp=true MountAPIVFS=true; do
    [[ $text == *"\\n$line\\n"* ]]
  done
}

@test 'a view is one mount unit, and none where it is off' {
  needs_nixos
  [[ $(nixos 'viewText') == *'What=/nix/store\n'*'Where=/run/nix-store-view\n'* ]]
  [[ $(nixos 'viewText') == *'Options=bind,ro\n'* ]]
  [ "$(nixos 'viewOff')" = false ]
}

@test 'systemd.packages has the units, and they build' {
  needs_nixos
  if [ -s "$BATS_FILE_TMPDIR/why" ]; then unmet "$(cat "$BATS_FILE_TMPDIR/why")"; fi
  nix-instantiate --eval -E '(import <nixpkgs> { }) ? closureInfo' | grep -q false ||
    skip 'its closureInfo would build a stdenv'
  nix-build --no-out-link -E "(import $ROOT/tests/nix/nixos.nix { helper = \"$BATS_FILE_TMPDIR/helper\"; }).packages" >built
  sed -i "s|^|$BATS_FILE_TMPDIR/root|" built
  data=$(nix-instantiate --eval -E 'builtins.toFile "data" "data"' | tr -d '"')
  printf '[Service]\nBindReadOnlyPaths=%s\n' "$data" >expected
  diff expected "$(sed -n 1p built)/lib/systemd/system/instance@.service.d/confinement.conf"
  diff expected "$(sed -n 2p built)/lib/systemd/system/test.service"
}

@test 'each assertion fires, names the service and tells the way out' {
  needs_nixos
  for case in rootDirectoryStartOnly dynamicUser protectSystem; do
    run -1 nixos "toplevel systems.$case"
    [[ ${output,,} == *"the service 'test' has 'confinement.enable' and 'serviceconfig.${case,,}' on."* ]]
  done
  nixos 'toplevel systems.readOnly'
  nixos 'toplevel systems.hostReadOnly'
}

@test 'a mistake gives an error that names the option' {
  needs_nixos
  run -1 nixos 'toplevel systems.unknownMode'
  [[ $output == *systemd.services.test.confinement.mode* ]]
  run -1 nixos 'toplevel systems.unknownRoot'
  [[ $output == *systemd.services.test.confinement.root* ]]
  run -1 nixos 'toplevel systems.wrongType'
  [[ $output == *systemd.services.test.confinement.enable* ]]
  run -1 nixos 'toplevel systems.unknownOption'
  [[ $output == *systemd.services.test.confinement.binsh* ]]
}

@test 'the serviceConfig equals that of the original module' {
  needs_nixos
  original=$(nix-instantiate --eval -E '<nixpkgs/nixos/modules/security/systemd-confinement.nix>' 2>/dev/null || :)
  SEED=${SEED_MODULE:-$original}
  grep -q -s /var/empty "$SEED" || skip 'no original module with a tmpfs root: SEED_MODULE can name one'
  nixos settings >ours
  nixos seedSettings >theirs
  cmp ours theirs
  [ "$(wc -c <ours)" -gt 1000 ]
}
