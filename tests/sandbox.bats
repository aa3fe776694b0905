#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# nix/chroot-paths.nix with the real Nix: the helper is the builder, in a sandbox with nothing else.

load helpers
load nix
load container

# built EXPRESSION [OPTION]: builds it, with world.nix in scope, and prints the store path of each result.
built() {
  nix-build --no-out-link -E "with import $ROOT/tests/nix/world.nix {
      helper = $BATS_FILE_TMPDIR/helper; busybox = $BATS_FILE_TMPDIR/busybox; }; $1" "${@:2}" 2>"$W/log" ||
    { cat "$W/log"; return 1; }
}

# unit_of SETTINGS: builds the unit of a service with these settings, and prints the directory of the result.
unit_of() {
  local result
  result=$(built "unitOf { $1 }") || { echo "$result"; return 1; }
  echo "$BATS_FILE_TMPDIR/root$result"
}

unit=lib/systemd/system/test.service

# both SETTINGS [OPTION]: builds the unit by either list of its closure, and compares. Makes the files "unit", and
# "bound" with the paths that it shows at their own place, to which both results have to refer.
both() {
  local result
  built "map (make: make { $1 }) [ unitOf unitByInfo ]" "${@:2}" >results || { cat results; return 1; }
  # It is read-only, also for the next call.
  cp -f "$BATS_FILE_TMPDIR/root$(head -n 1 results)/$unit" unit
  sed -n '/:\/bin\/sh$/d; s/^BindReadOnlyPaths=\(.*:\)\?//p' unit | sort >bound
  while read -r result; do
    cmp "$BATS_FILE_TMPDIR/root$result/$unit" unit
    diff <(nix-store -q --references "$result" | sort) bound
  done <results
}

# closure_of PACKAGE...: prints the closure of these packages of world.nix, sorted.
closure_of() { built "with packages; [ $* ]" | xargs nix-store -qR | sort -u; }

# refused MESSAGE SETTINGS: no unit is built with these settings, and the message matches this pattern.
refused() {
  run -1 unit_of "$2"
  [[ $output == *$1* ]]
}

@test 'the sandbox has no shell' {
  run -1 grep -x -e bin -e usr "$BATS_FILE_TMPDIR/root$(built 'run "surroundings" { } "ls -a / >$out"')"
}

@test 'packages, strings with context, and one string of more than 200 KiB give exactly their closure' {
  closure_of user link >closure
  for packages in 'packages.user packages.link' \
    '"run ${packages.user} --with '"'some arguments'"'" "${packages.link}"' \
    '(toString ([ packages.link ] ++ builtins.genList (n: "word ${toString n} ${packages.user}") 4000))'; do
    both "packages = [ $packages ];"
    [ "$(head -n 1 unit)" = '[Service]' ]
    diff closure bound
  done
  find "$BATS_FILE_TMPDIR/root/nix/store" -name '*-string-contexts.txt' -size +200k | grep .
  both 'packages = [ ];'
  [ "$(cat unit)" = '[Service]' ]
}

@test 'symlinks in the closure are resolved, and a second build gives the same bytes' {
  both 'packages = [ packages.link ];'
  grep -x "BindReadOnlyPaths=$(built packages.codec)/lib:$(built packages.link)" unit
  both 'packages = [ packages.link ];' --check
}

@test 'binSh is resolved, bound as /bin/sh and its closure included' {
  both 'packages = [ packages.codec ]; binSh = "${packages.shell}/bin/sh";'
  [ "$(sed -n 2p unit)" = "BindReadOnlyPaths=$(built packages.shell)/bin/ash:/bin/sh" ]
  diff <(closure_of shell codec) bound
}

@test 'the derivation of nixpkgs with another builder, as in the README, gives the unit of its script' {
  another=$(sed -n '/^derivation {$/,/^}$/p' "$ROOT/README.md")
  built "let pkgs = { inherit closureInfo; dash = packages.shell; }; in [ original ($another) ]" >results
  { read -r wanted && read -r made; } <results
  [ "$(wc -l <"$BATS_FILE_TMPDIR/root$wanted")" = 8 ]
  cmp "$BATS_FILE_TMPDIR/root$made/lib/systemd/system/hello.service" "$BATS_FILE_TMPDIR/root$wanted"
}

@test 'dropIn gives a drop-in with the same content' {
  cmp "$(unit_of 'dropIn = true;')/$unit.d/confinement.conf" "$(unit_of '')/$unit"
}

@test 'service names that are not allowed for a derivation' {
  printf '%s\n' foo@bar foo@ 'dev-disk\x2d1' a:b "$(printf 'x%.0s' {1..247})" >names
  built "map (name: unitOf { inherit name; }) [ $(sed "s/.*/''&''/" names) ]" >results
  diff <(sed 's/$/.service/' names) \
    <(while read -r result; do ls "$BATS_FILE_TMPDIR/root$result/lib/systemd/system"; done <results)
  for name in '' @foo .foo a/b 'a b' a% foo.service; do
    refused "chroot-paths: '$name' is not the name of a systemd service" "name = ''$name'';"
  done
}

