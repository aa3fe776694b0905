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
  new_nix "$BATS_FILE_TMPDIR" /bin /lib /lib64 /usr
}

setup() {
  [ "$NIXOS_FILES" ] || skip 'neither NIXOS_FILES nor NIX_PATH gives a NixOS'
  new_world
  echo '{ }' >modules
}

expression() {
  echo "let nixos = import $ROOT/tests/nix/nixos.nix { files = $NIXOS_FILES; libPath = $NIXPKGS_LIB;
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

@test 'the module needs little of a NixOS, and no service that has a name beside its attribute, as in early 2024' {
  confined 'confinement.mode = "chroot-only"; serviceConfig.RootDirectoryStartOnly = "yes";'
  VARIANT=bare evaluate '[ services.test.serviceConfig.RootDirectory services.test.unitConfig.Requires
    services.test.serviceConfig.PrivateTmp (map (package: package.name) config.systemd.packages) refused ]' >decided
  [[ $(cat decided) == '["/run/confinement-root/%p",["confinement-root@%p.service"],false,["test-chroot-paths"],'* ]]
  [[ $(cat decided) == *',["The service '"'test' sets 'confinement.enable', but "*'"]]' ]]
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
  [ $count = 12 ]
}

@test 'a host has the units of root directories and of the view, like those of the program, and can extend them' {
  confined 'enable = false;' 'systemd.services."confinement-root@".serviceConfig.Slice = "x.slice";'
  # settings FILE: its lines, as NixOS writes them.
  settings() { sed -n 's/=no$/=false/; s/=yes$/=true/; /^[A-Z]/p' "$1" | sed "s|=/nix/store/.*/bin/|=|" | sort; }
  for unit in confinement-root@.service run-readonly-nix-store.mount; do
    text_of $unit | settings /dev/stdin >made
    grep -v -x -e 'Environment=.*' -e Slice=x.slice made | diff - <(settings "$ROOT/src/$unit")
  done
  text_of confinement-root@.service >template
  grep -x Slice=x.slice template
  # systemd does not search $PATH for them.
  [ "$(grep -c '^Exec.*=/nix/store/.*-coreutils/bin/' template)" = 2 ]
}

@test 'Requires= and After= of the user and of the confinement merge, and mkForce keeps the latter' {
  confined 'unitConfig.Requires = "network.target"; after = [ "a.service" ];'
  text_of test.service | grep -x 'Requires=network.target'
  text_of test.service | grep -x 'After=a.service'
  for line in Requires After; do text_of test.service | grep -x "$line=confinement-root@%p.service"; done
  confined 'requires = lib.mkForce [ ]; after = lib.mkForce [ ];'
  for line in Requires After; do text_of test.service | grep -x "$line=confinement-root@%p.service"; done
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
  done
}

@test 'the instance of a template that a package ships keeps the template' {
  confined '' 'systemd.services."systemd-nspawn@c" = { overrideStrategy = "asDropin";
    confinement = { enable = true; packages = [ pkgs.systemd ]; root = "tmpfs"; }; };'
  [ "$(evaluate refused)" = '[]' ]
  [ ! -L "$(units)/systemd-nspawn@c.service" ]
  text_of systemd-nspawn@c.service.d/overrides.conf | grep '^RootDirectory='
  text_of systemd-nspawn@c.service.d/confinement.conf | grep '^BindPaths=.*-systemd$'
}

@test 'a service that cannot be confined is refused by name, unless it is disabled' {
  # says MESSAGE: the only message, about the service "test", has this text.
  says() { [[ $(evaluate refused) == '["The service '"'test' sets 'confinement.enable', but "*"$1"*'"]' ]]; }
  confined 'serviceConfig.RootDirectoryStartOnly = true;'
  says "'serviceConfig.RootDirectoryStartOnly'. "
  confined 'serviceConfig.RootDirectory = [ "" ];'
  says 'has no RootDirectory'
  confined '' 'systemd.services.test.serviceConfig = lib.mkForce { ExecStart = "/x"; };'
  says 'has no RootDirectory'
  confined 'unitConfig = lib.mkForce { };'
  says "has no 'confinement-root@%p.service' in Requires and After"
  confined 'overrideStrategy = "asDropin"; serviceConfig.BindPaths = "";'
  says 'undoes the binds of the confinement'
  confined 'confinement.fullUnit = true;' 'systemd.services.test.serviceConfig.ExecStart = lib.mkForce [ ];'
  says 'has no command'
  confined 'serviceConfig.RootDirectory = lib.mkForce "/srv/root";'
  [ "$(evaluate refused)" = '[]' ]
  confined 'serviceConfig.RootDirectoryStartOnly = true; enable = false;'
  [ "$(evaluate refused)" = '[]' ]
  [ ! -e "$(units)/test.service.d" ]
}

