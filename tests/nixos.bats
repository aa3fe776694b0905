#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The module on a NixOS of 2025 or later, in place of and compared with that of nixpkgs. NIXOS_FILES is
# nixos of a nixpkgs, or these files of it, and NIXPKGS_LIB its lib; if unset, NIX_PATH has the nixpkgs.
#   modules/system/boot/systemd.nix  modules/security/systemd-confinement.nix  modules/misc/assertions.nix
#   lib/systemd-lib.nix  lib/systemd-unit-options.nix  lib/systemd-types.nix  lib/utils.nix

load helpers
load nix

setup_file() {
  if [ ! "${NIXOS_FILES-}" ]; then
    NIXOS_FILES=$(nix-instantiate --find-file nixpkgs/nixos 2>/dev/null || :)
    NIXPKGS_LIB=$(nix-instantiate --find-file nixpkgs/lib 2>/dev/null || :)
  fi
  export NIXOS_FILES NIXPKGS_LIB
  new_nix "$BATS_FILE_TMPDIR"
  # The stand-ins for packages are built by the machine's bash.
  sed -i 's|^sandbox-paths =.*|sandbox-paths = /bin /lib /lib64 /usr|' "$NIX_CONF_DIR/nix.conf"
}

teardown_file() {
  remove_nix "$BATS_FILE_TMPDIR"
}

setup() {
  [ "$NIXOS_FILES" ] || skip 'neither NIXOS_FILES nor NIX_PATH gives a NixOS'
  new_world
  echo '{ }' >modules
}

expression() {
  echo "let nixos = import $ROOT/tests/nix/nixos.nix { files = $NIXOS_FILES; lib = $NIXPKGS_LIB; helper = $BATS_FILE_TMPDIR/helper;
    variant = \"${VARIANT:-ours}\"; modules = [ (import $W/modules) ]; }; in with nixos; $1"
}

# evaluate EXPRESSION: prints its value as JSON, with nixos.nix in scope and the module in ./modules.
evaluate() {
  nix-instantiate --eval --strict --json -E "$(expression "$1")"
}

# units: builds /etc/systemd/system, and prints where it is on this machine.
units() {
  local result
  result=$(nix-build --no-out-link -E "$(expression units)" 2>"$W/log") || { tail "$W/log"; return 1; }
  echo "$BATS_FILE_TMPDIR/root$result"
}

# text_of FILE: prints a file in the directory of the units, which has symlinks into the store.
text_of() {
  local made file
  made=$(units) || { echo "$made" >&2; return 1; }
  file=$made/$1
  while [ -L "$file" ]; do file=$BATS_FILE_TMPDIR/root$(readlink "$file"); done
  cat "$file"
}

confined() {
  cat >modules <<END
{ lib, pkgs, ... }: { systemd.services.test = { serviceConfig.ExecStart = "\${pkgs.hello}/bin/hello"; confinement.enable = true; $1 }; $2 }
END
}

@test 'the module evaluates under a bare lib, with the same decisions' {
  bare() { nix-instantiate --eval --strict --json -E "(import $ROOT/tests/nix/bare.nix $NIXPKGS_LIB).$1"; }
  [ "$(bare systemd.services.test.serviceConfig.RootDirectory)" = '"/var/empty"' ]
  [ "$(bare systemd.services.test.serviceConfig.PrivateTmp)" = true ]
  [ "$(bare systemd.services.other.serviceConfig.RootDirectory)" = '"/run/confinement-root/%p"' ]
  [ "$(bare systemd.services.other.requires)" = '["confinement-root@%p.service"]' ]
  [ "$(bare systemd.services.other.serviceConfig.PrivateTmp)" = false ]
  [[ $(bare assertions) == *"The service 'test' sets both 'confinement.enable' and 'serviceConfig.DynamicUser'."* ]]
  [[ $(bare systemd.packages) == *other-chroot-paths*test-chroot-paths* ]]
}

