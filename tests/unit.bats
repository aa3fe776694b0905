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

@test 'the excluded path is left out' {
  chroot_paths --store-paths list --exclude "$W/store/roots"
  assert_unit < <(echo '[Service]'; all_but_roots)
}

@test 'an excluded path that is a symlink is bound anyway' {
  chroot_paths --store-paths list --exclude "$W/store/link"
  assert_unit < <(echo '[Service]'; all_lines)
}

@test 'a path that only begins with the excluded path is bound' {
  chroot_paths --store-paths list --exclude "$W/store/fil"
  assert_unit < <(echo '[Service]'; all_lines)
}

@test 'a path that is twice in the closure is bound twice' {
  printf '%s\n' "$W/store/dir" "$W/store/dir" >twice
  chroot_paths --store-paths twice
  assert_unit < <(echo '[Service]'; echo "BindReadOnlyPaths=$W/store/dir"; echo "BindReadOnlyPaths=$W/store/dir")
}

@test 'a last line without a newline counts' {
  printf %s "$(cat list)" >uncut
  chroot_paths --store-paths uncut
  assert_unit < <(echo '[Service]'; all_lines)
}

@test 'an empty closure gives a unit without binds' {
  chroot_paths --store-paths /dev/null
  assert_unit <<<'[Service]'
}

@test 'the list - is standard input' {
  chroot_paths --store-paths - <list
  assert_unit < <(echo '[Service]'; all_lines)
}

@test 'a pipe that gives a byte at a time is read whole' {
  while IFS= read -r -N 1 byte; do printf %s "$byte"; done <list | chroot_paths --store-paths -
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

@test 'a closure given by option makes the closure variables count as unset' {
  closureInfo=/nowhere referencesGraph=/nowhere rootsPath=/nowhere chroot_paths --store-paths list
  assert_unit < <(echo '[Service]'; all_lines)
}

@test 'an empty variable counts as unset' {
  closureInfo='' referencesGraph='' excludedPath='' binSh='' dropIn='' chroot_paths --store-paths list
  assert_unit < <(echo '[Service]'; all_lines)
}

@test 'the last of a repeated option wins, and = gives a value too' {
  chroot_paths --store-paths=/nowhere --store-paths=list
  assert_unit < <(echo '[Service]'; all_lines)
}

@test 'modes do not depend on the umask' {
  (umask 0777 && chroot_paths --store-paths list)
  assert_unit < <(echo '[Service]'; all_lines)
  [ "$(find out -type d -printf '%m ')" = '755 755 755 755 ' ]
  rm -r out
  (umask 0 && chroot_paths --store-paths list)
  [ "$(find out -type d -printf '%m ')" = '755 755 755 755 ' ]
  [ "$(stat -c %a "$UNIT")" = 644 ]
}

@test 'a symlink in place of the unit is replaced, not its target' {
  mkdir -p "$(dirname "$UNIT")"
  echo precious >precious
  ln -s "$W/precious" "$UNIT"
  chroot_paths --store-paths list
  assert_unit < <(echo '[Service]'; all_lines)
  [ "$(cat precious)" = precious ]
}

@test 'the same input gives the same bytes' {
  chroot_paths --store-paths list
  cp "$UNIT" first
  chroot_paths --store-paths list
  cmp first "$UNIT"
}

@test 'a closure of thousands of paths is written completely' {
  for _ in {1..2000}; do cat list; done >long
  chroot_paths --store-paths long
  assert_unit < <(echo '[Service]'; for _ in {1..2000}; do all_lines; done)
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

# settings ROOT ON: prints the settings that confine a service, apart from its binds.
settings() {
  if [ "$1" = tmpfs ]; then
    cat <<EOF
[Service]
RootDirectory=/var/empty
RootDirectoryStartOnly=no
TemporaryFileSystem=/
EOF
  else
    cat <<EOF
[Unit]
Requires=confinement-root@%p.service
After=confinement-root@%p.service

[Service]
RootDirectory=/run/confinement-root/%p
RootDirectoryStartOnly=no
ReadOnlyPaths=+/
TemporaryFileSystem=/bin:ro ${NIX_STORE:-/nix/store}:ro
EOF
  fi
  cat <<EOF
MountAPIVFS=$2
PrivateDevices=$2
PrivateMounts=yes
PrivateTmp=$2
PrivateUsers=$2
ProtectControlGroups=$2
ProtectKernelModules=$2
ProtectKernelTunables=$2
EOF
}

@test 'with --root and --mode the unit has all settings that confine a service' {
  chroot_paths --store-paths list --root tmpfs
  assert_unit < <(settings tmpfs yes; all_lines)
  chroot_paths --store-paths list --root read-only --mode full-apivfs --bin-sh "$W/store/dir/bin/sh"
  assert_unit < <(settings read-only yes; echo "BindReadOnlyPaths=$W/store/dir/bin/sh:/bin/sh"; all_lines)
  confinementRoot=tmpfs confinementMode=chroot-only chroot_paths --store-paths list
  assert_unit < <(settings tmpfs no; all_lines)
  export NIX_STORE=$W/store
  chroot_paths --store-paths list --root read-only --mode chroot-only
  assert_unit < <(settings read-only no; echo 'InaccessiblePaths=-+/tmp -+/var/tmp'; all_lines)
}

@test '--hide-tmp makes /tmp and /var/tmp inaccessible' {
  for way in '--hide-tmp' ''; do
    # shellcheck disable=SC2086
    hideTmp=1 chroot_paths --store-paths list $way
    assert_unit < <(echo '[Service]'; echo 'InaccessiblePaths=-+/tmp -+/var/tmp'; all_lines)
  done
}

@test 'the names that systemd allows for a service are allowed' {
  for NAME in a.service a@.service foo@bar.service 'dev-disk\x2d1.service' a:b_c.d-e.service \
    a.service.service "$(printf 'x%.0s' {1..247}).service"; do
    new_world
    chroot_paths --store-paths /dev/null
    assert_unit "out/lib/systemd/system/$NAME" <<<'[Service]'
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

@test '--help and --version print to standard output' {
  run -0 --separate-stderr "$PROGRAM" --help
  [[ ${lines[0]} == 'Usage: chroot-paths [OPTION]...' ]]
  [ -z "$stderr" ]
  run -0 --separate-stderr "$PROGRAM" --version
  [[ $output =~ ^chroot-paths\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
  [ -z "$stderr" ]
}

@test '--help and the man page have the same options' {
  options() { grep -o -e '--[a-z][a-z-]*' | sort -u; }
  diff <("$PROGRAM" --help | options) \
    <(sed -n 's/^\.It Fl Fl \([a-z-]*\).*/--\1/p' "$ROOT/src/chroot-paths.1" | options)
}
