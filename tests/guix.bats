#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Guix: its daemon builds with the program, unchanged, as Nix does. In a suite of Debian that has a Guix.

load helpers

setup_file() {
  needs_root 'run a daemon that builds'
  local number
  groupadd --system guixbuild
  for number in 1 2; do
    useradd --system --gid guixbuild --groups guixbuild --no-create-home guixbuilder$number
  done
  mkdir -p /gnu/store
  guix-daemon --build-users-group=guixbuild --no-substitutes >"$BATS_FILE_TMPDIR/daemon" 2>&1 3>&- &
  echo $! >"$BATS_FILE_TMPDIR/pid"
  install -D -t "$BATS_FILE_TMPDIR/helper/bin" "$PROGRAM"
  install -D -t "$BATS_FILE_TMPDIR/busybox/bin" /bin/busybox
  until [ -S /var/guix/daemon-socket/socket ]; do sleep 0.1; done
}

teardown_file() {
  kill "$(cat "$BATS_FILE_TMPDIR/pid")"
}

build() {
  guix repl -- "$ROOT/tests/guix.scm" "$BATS_FILE_TMPDIR/helper" "$BATS_FILE_TMPDIR/busybox"
}

@test 'a build of Guix gives the same drop-in as a list by hand, which binds from the view of /gnu/store' {
  new_world
  { read -r hello; read -r unit; } < <(build)
  guix gc --requisites "$hello" | sort | NIX_STORE=/gnu/store chroot_paths --store-paths - \
    --service hello.service --drop-in --root
  cmp "$unit/lib/systemd/system/hello.service.d/confinement.conf" "out/lib/systemd/system/hello.service.d/confinement.conf"
  grep -x 'RequiresMountsFor=/run/readonly/gnu/store' "$unit"/lib/systemd/system/*/confinement.conf
  grep -x "BindPaths=/run/readonly$hello:$hello" "$unit"/lib/systemd/system/*/confinement.conf
  [ "$(grep -c '^BindPaths=/run/readonly/gnu/store/' "$unit"/lib/systemd/system/*/confinement.conf)" = 2 ]
  # The unit keeps the closure from being collected.
  guix gc --references "$unit" | grep -x "$hello"
}

@test 'a dangling symlink fails the build of Guix' {
  DANGLING=1 run build
  [ "$status" != 0 ]
  [[ $output =~ 'chroot-paths: graph:1: leads to /srv/nowhere, which is not in the store; '.*' /gnu/store/'.*'-hello' ]]
}