@test 'a service has the settings of the original, except for the root directory' {
  confined 'confinement.mode = "full-apivfs";' 'systemd.services.other = { serviceConfig = { ExecStart = "${pkgs.hello}/bin/hello";
    PrivateUsers = lib.mkForce false; PrivateTmp = "yes"; }; confinement = { enable = true; mode = "chroot-only"; }; };'
  settings='map (name: removeAttrs services.${name}.serviceConfig
    [ "InaccessiblePaths" "RootDirectory" "RuntimeDirectory" "TemporaryFileSystem" ]) [ "test" "other" ]'
  evaluate "$settings" >ours
  VARIANT=original evaluate "$settings" >theirs
  diff ours theirs
  [ "$(wc -c <ours)" -gt 500 ]
}

@test 'the binds are those of the original, with closureInfo and without' {
  confined 'confinement.packages = [ pkgs.jq "with context ${pkgs.dash}" ];'
  binds() { text_of test.service.d/confinement.conf | grep '^BindReadOnlyPaths='; }
  VARIANT=original binds | sort >theirs
  binds | sort >ours
  diff ours theirs
  [ "$(wc -l <ours)" = 5 ]
  confined 'confinement.packages = [ pkgs.jq "with context ${pkgs.dash}" ];' 'systemd.confinement.closureInfo = true;'
  binds | sort | diff - theirs
}

@test 'the unit requires the unit that makes its root directory, which exists' {
  confined
  text_of test.service | grep -x 'Requires=confinement-root@%p.service'
  text_of test.service | grep -x 'After=confinement-root@%p.service'
  text_of test.service | grep -x 'RootDirectory=/run/confinement-root/%p'
  text_of confinement-root@.service | grep -x 'ExecStart=/nix/store/.*-coreutils/bin/mkdir -p "/run/confinement-root/%i"'
  text_of confinement-root@.service | grep -x 'ExecStopPost=/nix/store/.*-coreutils/bin/rm -rf .*'
}

@test 'the default root is that of the module that is replaced' {
  confined
  [ "$(evaluate services.test.confinement.root)" = '"read-only"' ]
  # An older nixpkgs.
  mkdir -p old
  cp -rL "$NIXOS_FILES/lib" "$NIXOS_FILES/modules" old
  sed 's|/run/confinement/|/somewhere/else/|' "$NIXOS_FILES/modules/security/systemd-confinement.nix" \
    >old/modules/security/systemd-confinement.nix
  NIXOS_FILES=$W/old
  [ "$(evaluate services.test.confinement.root)" = '"tmpfs"' ]
}

@test 'services with ProtectSystem and DynamicUser, such as some in nixpkgs, evaluate unchanged' {
  confined 'serviceConfig.ProtectSystem = "strict"; serviceConfig.DynamicUser = true;'
  [ "$(evaluate refused)" = '[]' ]
  confined 'serviceConfig.ProtectSystem = "strict"; serviceConfig.DynamicUser = true; confinement.root = "tmpfs";'
  [[ $(evaluate refused) == *"'test' sets both 'confinement.enable' and 'serviceConfig.DynamicUser'."*"'test' sets both"*ProtectSystem* ]]
}

@test 'it replaces the original wherever it is imported' {
  confined
  [ "$(VARIANT=reversed evaluate services.test.serviceConfig.RootDirectory)" = '"/run/confinement-root/%p"' ]
  [ "$(VARIANT=ours evaluate services.test.serviceConfig.RootDirectory)" = '"/run/confinement-root/%p"' ]
}

