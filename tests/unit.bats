#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The output for good input, byte for byte.

load helpers

setup() {
  new_world
  example_store
}

all_lines() {
  cat <<EOF
BindReadOnlyPaths=$W/store/dir
BindReadOnlyPaths=$W/store/file
BindReadOnlyPaths=$W/store/roots
BindReadOnlyPaths=$W/store/dir:$W/store/link
BindReadOnlyPaths=$W/store/dir:$W/store/chain
BindReadOnlyPaths=$W/store/dir:$W/store/longer-chain
BindReadOnlyPaths=$W/store/dir/bin/sh:$W/store/link-to-file
BindReadOnlyPaths=$W/store/dir/bin:$W/store/relative-link
EOF
}

all_but_roots() {
  all_lines | grep -v store/roots
}

@test 'directories and files are bound, symlinks by their resolved target' {
  chroot_paths --store-paths list
  assert_unit < <(echo '[Service]'; all_lines)
}

@test 'a drop-in has the same content under another name' {
  chroot_paths --store-paths list --drop-in
  assert_unit "$UNIT.d/confinement.conf" < <(echo '[Service]'; all_lines)
}

@test '/bin/sh comes first and is resolved' {
  chroot_paths --store-paths list --bin-sh "$W/store/longer-chain/bin/sh"
  assert_unit < <(printf '[Service]\nBindReadOnlyPaths=%s:/bin/sh\n' "$W/store/dir/bin/sh"; all_lines)
}

@test 'files of more than 2 GiB, on 32 bits too' {
  truncate -s 3G store/dir/bin/sh store/file
  chroot_paths --store-paths list --bin-sh "$W/store/dir/bin/sh"
  assert_unit < <(printf '[Service]\nBindReadOnlyPaths=%s:/bin/sh\n' "$W/store/dir/bin/sh"; all_lines)
}

@test 'the excluded path is left out, but neither a symlink nor a path that only begins with it' {
  chroot_paths --store-paths list --exclude "$W/store/roots"
  assert_unit < <(echo '[Service]'; all_but_roots)
  for path in link fil; do
    chroot_paths --store-paths list --exclude "$W/store/$path"
    assert_unit < <(echo '[Service]'; all_lines)
  done
}

@test 'a symlink to an entry of the store is resolved, however its target is spelled' {
  export NIX_STORE=$W/store
  targets=("$W/store/dir" "$W/store/dir/" "$W/store/./dir" "$W//store//dir" "$W/store/../store/dir" "$W/store/link" dir)
  for number in "${!targets[@]}"; do
    ln -s "${targets[number]}" "store/to-$number"
    echo "$W/store/to-$number"
  done >list
  chroot_paths --store-paths list
  assert_unit < <(echo '[Service]'; sed "s|.*|BindReadOnlyPaths=$W/store/dir:&|" list)
  for target in "$W/store/.." "$W/store/" "$W/store/." "$W/store"; do
    ln -sfn "$target" store/up
    echo "$W/store/up" >list
    refuses 1 "list:1: leads to a directory that contains the whole store: $W/store/up" chroot_paths --store-paths list
  done
}

@test 'an empty closure gives a unit without binds' {
  for option in --store-paths --references-graph; do
    chroot_paths $option /dev/null
    assert_unit <<<'[Service]'
  done
}

@test 'the list - is standard input, and its last line need no newline' {
  head -c -1 list | chroot_paths --store-paths -
  assert_unit < <(echo '[Service]'; all_lines)
}

@test 'everything can come from the environment' {
  mkdir info
  cp list info/store-paths
  closureInfo=info serviceName=$NAME excludedPath=$W/store/roots binSh=$W/store/dir/bin/sh dropIn=1 \
    out=$W/out "$PROGRAM"
  assert_unit "$UNIT.d/confinement.conf" \
    < <(printf '[Service]\nBindReadOnlyPaths=%s:/bin/sh\n' "$W/store/dir/bin/sh"; all_but_roots)
}

@test 'an option wins over the environment' {
  serviceName=other.service excludedPath=$W/store/file binSh=/nowhere out=$W/elsewhere \
    chroot_paths --store-paths list --exclude "$W/store/roots" --bin-sh "$W/store/dir/bin/sh"
  assert_unit < <(printf '[Service]\nBindReadOnlyPaths=%s:/bin/sh\n' "$W/store/dir/bin/sh"; all_but_roots)
  [ ! -e elsewhere ]
}

@test 'a closure by option or an empty variable counts as no variable, and the last of a repeated option wins' {
  closureInfo=/nowhere referencesGraph=/nowhere rootsPath=/nowhere chroot_paths --store-paths list
  assert_unit < <(echo '[Service]'; all_lines)
  rm -r out
  closureInfo='' referencesGraph='' excludedPath='' binSh='' dropIn='' \
    chroot_paths --store-paths=/nowhere --store-paths=list
  assert_unit < <(echo '[Service]'; all_lines)
}

