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
  echo "let nixos = import $ROOT/tests/nix/nixos.nix { files = $NIXOS_FILES; lib = $NIXPKGS_LIB;
    helper = $BATS_FILE_TMPDIR/helper; busybox = $BATS_FILE_TMPDIR/busybox; variant = \"${VARIANT:-ours}\";
    modules = [ (import $W/modules) ]; }; in with nixos; $1"
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

# text_in FILE: prints a file that may be a symlink into the store.
text_in() {
  local file=$1
  while [ -L "$file" ]; do file=$BATS_FILE_TMPDIR/root$(readlink "$file"); done
  cat "$file"
}

# text_of FILE: prints a file in the directory of the units.
text_of() {
  local made
  made=$(units) || { echo "$made" >&2; return 1; }
  text_in "$made/$1"
}

# confined [SETTINGS [MORE]]: a confined service "test" with these settings, and MORE of a configuration.
confined() {
  cat >modules <<END
{ config, lib, pkgs, ... }: {
  config = lib.mkMerge [
    { systemd.services.test = {
        serviceConfig.ExecStart = "\${pkgs.hello}/bin/hello";
        confinement.enable = true;
        ${1-}
      }; }
    { ${2-} }
  ];
  ${3-}
}
END
}

# alike EXPRESSION: its value is the same with the original.
alike() {
  evaluate "$1" >ours
  VARIANT=original evaluate "$1" >theirs
  diff ours theirs
}

@test 'the module evaluates under a bare lib, with the same decisions' {
  bare() { nix-instantiate --eval --strict --json -E "(import $ROOT/tests/nix/bare.nix $NIXPKGS_LIB).$1"; }
  [ "$(bare systemd.services.test.serviceConfig.RootDirectory)" = '"/var/empty"' ]
  [ "$(bare systemd.services.test.serviceConfig.PrivateTmp)" = true ]
  [ "$(bare systemd.services.other.serviceConfig.RootDirectory)" = '"/run/confinement-root/%p"' ]
  [ "$(bare systemd.services.other.unitConfig.Requires)" = '["confinement-root@%p.service"]' ]
  [ "$(bare systemd.services.other.serviceConfig.PrivateTmp)" = false ]
  [[ $(bare assertions) == *"'test' sets 'confinement.enable', but also 'serviceConfig.DynamicUser'."* ]]
  [[ $(bare systemd.packages) == *other-chroot-paths*test-chroot-paths* ]]
}

@test 'a service has the settings of the original, except for the root directory' {
  confined 'confinement.mode = "full-apivfs";' 'systemd.services.other = {
    serviceConfig.ExecStart = "${pkgs.hello}/bin/hello";
    serviceConfig.PrivateUsers = lib.mkForce false;
    serviceConfig.PrivateTmp = "yes";
    confinement.enable = true;
    confinement.mode = "chroot-only";
  };'
  alike 'map (name: confinedSettings services.${name}) [ "test" "other" ]'
  [ "$(wc -c <ours)" -gt 500 ]
}

@test 'services like those that test the original have its settings, and its binds' {
  cp "$ROOT/tests/nix/original.nix" modules
  alike 'lib.mapAttrs (name: service: [
      (confinedSettings service)
      (removeAttrs service.environment [ "PATH" ])
      service.requiredBy
      (map toString service.confinement.packages)
    ]) (lib.filterAttrs (name: service: service.confinement.enable && !service.confinement.fullUnit) services)'
  [ "$(evaluate refused)" = '[]' ]
  theirs=$(VARIANT=original units)
  ours=$(units)
  # Ours are bound from the view; fullUnit includes the unit, which differs.
  paths() {
    text_in "$1" | sed -n 's/^[BI][a-zA-Z]*=//p' | tr ' ' '\n' | sed -E 's|^/run/readonly||; s|^(.*):\1$|\1|' |
      grep -v -- '-unit-test\|-systemd$' | sort
  }
  count=0
  for drop_in in "$ours"/test*.service.d/confinement.conf; do
    diff <(paths "$drop_in") <(paths "$theirs${drop_in#"$ours"}")
    count=$((count + 1))
  done
  [ $count = 21 ]
}