@test 'a unit with another name is confined under that name' {
  confined 'name = lib.mkForce "other.service"; confinement.fullUnit = true;'
  text_of other.service | grep '^RootDirectory='
  text_of other.service.d/confinement.conf | grep -- '-hello$'
  [ ! -e "$(units)/test.service.d" ]
}

@test '/tmp and /var/tmp are hidden where PrivateTmp is off, but not what the service binds itself' {
  confined 'serviceConfig.PrivateTmp = false; serviceConfig.InaccessiblePaths = lib.mkForce [ ];'
  text_of test.service.d/confinement.conf | grep -x 'InaccessiblePaths=-+/tmp -+/var/tmp'
  confined 'serviceConfig.PrivateTmp = false; serviceConfig.BindPaths = "/tmp/.X11-unix /nix/";'
  text_of test.service | grep -x 'TemporaryFileSystem=/bin:ro'
  run -1 grep Inaccessible <(text_of test.service.d/confinement.conf)
}

@test 'confinement.packages has all roots of the closure, for other modules to read and to replace' {
  confined 'confinement.packages = [ pkgs.jq ];'
  alike 'map toString services.test.confinement.packages'
  grep -- '-jq.*-hello/bin/hello.*-bashInteractive/bin/\|-hello/bin/hello.*-bashInteractive/bin/.*-jq' ours
  confined 'confinement.packages = lib.mkForce [ pkgs.hello ]; confinement.binSh = null;'
  [ "$(text_of test.service.d/confinement.conf | sed -n 's/^BindPaths=.*-//p')" = hello ]
}

@test 'what the service mounts and binds itself is added to what the confinement does' {
  for value in '"/dev/shm"' '[ "/dev/shm" ]'; do
    confined "serviceConfig.TemporaryFileSystem = $value; serviceConfig.BindReadOnlyPaths = $value;
      confinement.mode = \"chroot-only\";"
    diff <(text_of test.service | grep -e ^Temp -e ^Bind | sort) - <<'END'
BindReadOnlyPaths=-/run/systemd/notify
BindReadOnlyPaths=/dev/shm
TemporaryFileSystem=/bin:ro /nix/store:ro
TemporaryFileSystem=/dev/shm
END
  done
}

@test 'a service binds from the view, with a read-only root in a drop-in, with a tmpfs in the unit' {
  for root in read-only tmpfs; do
    confined "confinement.root = \"$root\";"
    file=test.service
    if [ $root = read-only ]; then file+=.d/confinement.conf; fi
    text_of $file >binds
    grep -x RequiresMountsFor=/run/readonly/nix/store binds
    grep '^BindPaths=.*-hello$' binds
    run -1 grep '^BindReadOnlyPaths=' binds
  done
}

@test 'a command that cannot start fails the build, which says what to write' {
  confined 'serviceConfig.ExecReload = "${pkgs.hello}/bin/helo";'
  [ "$(evaluate refused)" = '[]' ]
  run ! units
  [[ $output == *'ExecReload=: '*'-hello/bin/helo'* ]]
}

@test 'a mistake gives an error that names the option' {
  for mistake in 'mode = "none"' 'root = "rom"' 'binsh = null' 'fullUnit = "yes"'; do
    confined "confinement.$mistake;"
    run -1 evaluate '[ services.test.serviceConfig services.test.confinement ]'
    [[ $output == *"systemd.services.test.confinement.${mistake%% *}"* ]]
  done
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
my-credentials: secret
my-limited: bin dev etc nix proc root run sys tmp usr var
my-lists: 0 two words, my-lists
my-notify: watched
my-reader: shared
my-reloaded: reloaded
my-script: Hello from the path prepared stopped
my-store: the whole store
my-tmp: of-the-host
END
}