@test 'modes do not depend on the umask' {
  for mask in 0777 0; do
    (umask $mask && chroot_paths --store-paths list)
    assert_unit < <(echo '[Service]'; all_lines)
    [ "$(find out -type d -printf '%m ')" = '755 755 755 755 ' ]
    rm -r out
  done
}

@test 'a closure of thousands of paths, each of them often, is written completely' {
  # A line that is cut at the end of a buffer differs from the others.
  for letter in a b c; do mkdir "store/$(printf "$letter%.0s" {1..200})"; done
  printf '%s\n' "$W"/store/{aa,bb,cc}* >three
  repeated 1000 three >long
  chroot_paths --store-paths long
  assert_unit < <(echo '[Service]'; sed 's/^/BindReadOnlyPaths=/' long)
}

@test 'characters that are special to systemd are escaped, and a path with a space is quoted' {
  mkdir 'store/a b' 'store/a:b' 'store/a%b' 'store/a\b' 'store/ends\' 'store/ends ' 'store/ a : \ %' 'store/é€😀'
  for name in 'a b' 'a:b' 'a%b' 'a\b' 'ends\' 'ends ' ' a : \ %' 'é€😀'; do echo "$W/store/$name"; done >odd
  ln -s "$W/store/ends " store/to-space
  ln -s "$W/store/a:b" 'store/space to'
  ln -s "$W/store/a b" 'store/space to space'
  printf "$W/store/%s\n" to-space 'space to' 'space to space' >>odd
  chroot_paths --store-paths odd
  assert_unit <<EOF
[Service]
BindReadOnlyPaths="$W/store/a b"
BindReadOnlyPaths=$W/store/a\\:b
BindReadOnlyPaths=$W/store/a%%b
BindReadOnlyPaths=$W/store/a\\\\b
BindReadOnlyPaths=$W/store/ends\\\\
BindReadOnlyPaths="$W/store/ends "
BindReadOnlyPaths="$W/store/ a \\: \\\\ %%"
BindReadOnlyPaths=$W/store/é€😀
BindReadOnlyPaths="$W/store/ends ":$W/store/to-space
BindReadOnlyPaths=$W/store/a\\:b:"$W/store/space to"
BindReadOnlyPaths="$W/store/a b":"$W/store/space to space"
EOF
}

# Prints the settings of the root directory.
root_settings() {
  cat <<EOF
RootDirectory=/run/confinement-root/%p
RootDirectoryStartOnly=no
ReadOnlyPaths=+/ -+/root -+/home
TemporaryFileSystem=/bin:ro ${NIX_STORE:-/nix/store}:ro
MountAPIVFS=yes
PrivateDevices=yes
PrivateMounts=yes
PrivateTmp=yes
PrivateUsers=yes
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
EOF
}

# unit_section DEPENDENCIES: prints the [Unit] section of a unit that binds from the view.
unit_section() {
  printf '[Unit]\n%sRequiresMountsFor=/run/readonly%s\n\n' "$1" "${NIX_STORE:-/nix/store}"
}
DEPENDENCIES='Requires=confinement-root@%p.service
After=confinement-root@%p.service
'

# The lines of all_lines, each with its source in the view.
view_lines() {
  all_lines | sed -E -e 's|^BindReadOnlyPaths=([^:]*)$|\1:\1|' -e 's|^(BindReadOnlyPaths=)?|BindPaths=/run/readonly|'
}

@test 'with --root the unit has all settings that confine a service' {
  chroot_paths --store-paths list --root --bin-sh "$W/store/dir/bin/sh"
  assert_unit < <(unit_section "$DEPENDENCIES"; echo '[Service]'; root_settings
    echo "BindReadOnlyPaths=$W/store/dir/bin/sh:/bin/sh"; all_lines)
  export NIX_STORE=$W/store
  confinementRoot=1 hideTmp=1 chroot_paths --store-paths list
  assert_unit < <(unit_section "$DEPENDENCIES"; echo '[Service]'; root_settings
    echo 'InaccessiblePaths=-+/tmp -+/var/tmp'; view_lines)
}