@test 'the unit requires the unit that makes its root directory, which exists' {
  confined
  text_of test.service | grep -x 'Requires=confinement-root@%p.service'
  text_of test.service | grep -x 'After=confinement-root@%p.service'
  text_of test.service | grep -x 'RootDirectory=/run/confinement-root/%p'
  text_of confinement-root@.service >template
  grep -x 'ExecStart=/nix/store/.*-coreutils/bin/mkdir -p "/run/confinement-root/%i"' template
  grep -x 'ExecStopPost=/nix/store/.*-coreutils/bin/rm -rf .*' template
  # A restart would stop the confined service.
  sed -n '/^\[Service\]$/,$p' template | grep -x X-RestartIfChanged=false
}

@test 'a host has the units of root directories and of the view, like those of the program, and can extend them' {
  confined 'enable = false;' 'systemd.services."confinement-root@".serviceConfig.Slice = "x.slice";'
  # settings FILE: its lines, as NixOS writes them.
  settings() { sed -n 's/=no$/=false/; s/=yes$/=true/; /^[A-Z]/p' "$1" | sed "s|=/nix/store/.*/bin/|=|" | sort; }
  for unit in confinement-root@.service run-readonly-nix-store.mount; do
    text_of $unit | settings /dev/stdin >made
    grep -v -x -e 'Environment=.*' -e Slice=x.slice made | diff - <(settings "$ROOT/src/$unit")
  done
  text_of confinement-root@.service | grep -x Slice=x.slice
}

@test 'Requires= and After= of the user and of the confinement merge, and mkForce keeps the latter' {
  confined 'unitConfig.Requires = "network.target"; after = [ "a.service" ];'
  text_of test.service | grep -x 'Requires=network.target'
  text_of test.service | grep -x 'After=a.service'
  for line in Requires After; do text_of test.service | grep -x "$line=confinement-root@%p.service"; done
  confined 'requires = lib.mkForce [ ]; after = lib.mkForce [ ];'
  for line in Requires After; do text_of test.service | grep -x "$line=confinement-root@%p.service"; done
}

@test 'services with ProtectSystem and DynamicUser, such as some in nixpkgs, evaluate unchanged' {
  confined 'serviceConfig.ProtectSystem = "strict"; serviceConfig.DynamicUser = true;'
  [ "$(evaluate refused)" = '[]' ]
  confined 'serviceConfig.ProtectSystem = "strict"; serviceConfig.DynamicUser = true; confinement.root = "tmpfs";'
  [[ $(evaluate refused) == *"'test' sets "*"DynamicUser'."*"'test' sets "*ProtectSystem* ]]
}

@test 'it replaces the original wherever it is imported' {
  confined
  [ "$(VARIANT=reversed evaluate services.test.serviceConfig.RootDirectory)" = '"/run/confinement-root/%p"' ]
  [ "$(VARIANT=ours evaluate services.test.serviceConfig.RootDirectory)" = '"/run/confinement-root/%p"' ]
}