@test 'a derivation among the packages, instead of what it builds, is an error that says what to write' {
  for settings in 'packages = [ "${packages.codec} ${packages.user.drvPath}" ];' 'binSh = packages.user.drvPath;' \
    'packages = [ (builtins.unsafeDiscardOutputDependency packages.user.drvPath) ];'; do
    refused "chroot-paths: the packages of 'test' refer to /nix/store/*-user.drv, the build plan*\"\${package}\", not" \
      "$settings"
  done
}

@test 'a string without context is an error that says what to write, also beside a package' {
  path=/nix/store/00000000000000000000000000000000-hello
  what="chroot-paths: the packages of 'test' have a string without context, "
  for settings in "packages = [ \"$path\" ];" "packages = [ packages.user \"-$path/bin/hello --x\" ];" \
    "binSh = \"$path/bin/sh\";" 'packages = [ "hello" packages.user ];' 'packages = [ "" ];' \
    'packages = [ (toString ./.) ];'; do
    refused "$what*Write \"\${package}\", or builtins.storePath " "$settings"
  done
}

@test 'builtins.storePath gives a store path its context' {
  cmp "$(unit_of "packages = [ (builtins.storePath $(built packages.user)) ];")/$unit" "$(unit_of '')/$unit"
}

@test 'structured attributes without arguments are an error that says so' {
  raw() {
    built "derivation {
      name = \"raw\";
      system = builtins.currentSystem;
      builder = \"\${chroot-paths}/bin/chroot-paths\";
      closureInfo = closureInfo { rootPaths = packages.user; };
      serviceName = \"test.service\";
      __structuredAttrs = $1;
    }"
  }
  run -1 raw true
  [[ $output == *"chroot-paths: "*__structuredAttrs*args* ]]
  raw false
}

@test 'a command that cannot start fails the build, however long the unit is' {
  long='${toString (builtins.genList (n: "# comment\n") 20000)}'
  unit_of "unit = \"$long\n[Service]\nExecStart=\${packages.program}/bin/program --option\n\";"
  refused 'chroot-paths: unit:*: ExecStart=: */nix/store/*-program/bin/programm' \
    "unit = \"$long\n[Service]\nExecStart=\${packages.program}/bin/programm --option\n\";"
}

@test 'a disallowed package excludes all of its outputs, a disallowed output only itself' {
  several='packages = [ packages.several.out ]; disallowedPackages ='
  unit_of "$several [ (packages.several.bin // { outputSpecified = true; }) ];"
  refused 'is not allowed to refer to*-several' "$several [ packages.several ];"
}

@test 'a dangling symlink in the closure fails the build, and its log says which' {
  refused 'chroot-paths: closure:[0-9]*: dangling symlink to /nix/store/none: /nix/store/*-dangling' \
    'packages = [ packages.dangling ];'
  refused 'chroot-paths: closure:[0-9]*: leads to /srv/nowhere, which is not in the store; a build cannot know' \
    'packages = [ packages.outside ];'
}

@test 'the derivations of the man page, one with structured attributes, give the same drop-in' {
  built "let hello = packages.user; in [ ($(block EXAMPLES 1)) ($(block EXAMPLES 2)) ]" >results
  sed "s|.*|$BATS_FILE_TMPDIR/root&/lib/systemd/system/hello.service.d/confinement.conf|" results >files
  xargs cmp <files
  diff <(closure_of user) <(sed -n 's/^BindPaths=.*://p' "$(head -n 1 files)" | sort)
}

# This test runs commands of the README.
@test 'a program that make install puts into a directory of the user builds the drop-in of the README' {
  cp -r "$ROOT/nix" .
  # Without a build, since there may be no compiler.
  make -s --no-print-directory -C "$ROOT" -o all install PREFIX="$PWD/helper" BUILD="$BUILD"
  [ "$(ls helper)" = $'bin\nlib\nshare' ]
  {
    echo "with import $ROOT/tests/nix/world.nix { helper = ./helper; busybox = $BATS_FILE_TMPDIR/busybox; };"
    echo 'let hello = run "hello-2.12.1" { } "mkdir -p $out/bin; echo >$out/bin/hello; chmod +x $out/bin/hello"; in'
    block 'A derivation' 1
  } >hello.nix
  nix-build hello.nix
  result=$BATS_FILE_TMPDIR/root$(readlink result)
  file=lib/systemd/system/hello.service.d/confinement.conf
  [ "$(cd "$result" && find . -type f)" = "./$file" ]
  grep -x 'RootDirectory=/run/confinement-root/%p' "$result/$file"
  grep -x 'RequiresMountsFor=/run/readonly/nix/store' "$result/$file"
  diff <(nix-store -q --references ./result | sort) <(sed -n 's/^BindPaths=.*:\(.*\)/\1/p' "$result/$file" | sort)
  sed -i 's|/bin/hello\\n|/bin/helo\\n|' hello.nix
  run ! nix-build hello.nix
  [[ $output =~ 'chroot-paths: unit:2: ExecStart=: does not exist: /nix/store/'[a-z0-9]+'-hello-2.12.1/bin/helo' ]]
}