@test 'with --store-view, what is in the store is bound from the view, resolved, and the rest is not' {
  mkdir outside
  echo file >outside/file
  mkdir 'store/dir/a b' "store/dir/50%"
  ln -s "$W/outside/file" store/out
  ln -s "$W/store/dir" outside/in
  ln -s 'dir/a b' store/spaced
  ln -s 'dir/50%' store/percent
  printf '%s\n' "$W/store/out" "$W/outside/file" "$W/outside/in" "$W/store/dir/bin" "$W/store/link/bin" \
    "$W/store/spaced" "$W/store/percent" >>list
  view=/run/readonly$W/store
  binds() {
    view_lines
    cat <<END
BindReadOnlyPaths=$W/outside/file:$W/store/out
BindReadOnlyPaths=$W/outside/file
BindPaths=$view/dir:$W/outside/in
BindPaths=$view/dir/bin:$W/store/dir/bin
BindPaths=$view/dir/bin:$W/store/link/bin
BindPaths="$view/dir/a b":$W/store/spaced
BindPaths=$view/dir/50%%:$W/store/percent
END
  }
  export NIX_STORE=$W/store
  chroot_paths --store-paths list --store-view --bin-sh "$W/store/chain/bin/sh"
  assert_unit < <(unit_section ''; echo '[Service]'; echo "BindPaths=$view/dir/bin/sh:/bin/sh"; binds)
  cp store/dir/bin/sh outside/sh
  storeView=1 chroot_paths --store-paths list --root --drop-in --bin-sh "$W/outside/sh"
  rm "$UNIT"
  assert_unit "$UNIT.d/confinement.conf" < <(unit_section "$DEPENDENCIES"; echo '[Service]'; root_settings
    echo "BindReadOnlyPaths=$W/outside/sh:/bin/sh"; binds)
}

@test 'with --store-view, a store with another name, and a store that does not exist' {
  ln -s . way
  export NIX_STORE=$W/way/store
  printf '%s\n' "$W/way/store/dir" "$W/store/link" "$W/way/store/link" >list
  chroot_paths --store-paths list --store-view
  assert_unit < <(unit_section ''; echo '[Service]'; sed "s|^|BindPaths=/run/readonly$W/way/store/dir:|" list)
  NIX_STORE=$W/gone
  echo "$W/store/dir" >list
  chroot_paths --store-paths list --store-view
  assert_unit < <(unit_section ''; printf '[Service]\nBindReadOnlyPaths=%s\n' "$W/store/dir")
}

@test 'a path whose name in the view is too long for systemd is refused' {
  long=store$(printf "/$(printf 'x%.0s' {1..250})%.0s" {1..17})
  long=${long:0:$((4090 - ${#W}))}
  mkdir -p "$long"
  echo "$W/$long" >list
  NIX_STORE=$W/store refuses 1 "list:1: longer than 4095 bytes in the view of the store: $W/$long" \
    chroot_paths --store-paths list --store-view
}

@test '--hide-tmp makes /tmp and /var/tmp inaccessible' {
  chroot_paths --store-paths list --hide-tmp
  assert_unit < <(echo '[Service]'; echo 'InaccessiblePaths=-+/tmp -+/var/tmp'; all_lines)
}

@test 'the names that systemd allows for a service, for a drop-in and for a root directory are allowed' {
  for NAME in a.service a@.service foo@bar.service 'dev-disk\x2d1.service' a:b_c.d-e.service \
    a.service.service "$(printf 'x%.0s' {1..247}).service" a-.service; do
    chroot_paths --store-paths /dev/null
    assert_unit "${UNIT%/*}/$NAME" <<<'[Service]'
    rm "${UNIT%/*}/$NAME"
  done
  x=$(printf 'x%.0s' {1..95})
  for NAME in e@f-.service e@-.service -a.service a--b@c-.service "$x@$x.service"; do
    chroot_paths --store-paths /dev/null --drop-in --root
    grep -q '^RootDirectory=' "${UNIT%/*}/$NAME.d/confinement.conf"
  done
}

@test 'the roots mode copies a file, by option and by variable' {
  head -c 300000 /dev/urandom >roots
  "$PROGRAM" --roots roots --out "$W/made/copy"
  cmp roots made/copy
  [ "$(stat -c %a made/copy)" = 644 ]
  rootsPath=roots out=copy "$PROGRAM"
  cmp roots copy
}

@test '--help and --version print to standard output, and the man page has the options of --help' {
  run -0 --separate-stderr "$PROGRAM" --help
  [[ ${lines[0]} == 'Usage: chroot-paths [OPTION]...' ]]
  [ -z "$stderr" ]
  options() { grep -o -e '--[a-z][a-z-]*' | sort -u; }
  diff <(options <<<"$output") <(sed -n 's/^\.It Fl Fl \([a-z-]*\).*/--\1/p' "$ROOT/src/chroot-paths.1" | options)
  run -0 --separate-stderr "$PROGRAM" --version
  [[ $output =~ ^chroot-paths\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
  [ -z "$stderr" ]
}
