#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What --root holds, and what it does not: services with names of every kind, and services that try to leave
# their root directory, in a container. What chroot-paths-confinement(7) says of them is what happens here.

DRIVER=escape-driver.sh
load booted

SYSTEMD=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')

lay_out_files() {
  packages probe applets
  nix-store -qR "$PROBE" "$APPLETS" | sort -u >"$W/files/closure"
  block 'HOW MUCH IT CONFINES' 1 >"$W/files/readme/settings"
  entries | sed -n '/^change its user, or chown$/,/^[^\t]/s/^\t//p' >"$W/files/readme/change-user"
}

of_length() { printf 'x%.0s' $(seq "$1"); }

# said SERVICE: prints its output in one line.
said() { paste -s -d ';' "$1.out"; }

@test 'services and instances with \, :, .., a leading dash or several @ in their names start' {
  diff /dev/null said
  for name in 'a\x2db' 'a\b' a:b a..b -a a@b@c a.service '\x2da' : _ \
    't@a\x2db' t@a:b t@.. t@-a t@a@b 't@a\b'; do
    grep -xF -e "$name.service success" results
  done
}

@test 'a unit name of 199 bytes starts, and a longer one would not' {
  for name in "$(of_length 191)" "t@$(of_length 189)" "l@$(of_length 189)"; do
    grep -xF "$name.service success" results
  done
  grep -xF "l@$(of_length 190).service failure" results
  grep "l@$(of_length 190).*: File name too long" journal
}

@test 'root in full-apivfs can write to the settings of the kernel with 252, and not later, as the man page says' {
  if [ "$SYSTEMD" -lt 255 ]; then
    out='mount proc: done;write core_pattern: done'
  else
    out='mount proc: Operation not permitted'
  fi
  [ "$(said proc-root)" = "unshare: done;$out" ]
  # These do not help.
  [ "$(said proc-privileges)" = "unshare: done;$out" ]
  [ "$(said proc-capabilities)" = "unshare: Operation not permitted;unshare user: done;$out" ]
}

@test 'RestrictNamespaces= or SystemCallFilter=~@mount prevents that, and so do the settings of the man page' {
  for name in namespaces pid readme readme-root; do
    [ "$(said proc-$name)" = 'unshare: Operation not permitted;unshare user: Operation not permitted' ]
  done
  [ "$(said proc-filter)" = 'unshare: done' ]
}

@test 'another user than root cannot write to the settings of the kernel' {
  run -1 grep 'write core_pattern: done' proc-user.out
}

@test 'a service can trace processes of its user in chroot-only, unless it has the settings of the man page' {
  [ "$(said trace-chroot-only)" = 'trace: done' ]
  [ "$(said trace-user)" = 'trace: Operation not permitted' ]
  [ "$(said trace-readme)" = 'trace: Operation not permitted' ]
}

@test 'root with PrivateUsers=no reads files of the host, whatever limits its calls, but not with few capabilities' {
  for name in no-users no-users-namespaces no-users-filter; do [ "$(said $name)" = secret ]; done
  for name in own-users no-users-few; do run -1 grep secret $name.out; done
  [ -s no-users-few.out ]
}

@test 'with PrivateUsers=no another user reaches what its own processes outside can' {
  [ "$(said user-no-users)" = secret ]
  run -1 grep secret user-own-users.out
}

@test 'PrivateUsers=identity and full leave root confined, and ignored values do, too' {
  for name in identity full; do run -1 grep secret users-$name.out; done
}

@test 'a command with + can write to the root directory, others cannot' {
  diff plus - <<<left-by-plus
}

@test 'what a symlink in the closure leads to is in the service' {
  [ "$(said linked)" = secret ]
}

@test 'where a file was bound, a directory can be after systemctl restart confinement-root@NAME' {
  diff <(grep '^kind\.' results) - <<END
kind.service success
kind.service failure
kind.service success
END
  grep -F status=226/NAMESPACE kind-status
}

@test 'no attack leaves a trace on the machine' {
  [ "$(uniq core-pattern | wc -l)" = 1 ]
}
