#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The targets and variables of the Makefile.

load helpers

setup() {
  new_world
}

@test 'make install honours a DESTDIR with a space, and PREFIX, the installed program runs, and make uninstall removes it' {
  installing() { make -s --no-print-directory -C "$ROOT" "$1" BUILD="$BUILD" DESTDIR="$W/a dest" PREFIX=/opt/x; }
  installing install
  diff <(cd 'a dest' && find . ! -path './opt*' -printf '%y %m %P\n' -o -type f -printf '%y %m %P\n' | sort) - <<END
d 755 
f 644 opt/x/lib/systemd/system/confinement-root@.service
f 644 opt/x/lib/systemd/system/run-readonly-nix-store.mount
f 644 opt/x/share/man/man1/chroot-paths.1
f 644 opt/x/share/man/man7/chroot-paths-confinement.7
f 755 opt/x/bin/chroot-paths
END
  'a dest/opt/x/bin/chroot-paths' --version
  for page in 1/chroot-paths.1 7/chroot-paths-confinement.7; do
    cmp "a dest/opt/x/share/man/man$page" "$ROOT/src/${page#*/}"
  done
  # It is as small as the README says.
  run -1 grep debug_info <(file 'a dest/opt/x/bin/chroot-paths')
  installing uninstall
  [ -z "$(find 'a dest' -type f)" ]
}

@test 'CC, CFLAGS, LDFLAGS and a level of _FORTIFY_SOURCE are respected, and a change of them builds anew' {
  for compiler in gcc clang; do
    command -v $compiler >/dev/null || continue
    building() {
      make -s --no-print-directory -C "$ROOT" BUILD="$W/build" CC=$compiler CFLAGS='-O1 -D_FORTIFY_SOURCE=1' \
        LDFLAGS=-Wl,-z,nodelete
    }
    building
    grep "^$compiler .* -O1 -D_FORTIFY_SOURCE=1 -Wl,-z,nodelete" build/command
    build/chroot-paths --version
    # A build without musl is static as well.
    readelf --wide --program-headers build/chroot-paths >headers
    run -1 grep INTERP headers
    stamp=$(stat -c %y build/chroot-paths)
    building
    [ "$(stat -c %y build/chroot-paths)" = "$stamp" ]
  done
}

@test 'make demo shows the unit' {
  run -0 make -s --no-print-directory -C "$ROOT" demo BUILD="$BUILD"
  [[ $output == *'BindReadOnlyPaths='*'/store/shell-1.0/bin/sh:/bin/sh'* ]]
  [[ $output == *'BindReadOnlyPaths='*'/store/hello.conf:'*'/store/current.conf'* ]]
}

@test 'make setup check builds with the compiler that setup has just installed' {
  command -v musl-gcc || unmet 'no musl-gcc here'
  # A machine without musl-gcc, on which setup installs it. The tests are not run.
  mkdir bin
  ln -s /usr/bin/* bin
  rm -f bin/musl-gcc bin/prove
  ln -s /bin/true bin/prove
  cp -r "$ROOT/Makefile" "$ROOT/src" .
  mkdir -p tests/systemd
  cp "$ROOT/tests/developer.mk" tests
  cp "$ROOT"/tests/systemd/*.c tests/systemd
  echo "ln -s $(command -v musl-gcc) $W/bin/" >tests/setup.sh
  PATH=$W/bin make -s setup check CFLAGS=-O0
  sha256sum build/chroot-paths build/zstd/chroot-paths build/probe >first
  grep musl-gcc build/command
  : >tests/setup.sh
  PATH=$W/bin make -s setup check CFLAGS=-O0
  sha256sum --check first
}