@test 'a unit that a package ships gets a drop-in; dropIn = false is an error that names the service and the option' {
  shipped='systemd.packages = [ (pkgs.writeTextFile { name = "shipped"; destination = "/lib/systemd/system/shipped.service";
    text = "[Service]\nExecStart=/bin/shipped\n"; }) ]; systemd.services.shipped.confinement'
  confined '' "$shipped = { enable = true; packages = [ pkgs.jq ]; };"
  [ "$(evaluate refused)" = '[]' ]
  text_of shipped.service | grep -x ExecStart=/bin/shipped
  text_of shipped.service.d/overrides.conf | grep -x RootDirectory=/run/confinement-root/%p
  text_of shipped.service.d/confinement.conf | grep -- -jq
  confined '' "$shipped = { enable = true; dropIn = false; };"
  [[ $(evaluate refused) == *"The service 'shipped' "*"set 'confinement.dropIn' to true"* ]]
  confined '' "$shipped = { enable = true; root = \"tmpfs\"; }; systemd.services.shipped.serviceConfig.ExecStartPre = \"\${pkgs.hello}/bin/hello\";"
  [[ $(evaluate refused) == *"The service 'shipped' "*"set 'confinement.dropIn' to true"* ]]
  confined '' "$shipped = { enable = true; root = \"tmpfs\"; };"
  [[ $(evaluate refused) == *"The service 'shipped' "*"set 'confinement.dropIn' to true"* ]]
}