@test 'a unit that a package ships gets a drop-in, with either root' {
  for root in read-only tmpfs; do
    confined '' "systemd.services.shipped.confinement = { enable = true; packages = [ pkgs.jq ]; root = \"$root\"; };
      systemd.packages = [ (pkgs.writeTextFile { name = \"shipped\"; text = \"[Service]\nExecStart=/bin/shipped\n\";
        destination = \"/lib/systemd/system/shipped.service\"; }) ];"
    [ "$(evaluate refused)" = '[]' ]
    text_of shipped.service | grep -x ExecStart=/bin/shipped
    text_of shipped.service.d/overrides.conf | grep '^RootDirectory='
    text_of shipped.service.d/confinement.conf | grep -- -jq
    sed -i 's/packages = .* pkgs.jq .;/fullUnit = true;/' modules
    [[ $(evaluate refused) == *"'shipped' sets 'confinement.enable', but has no command. "* ]]
  done
}

@test 'what undoes the confinement is refused, also if it merges with it' {
  confined 'serviceConfig.RootDirectory = [ "" ];'
  [[ $(evaluate refused) == *"has no RootDirectory"* ]]
  confined 'unitConfig = lib.mkForce { };'
  [[ $(evaluate refused) == *"has no 'confinement-root@%p.service' in Requires and After"* ]]
  confined 'overrideStrategy = "asDropin"; serviceConfig.BindPaths = "";'
  [[ $(evaluate refused) == *"undoes the binds of the confinement"* ]]
}

@test 'the instance of a template that a package ships keeps the template, with either root' {
  for root in read-only tmpfs; do
    confined '' "systemd.services.\"systemd-nspawn@c\" = { overrideStrategy = \"asDropin\";
      confinement = { enable = true; packages = [ pkgs.systemd ]; root = \"$root\"; }; };"
    [ "$(evaluate refused)" = '[]' ]
    made=$(units)
    [ ! -L "$made/systemd-nspawn@c.service" ]
    text_of systemd-nspawn@c.service.d/overrides.conf | grep '^RootDirectory='
    text_of systemd-nspawn@c.service.d/confinement.conf | grep '^BindPaths=.*-systemd$'
  done
}

@test 'a unit with another name is confined under that name' {
  confined 'name = lib.mkForce "other.service"; confinement.fullUnit = true;'
  text_of other.service | grep '^RootDirectory='
  text_of other.service.d/confinement.conf | grep -- '-hello$'
  [ ! -e "$(units)/test.service.d" ]
}

@test 'InaccessiblePaths = mkForce [ ] leaves /tmp and /var/tmp hidden where PrivateTmp is off' {
  confined 'serviceConfig.DynamicUser = true;
    serviceConfig.PrivateTmp = false;
    serviceConfig.InaccessiblePaths = lib.mkForce [ ];'
  text_of test.service.d/confinement.conf | grep -x 'InaccessiblePaths=-+/tmp -+/var/tmp'
  confined 'serviceConfig.DynamicUser = true;'
  run -1 grep Inaccessible <(text_of test.service.d/confinement.conf)
}

@test 'confinement.packages has all roots of the closure, for other modules to read and to replace' {
  confined 'confinement.packages = [ pkgs.jq ];'
  alike 'map toString services.test.confinement.packages'
  grep -- '-jq.*-hello/bin/hello.*-bashInteractive/bin/\|-hello/bin/hello.*-bashInteractive/bin/.*-jq' ours
  confined 'confinement.packages = lib.mkForce [ pkgs.hello ]; confinement.binSh = null;'
  [ "$(text_of test.service.d/confinement.conf | sed -n 's/^BindPaths=.*-//p')" = hello ]
}

@test 'a service may have a TemporaryFileSystem of its own' {
  for value in '"/dev/shm"' '[ "/dev/shm" ]'; do
    confined "serviceConfig.TemporaryFileSystem = $value;"
    diff <(text_of test.service | grep '^Temp' | sort) \
      <(printf 'TemporaryFileSystem=%s\n' '/bin:ro /nix/store:ro' /dev/shm)
    confined "serviceConfig.TemporaryFileSystem = $value; confinement.root = \"tmpfs\";"
    diff <(text_of test.service.d/overrides.conf | grep '^Temp' | sort) \
      <(printf 'TemporaryFileSystem=%s\n' / /dev/shm)
  done
}

@test 'what the service binds itself is not hidden' {
  confined 'serviceConfig.BindReadOnlyPaths = [ "/nix/" ];'
  text_of test.service | grep -x 'TemporaryFileSystem=/bin:ro'
  confined 'serviceConfig.BindPaths = "/tmp/.X11-unix"; serviceConfig.PrivateTmp = false;'
  run -1 grep Inaccessible <(text_of test.service.d/confinement.conf)
}

@test 'a service in chroot-only mode has the socket for notifications, beside what it binds itself' {
  confined 'confinement.mode = "chroot-only"; serviceConfig.BindReadOnlyPaths = "/etc/x";'
  diff <(text_of test.service | grep '^BindReadOnlyPaths=' | sort) \
    <(printf 'BindReadOnlyPaths=%s\n' -/run/systemd/notify /etc/x)
}

@test 'a service binds from the view, with either root and in either mode' {
  for root in read-only tmpfs; do
    for mode in full-apivfs chroot-only; do
      confined "confinement = { root = \"$root\"; mode = \"$mode\"; };"
      made=$(units)
      file=$made/test.service
      if [ $root = read-only ]; then file+=.d/confinement.conf; fi
      text_in "$file" >binds
      grep -x RequiresMountsFor=/run/readonly/nix/store binds
      grep '^BindPaths=.*-hello$' binds
      run -1 grep '^BindReadOnlyPaths=' binds
    done
  done
}

@test 'a service that cannot be confined is refused by name, unless it is disabled' {
  confined 'serviceConfig.RootDirectoryStartOnly = true;'
  [[ $(evaluate refused) == *"'test' sets 'confinement.enable', but also 'serviceConfig.RootDirectoryStartOnly'."* ]]
  confined 'serviceConfig.RootDirectoryStartOnly = true; enable = false;'
  [ "$(evaluate refused)" = '[]' ]
  [ ! -e "$(units)/test.service.d" ]
}

@test 'a command that cannot start fails the build, which says what to write' {
  confined 'serviceConfig.ExecReload = "/run/current-system/sw/bin/kill";'
  [ "$(evaluate refused)" = '[]' ]
  run ! units
  [[ $output == *'ExecReload=: '*': /run/current-system/sw/bin/kill'* ]]
  confined 'serviceConfig.ExecReload = "${pkgs.hello}/bin/helo";'
  run ! units
  [[ $output == *'ExecReload=: '*'-hello/bin/helo'* ]]
}

@test 'a serviceConfig that has lost the root directory is an error that names the service' {
  confined
  sed -i 's/serviceConfig.ExecStart = \(.*\);/serviceConfig = lib.mkForce { ExecStart = \1; };/' modules
  [[ $(evaluate refused) == *"The service 'test' "*"its 'serviceConfig' has no RootDirectory"* ]]
  confined 'serviceConfig.RootDirectory = lib.mkForce "/srv/root";'
  [ "$(evaluate refused)" = '[]' ]
}

@test 'a mistake gives an error that names the option' {
  for mistake in 'mode = "none"' 'root = "rom"' 'binsh = null' 'fullUnit = "yes"'; do
    confined "confinement.$mistake;"
    run -1 evaluate '[ services.test.serviceConfig services.test.confinement ]'
    [[ $output == *"systemd.services.test.confinement.${mistake%% *}"* ]]
  done
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
  [ "$(evaluate 'let it = services.test.confinement; in [ it.mode it.fullUnit it.root (lib.length it.packages) ]')" = \
    '["chroot-only",true,"read-only",3]' ]
}

# with_set VALUE [SETTINGS]: the set `confinement` of the service has this value.
with_set() {
  confined "${2-}" "systemd.services.test.confinement = $1;"
  sed -i 's/^ *confinement.enable = true;$//' modules
}

@test 'a priority of the whole set applies to each option, as with the original' {
  for priority in mkDefault mkForce; do
    with_set "lib.$priority { enable = true; packages = [ pkgs.hello ]; }"
    alike '[ (map toString services.test.confinement.packages) services.test.confinement.enable ]'
    text_of test.service | grep -x 'RootDirectory=/run/confinement-root/%p'
  done
  with_set 'lib.mkDefault { enable = true; }' 'confinement.mode = "chroot-only";'
  alike 'let it = services.test; in [ it.confinement.enable it.confinement.mode it.serviceConfig.PrivateTmp ]'
  [ "$(cat ours)" = '[true,"chroot-only",false]' ]
}

@test 'a mkIf around the whole set may depend on one of its options' {
  confined '' 'systemd.services.test.confinement =
    lib.mkIf config.systemd.services.test.confinement.enable { packages = [ pkgs.jq ]; };'
  text_of test.service.d/confinement.conf | grep -- '-jq$'
}

# extended MODULE SETTINGS: another module adds to the options of all services.
extended() {
  confined "$2" '' "options.systemd.services = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule ({ config, ... }: { $1 })); };"
}

@test 'another module may add to the set: an option, a renamed option, a freeform service' {
  extended 'options.confinement.shell = lib.mkEnableOption "a shell";
    config = lib.mkIf config.confinement.shell { confinement.packages = [ pkgs.dash ]; };' \
    'confinement.shell = true;'
  [[ $(evaluate 'map toString services.test.confinement.packages') == *-dash* ]]
  extended 'imports = [ (lib.mkRenamedOptionModule [ "confinement" "shell" ] [ "confinement" "binSh" ]) ];
    options.warnings = lib.mkOption { type = lib.types.listOf lib.types.str; };' \
    'confinement.shell = null;'
  [ "$(evaluate services.test.confinement.binSh)" = null ]
  extended 'freeformType = lib.types.attrsOf lib.types.anything;' 'other.thing = 1;'
  [ "$(evaluate '[ services.test.other.thing services.test.confinement.mode ]')" = '[1,"full-apivfs"]' ]
}

@test 'extendModules changes the confinement of a configuration' {
  confined 'confinement.mode = "chroot-only";'
  [ "$(evaluate '(extendModules {
      modules = [ { systemd.services.test.confinement.mode = lib.mkForce "full-apivfs"; } ];
    }).config.systemd.services.test.serviceConfig.PrivateTmp')" = true ]
}

@test 'the manual has each option, with a description' {
  evaluate 'lib.concatStringsSep "\n" (map (it: "${it.name} ${it.description}") (lib.filter
    (it: it.visible && !it.internal && lib.hasInfix "confinement" it.name) (lib.optionAttrSetToDocList options)))' |
    sed 's/\\n/\n/g; s/^"//' | sed -n 's/\(systemd\.[^ ]*confinement[^ ]*\) .*/\1/p' | sort >documented
  diff documented - <<'END'
systemd.confinement.package
systemd.services.<name>.confinement.binSh
systemd.services.<name>.confinement.disallowedPackages
systemd.services.<name>.confinement.enable
systemd.services.<name>.confinement.fullUnit
systemd.services.<name>.confinement.includeEnvironment
systemd.services.<name>.confinement.includePath
systemd.services.<name>.confinement.mode
systemd.services.<name>.confinement.packages
systemd.services.<name>.confinement.root
END
}

@test 'fifty confined services take at most 1.06 times the thunks that NixOS takes with the original' {
  cat >modules <<'END'
{ lib, pkgs, ... }: { systemd.services = lib.listToAttrs (lib.genList (n: { name = "t${toString n}"; value = {
  serviceConfig.ExecStart = "${pkgs.hello}/bin/hello ${toString n}"; confinement.enable = true; }; }) 50); }
END
  thunks() {
    NIX_SHOW_STATS=1 nix-instantiate --eval --strict -E "$(expression '[ units.drvPath refused ]')" 2>&1 >/dev/null |
      sed -n 's/.*"nrThunks": \([0-9]*\).*/\1/p'
  }
  original=$(VARIANT=original thunks)
  ours=$(thunks)
  echo "# thunks: $ours, with the original $original" >&3
  [ "$original" -gt 100000 ]
  [ $((ours * 100)) -le $((original * 106)) ]
}

@test 'services as people write them start, and do what they should' {
  needs_root 'boot a container'
  command -v systemd-nspawn >/dev/null || unmet 'no systemd-nspawn here'
  echo "{ imports = [ $ROOT/tests/nix/services.nix ]; }" >modules
  [ "$(evaluate refused)" = '[]' ]
  made=$(units)
  mkdir -p files/etc/systemd/system results
  cp -a "$made"/my-* "$made"/{confinement-root@.service,run-readonly-nix-store.mount} files/etc/systemd/system
  cp "$ROOT/tests/nix/driver.sh" files/driver
  "$ROOT/tests/systemd/boot.sh" files results "$BATS_FILE_TMPDIR/root/nix"
  cd results || return
  for name in my-*; do
    case $name in *.log | *.driver) continue ;; esac
    if [ -s "$name" ]; then echo "$name: $(paste -s -d ' ' "$name")"; fi
  done >../said
  grep . ./*.log ./*.driver || :
  diff ../said - <<'END'
my-activated: sockets: 1
my-connection: called
my-credentials: secret
my-hidden-tmp: nothing
my-home: from the games
my-limited: bin dev etc nix proc root run sys tmp usr var
my-link: from the link
my-lists: 0 two words, my-lists
my-logs: from the logs
my-notify: watched
my-other-path: store var
my-own-tmp: file
my-reader: shared
my-reloaded: reloaded
my-runtime: from the runtime
my-script: Hello from the path prepared stopped
my-search: sh
my-state: from the state
my-store: the whole store
my-timer: it is time
my-tmp: of-the-host
END
}
