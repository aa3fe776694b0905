#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# nix/chroot-paths.nix with the real Nix: the helper is the builder, in a sandbox with nothing else.

load helpers
load nix
load container

setup_file() {
  new_nix "$BATS_FILE_TMPDIR"
}

teardown_file() {
  remove_nix "$BATS_FILE_TMPDIR"
}

setup() {
  if [ -s "$BATS_FILE_TMPDIR/why" ]; then unmet "$(cat "$BATS_FILE_TMPDIR/why")"; fi
  new_world
}

# build ATTRIBUTE [OPTION]...: prints the path of the result on this machine.
build() {
  local result
  result=$(nix-build --no-out-link "$ROOT/tests/nix/world.nix" --argstr busybox "$BATS_FILE_TMPDIR/busybox" \
    --argstr helper "$BATS_FILE_TMPDIR/helper" -A "$@" 2>"$W/log") || { cat "$W/log"; return 1; }
  echo "$BATS_FILE_TMPDIR/root$result"
}

# unit_of SETTINGS: builds the unit of a service with these settings, and prints its path.
unit_of() {
  local result
  result=$(nix-build --no-out-link -E "let world = import $ROOT/tests/nix/world.nix {
      helper = \"$BATS_FILE_TMPDIR/helper\"; busybox = \"$BATS_FILE_TMPDIR/busybox\"; }; inherit (world) packages;
    in world.unitOf { $1 }" 2>"$W/log") || { cat "$W/log"; return 1; }
  echo "$BATS_FILE_TMPDIR/root$result"
}

references() {
  nix-store -q --references "${1#"$BATS_FILE_TMPDIR/root"}" | sort
}

# Prints the closure of the named packages, sorted.
closure_of() {
  local package
  for package in "$@"; do
    package=$(build packages."$package")
    nix-store -qR "${package#"$BATS_FILE_TMPDIR/root"}"
  done | sort -u
}

unit=lib/systemd/system/test.service

# expect_closure ATTRIBUTE PACKAGE...: both ways of building it bind exactly the packages' closure.
expect_closure() {
  local graph info
  graph=$(build "$1.graph")
  info=$(build "$1.info")
  shift
  cat "$graph/$unit"
  cmp "$graph/$unit" "$info/$unit"
  [ "$(head -n 1 "$graph/$unit")" = '[Service]' ]
  diff <(closure_of "$@") <(sed -n 's/^BindReadOnlyPaths=\(.*:\)\?//p' "$graph/$unit" | sort)
  diff <(closure_of "$@") <(references "$graph")
  diff <(closure_of "$@") <(references "$info")
}

@test 'the sandbox has no shell' {
  surroundings=$(build surroundings)
  run -1 grep -x -e bin -e usr "$surroundings"
}

@test 'a closure given as packages, which the unit refers to' {
  expect_closure asPackages user link
}

@test 'symlinks in the closure are resolved' {
  cat "$(build asPackages.graph)/$unit" >bound
  link=$(build packages.link)
  codec=$(build packages.codec)
  grep -x "BindReadOnlyPaths=/nix/store/${codec##*/}/lib:/nix/store/${link##*/}" bound
}

@test 'a closure given as strings with context' {
  expect_closure asStrings user link
}

@test 'a closure given as one string of more than 200 KiB' {
  expect_closure asOneLongString user link
  roots=$(find "$BATS_FILE_TMPDIR/root/nix/store" -name '*-string-contexts.txt' -size +200k)
  [ -n "$roots" ]
}

@test 'the roots file is not bound' {
  for way in graph info; do
    result=$(build asPackages.$way)
    run -1 grep string-contexts "$result/$unit"
  done
}

@test 'the derivation of nixpkgs with another builder, as in the README, gives the unit of its script' {
  {
    echo '{ roots, chroot-paths, pkgs }:'
    sed -n '/^derivation {$/,/^}$/p' "$ROOT/README.md"
  } >readme.nix
  install -D "$WITH_ZSTD" zstd/bin/chroot-paths
  seed() {
    local result
    result=$(nix-build --no-out-link "$ROOT/tests/nix/world.nix" --argstr busybox "$BATS_FILE_TMPDIR/busybox" \
      --argstr helper "$2" --arg readme "$W/readme.nix" -A "seed.$1")
    cat "$BATS_FILE_TMPDIR/root$result/lib/systemd/system/hello.service"
  }
  seed script "$BATS_FILE_TMPDIR/helper" >wanted
  [ "$(wc -l <wanted)" = 8 ]
  seed plain "$BATS_FILE_TMPDIR/helper" | cmp - wanted
  seed plain "$W/zstd" | cmp - wanted
  seed zstd "$W/zstd" | cmp - wanted
  run -1 seed zstd "$BATS_FILE_TMPDIR/helper"
  [[ $output == *'zstd'* ]]
}

@test 'binSh is resolved, bound as /bin/sh and its closure included' {
  graph=$(build withShell.graph)
  info=$(build withShell.info)
  cmp "$graph/$unit" "$info/$unit"
  shell=$(closure_of shell)
  [ "$(sed -n 2p "$graph/$unit")" = "BindReadOnlyPaths=$shell/bin/ash:/bin/sh" ]
  diff <(closure_of shell codec) <(sed -n 's/^BindReadOnlyPaths=\([^:]*\)$/\1/p' "$graph/$unit" | sort)
}

@test 'a binSh that is a directory fails the build, and its log says so' {
  run -1 unit_of 'binSh = packages.shell;'
  [[ $output =~ 'chroot-paths: binSh: not a regular file: /nix/store/'[a-z0-9]+'-shell' ]]
}

@test 'dropIn gives a drop-in with the same content' {
  cmp "$(unit_of 'dropIn = true;')/$unit.d/confinement.conf" "$(unit_of '')/$unit"
}

@test 'no packages give a unit without binds' {
  [ "$(cat "$(build nothing.graph)/$unit")" = '[Service]' ]
  [ "$(cat "$(build nothing.info)/$unit")" = '[Service]' ]
}

@test 'a second build gives the same bytes' {
  build asPackages.graph
  build asPackages.info
  build asPackages.graph --check
  build asPackages.info --check
}

@test 'service names that are not allowed for a derivation' {
  for name in foo@bar foo@ 'dev-disk\x2d1' a:b "$(printf 'x%.0s' {1..247})"; do
    [ -f "$(unit_of "name = ''$name'';")/lib/systemd/system/$name.service" ]
  done
  for name in '' @foo .foo a/b 'a b' a% foo.service; do
    run -1 unit_of "name = ''$name'';"
    [[ $output == *"chroot-paths: '$name' is not the name of a systemd service"* ]]
  done
}

@test 'a derivation among the packages, instead of what it builds, is an error that says what to write' {
  for packages in 'packages = [ "${packages.codec} ${packages.user.drvPath}" ];' 'binSh = packages.user.drvPath;' \
    'packages = [ (builtins.unsafeDiscardOutputDependency packages.user.drvPath) ];'; do
    run -1 unit_of "$packages"
    [[ $output == *"chroot-paths: the packages of 'test' refer to /nix/store/"*"-user.drv, the build plan"*'"${package}", not '* ]]
  done
}

@test 'a string without context is an error that says what to write, also beside a package' {
  path=/nix/store/00000000000000000000000000000000-hello
  for packages in "packages = [ \"$path\" ];" "packages = [ packages.user \"-$path/bin/hello --x\" ];" \
    "binSh = \"$path/bin/sh\";" 'packages = [ "hello" packages.user ];' 'packages = [ "" ];' 'packages = [ (toString ./.) ];'; do
    run -1 unit_of "$packages"
    [[ $output == *"chroot-paths: the packages of 'test' have a string without context, "* ]]
    [[ $output == *'Write "${package}", or builtins.storePath '* ]]
  done
}

@test 'builtins.storePath gives a store path its context' {
  user=$(build packages.user)
  cmp "$(unit_of "packages = [ (builtins.storePath ${user#"$BATS_FILE_TMPDIR/root"}) ];")/$unit" "$(unit_of '')/$unit"
}

@test 'root gives a drop-in that confines a service by itself, with structured attributes, too' {
  rooted=$(build rooted)/$unit.d/confinement.conf
  grep -x 'RootDirectory=/run/confinement-root/%p' "$rooted"
  grep -x 'RequiresMountsFor=/run/readonly/nix/store' "$rooted"
  diff <(closure_of user) <(sed -n 's/^BindPaths=.*://p' "$rooted" | sort)
  cmp "$rooted" "$(build structured)/$unit.d/confinement.conf"
}

@test 'structured attributes without arguments are an error that says so' {
  attributes() {
    nix-build --no-out-link -E "(import $ROOT/tests/nix/world.nix { helper = \"$BATS_FILE_TMPDIR/helper\";
      busybox = \"$BATS_FILE_TMPDIR/busybox\"; }).withoutArguments $1"
  }
  run ! attributes true
  [[ $output == *"chroot-paths: "*__structuredAttrs*args* ]]
  attributes false
}

@test 'a command that cannot start fails the build, however long the unit is' {
  long='${toString (builtins.genList (n: "# comment\n") 20000)}'
  unit_of "unit = \"$long\n[Service]\nExecStart=\${packages.program}/bin/program --option\n\";"
  run -1 unit_of "unit = \"$long\n[Service]\nExecStart=\${packages.program}/bin/programm --option\n\";"
  [[ $output == *'chroot-paths: unit:'*': ExecStart=: '*'/nix/store/'*'-program/bin/programm'* ]]
  run -1 unit_of 'unit = "[Service]\nExecStartPre=/bin/sh -c true\n";'
  [[ $output == *':2: ExecStartPre=: '*': /bin/sh'* ]]
}

@test 'a disallowed package excludes all of its outputs, a disallowed output only itself' {
  unit_of 'packages = [ packages.several.out ]; disallowedPackages = [ (packages.several.bin // { outputSpecified = true; }) ];'
  run ! unit_of 'packages = [ packages.several.out ]; disallowedPackages = [ packages.several ];'
  [[ $output == *'is not allowed to refer to'*-several* ]]
}

@test 'a dangling symlink in the closure fails the build, and its log says which' {
  run -1 unit_of 'packages = [ packages.dangling ];'
  [[ $output =~ 'chroot-paths: closure:'[0-9]+': dangling symlink to /nix/store/none: /nix/store/'[a-z0-9]+'-dangling' ]]
  run -1 unit_of 'packages = [ packages.outside ];'
  [[ $output =~ 'chroot-paths: closure:'[0-9]+': leads to /srv/nowhere, which is not in the store; a build cannot know' ]]
}

@test '60 services built at once: the unit of each has its closure' {
  nix-build --no-out-link --max-jobs 60 "$ROOT/tests/nix/many.nix" --argstr helper "$BATS_FILE_TMPDIR/helper" \
    -A units >units 2>log || { tail -n 20 log; return 1; }
  nix eval --raw --file "$ROOT/tests/nix/many.nix" --argstr helper "$BATS_FILE_TMPDIR/helper" closures >closures
  [ "$(sort -u units | wc -l)" = 60 ]
  [ "$(sort -u closures | wc -l)" = 60 ]
  while read -r -u 3 result && read -r -a service -u 4; do
    {
      echo '[Service]'
      printf 'BindReadOnlyPaths=%s\n' "${service[@]:1}" | LC_ALL=C sort
    } >expected
    cmp expected "$BATS_FILE_TMPDIR/root$result/lib/systemd/system/${service[0]}.service"
  done 3<units 4<closures
}

needs_compiler() {
  command -v gcc >/dev/null || unmet 'no gcc here'
}

@test 'the derivations of the man page, one with structured attributes, give the same drop-in' {
  for n in 1 2; do
    {
      echo "with import $ROOT/tests/nix/world.nix { helper = $BATS_FILE_TMPDIR/helper; busybox = $BATS_FILE_TMPDIR/busybox; };"
      echo "let hello = packages.user; chroot-paths = import' \"chroot-paths\" $BATS_FILE_TMPDIR/helper; in"
      block EXAMPLES $n
    } >$n.nix
    nix-build --out-link $n $n.nix
    cp "$BATS_FILE_TMPDIR/root$(readlink $n)/lib/systemd/system/hello.service.d/confinement.conf" $n.conf
  done
  diff 1.conf 2.conf
  diff <(closure_of user) <(sed -n 's/^BindPaths=.*:\(.*\)/\1/p' 1.conf)
}

# This test and the next run commands of the README.
@test 'a program that make install puts into a directory of the user builds the drop-in of the README' {
  needs_compiler
  cp -r "$ROOT/Makefile" "$ROOT/src" "$ROOT/nix" .
  make -s --no-print-directory install PREFIX="$PWD/helper" BUILD="$W/build"
  [ "$(ls helper)" = $'bin\nlib\nshare' ]
  {
    cat <<END
let
  busybox = "\${builtins.path { name = "busybox"; path = $BATS_FILE_TMPDIR/busybox; }}/bin/busybox";
  hello = derivation {
    name = "hello-2.12.1";
    system = builtins.currentSystem;
    builder = busybox;
    args = [ "sh" "-c" "\${busybox} mkdir -p \$out/bin && \${busybox} cp \${busybox} \$out/bin/hello" ];
  };
in
END
    block 'A derivation' 1
  } >hello.nix
  nix-build hello.nix
  result=$BATS_FILE_TMPDIR/root$(readlink result)
  file=lib/systemd/system/hello.service.d/confinement.conf
  [ "$(cd "$result" && find . -type f)" = "./$file" ]
  grep -x 'RootDirectory=/run/confinement-root/%p' "$result/$file"
  diff <(references "$result") <(sed -n 's/^BindPaths=.*:\(.*\)/\1/p' "$result/$file" | sort)
  sed -i 's|/bin/hello\\n|/bin/helo\\n|' hello.nix
  run ! nix-build hello.nix
  [[ $output =~ 'chroot-paths: unit:2: ExecStart=: does not exist: /nix/store/'[a-z0-9]+'-hello-2.12.1/bin/helo' ]]
}

@test 'the package is built from NIX_PATH without flakes' {
  needs_compiler
  cd "$ROOT"
  result=$BATS_FILE_TMPDIR/root$(NIX_PATH=nixpkgs=$ROOT/tests/nix/nixpkgs nix-build --no-out-link \
    --option sandbox-paths '/bin /lib /lib64 /usr' -E '(import ./nix { }).chroot-paths')
  "$result/bin/chroot-paths" --version
}