@test 'the instance of a template that a package ships keeps the template, with either root' {
  for root in read-only tmpfs; do
    confined '' "systemd.services.\"systemd-nspawn@c\" = { overrideStrategy = \"asDropin\";
      confinement = { enable = true; root = \"$root\"; }; };"
    [ "$(evaluate refused)" = '[]' ]
    made=$(units)
    [ ! -e "$made/systemd-nspawn@c.service" ]
    text_of systemd-nspawn@c.service.d/overrides.conf | grep '^RootDirectory='
    text_of systemd-nspawn@c.service.d/confinement.conf | grep '^BindReadOnlyPaths='
  done
}

@test 'a unit with another name is confined under that name' {
  confined 'name = lib.mkForce "other.service"; confinement.fullUnit = true;'
  text_of other.service | grep '^RootDirectory='
  text_of other.service.d/confinement.conf | grep -- '-hello$'
  [ ! -e "$(units)/test.service.d" ]
}

@test 'InaccessiblePaths = mkForce [ ] leaves /tmp and /var/tmp hidden where PrivateTmp is off' {
  confined 'serviceConfig.DynamicUser = true; serviceConfig.PrivateTmp = false; serviceConfig.InaccessiblePaths = lib.mkForce [ ];'
  text_of test.service.d/confinement.conf | grep -x 'InaccessiblePaths=-+/tmp -+/var/tmp'
  confined 'serviceConfig.DynamicUser = true;'
  run -1 grep Inaccessible <(text_of test.service.d/confinement.conf)
}

@test 'confinement.packages has all roots of the closure, for other modules to read and to replace' {
  confined 'confinement.packages = [ pkgs.jq ];'
  [[ $(evaluate 'map toString services.test.confinement.packages') == '["'*-hello/bin/hello\",\"*-bashInteractive/bin/*\",\"*-jq\"] ]]
  confined 'confinement.packages = lib.mkForce [ pkgs.jq ]; confinement.binSh = null;'
  [ "$(text_of test.service.d/confinement.conf | sed -n 's/^BindReadOnlyPaths=.*-//p')" = jq ]
}

@test 'a service may have a TemporaryFileSystem of its own' {
  for value in '"/dev/shm"' '[ "/dev/shm" ]'; do
    confined "serviceConfig.TemporaryFileSystem = $value;"
    diff <(text_of test.service | grep '^Temp' | sort) <(printf 'TemporaryFileSystem=%s\n' /bin:ro /dev/shm /nix/store:ro)
    confined "serviceConfig.TemporaryFileSystem = $value; confinement.root = \"tmpfs\";"
    diff <(text_of test.service.d/overrides.conf | grep '^Temp' | sort) <(printf 'TemporaryFileSystem=%s\n' / /dev/shm)
  done
}

@test 'a service that cannot be confined is refused by name' {
  confined 'serviceConfig.RootDirectoryStartOnly = true; serviceConfig.ExecReload = "/run/current-system/sw/bin/kill";'
  [[ $(evaluate refused) == *"'test' sets both 'confinement.enable' and 'serviceConfig.RootDirectoryStartOnly'."* ]]
  [[ $(evaluate refused) == *"'test' sets 'confinement.enable', but its 'serviceConfig.ExecReload' runs /run/current-system/sw/bin/kill,"* ]]
  confined 'preStart = "true"; reload = "true"; serviceConfig.ExecStop = "-@${pkgs.jq}/bin/jq q";'
  [ "$(evaluate refused)" = '[]' ]
}

@test 'a mistake gives an error that names the option' {
  for mistake in 'mode = "none"' 'root = "rom"' 'binsh = null' 'fullUnit = "yes"'; do
    confined "confinement.$mistake;"
    run -1 evaluate '[ services.test.serviceConfig services.test.confinement ]'
    [[ $output == *"systemd.services.test.confinement.${mistake%% *}"* ]]
  done
  confined 'confinement.binsh = null;'
  run -1 evaluate services.test.confinement
  [[ $output == *"defined in \`"*"', does not exist"* ]]
}

@test 'definitions merge as those of any option: mkIf, mkMerge, mkDefault, mkForce, lists' {
  cat >modules <<'END'
{ lib, pkgs, ... }: {
  imports = [ {
    systemd.services.test.confinement = lib.mkMerge [
      { packages = [ pkgs.dash ]; }
      (lib.mkIf true { packages = [ "x" ]; fullUnit = false; })
      (lib.mkIf false { root = "rom"; })
    ];
  } ];
  systemd.services.test.confinement = {
    enable = true;
    binSh = null;
    mode = lib.mkDefault "chroot-only";
    packages = lib.mkIf false [ pkgs.jq ];
    fullUnit = lib.mkForce true;
  };
}
END
  [ "$(evaluate 'let it = services.test.confinement; in [ it.mode it.fullUnit it.root (builtins.length it.packages) ]')" = \
    '["chroot-only",true,"read-only",3]' ]
}

@test 'a priority on the whole set keeps the commands in the closure' {
  for priority in mkDefault mkForce; do
    cat >modules <<END
{ lib, pkgs, ... }: { systemd.services.test = { serviceConfig.ExecStart = "\${pkgs.hello}/bin/hello"; confinement = lib.$priority { enable = true; }; }; }
END
    text_of test.service | grep -x 'RootDirectory=/run/confinement-root/%p'
    text_of test.service.d/confinement.conf | grep -x 'BindReadOnlyPaths=.*-hello'
  done
}

@test 'NixOS does not restart the root directory of a service that runs' {
  confined
  text_of confinement-root@.service | sed -n '/^\[Service\]$/,$p' | grep -x X-RestartIfChanged=false
}

@test 'fifty services cost no more to evaluate than with the original' {
  cat >modules <<'END'
{ lib, pkgs, ... }: { systemd.services = lib.listToAttrs (lib.genList (n: { name = "t${toString n}"; value = {
  serviceConfig.ExecStart = "${pkgs.hello}/bin/hello ${toString n}"; CONFINED }; }) 50); }
END
  thunks() {
    NIX_SHOW_STATS=1 nix-instantiate --eval --strict -E "$(expression '[ units.drvPath refused ]')" 2>&1 >/dev/null |
      sed -n 's/.*"nrThunks": \([0-9]*\).*/\1/p'
  }
  sed 's/CONFINED//' -i.template modules
  none=$(VARIANT=none thunks)
  sed 's/CONFINED/confinement.enable = true;/' modules.template >modules
  original=$(($(VARIANT=original thunks) - none))
  ours=$(($(thunks) - none))
  echo "# thunks: $ours, with the original $original" >&3
  [ $original -gt 10000 ]
  [ $ours -le $original ]
}
