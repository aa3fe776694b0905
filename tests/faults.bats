#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Whatever fails, either the unit is right and the exit status is 0, or no file is changed and a message
# says why. A third of the calls, which differ from run to run, fail in one way, or with FAULTS=all each call in every way
# that it can.

# faults.pl ends a run that hangs.
if [ "$FAULTS" = all ]; then LIMIT=1800; fi
load helpers

setup() {
  if grep -q -e -fsanitize "$BUILD/command"; then skip 'the sanitizers make calls of their own'; fi
  new_world
  mkdir -p store/dir/bin
  echo program >store/dir/bin/sh
  chmod +x store/dir/bin/sh
  echo roots >store/roots
  ln -s dir store/link
  printf "$W/store/%s\n" dir roots link >list
  as_graph <list >graph
  # A frame that takes several reads, and a list that takes several reads and writes.
  { printf '\x5a\x2a\x4d\x18\xa0\x86\x01\x00'; head -c 100000 /dev/urandom; zstd -q -c list; } >list.zst
  # An entry of the store takes one call, however long the name of the store is.
  LONG_STORE=$W/store$(printf "/$(printf 'x%.0s' {1..250})%.0s" {1..15})
  mkdir -p "$LONG_STORE/path"
  yes "$LONG_STORE/path" | head -n 20 >long
  { cat list; echo relative; } >bad
  # A program with a loader beyond its first page, a link to it, and a script of it.
  perl -e 'print pack("a4CCCx9 SSLQQQLSSSSSS", "\x7fELF", 2, 1, 1, 2, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0),
    pack("LLQQQQQQ", 3, 4, 8000, 0, 0, 100, 100, 1), "\0" x (8000 - 120), pack("a100", $ARGV[0])' \
    "$W/store/dir/bin/sh" >store/dir/bin/loaded
  printf '#!%s\n' "$W/store/dir/bin/linked" >store/dir/bin/script
  ln -s "$W/store/link/bin/loaded" store/dir/bin/linked
  chmod +x store/dir/bin/*
  printf '%s\n' '[Service]' "ExecStart=$W/store/dir/bin/script" "WorkingDirectory=$W/store/link/bin" >unit
  printf '%s\n' '[Service]' "ExecStart=$W/store/dir/bin/script" "ExecStop=$W/store/none/bin/x" >bad-unit
  mkdir info
  cp list.zst info/store-paths.zst
  mkdir -p before-something/lib/systemd/system
  echo before >"before-something/lib/systemd/system/$NAME"
}

# faults WHAT: runs "faults.pl WHAT" for representative runs: a name, the content of OUT before the run, standard input,
# and the command without --service and --out.
faults() {
  local name before input command said
  while IFS='|' read -r name before input command; do
    rm -rf before out
    if [ "$before" = something ]; then cp -r before-something before; fi
    read -r -a command <<<"$command --service $NAME --out $W/out"
    said=$("$ROOT/tests/faults.pl" "$1" -i "${input/#-//dev/null}" "${command[@]}" 2>&1 </dev/null) ||
      { echo "$name: $said"; return 1; }
    echo "$name: $said" | tee -a said
  done <<END
a list|nothing|-|$PROGRAM --store-paths list --exclude $W/store/roots --bin-sh $W/store/dir/bin/sh
a list over another unit|something|list|$PROGRAM --store-paths -
a long list|something|-|env NIX_STORE=$LONG_STORE $PROGRAM --store-paths long
a compressed list|nothing|list.zst|$WITH_ZSTD --store-paths -
closureInfo with a compressed list|something|-|env closureInfo=info $WITH_ZSTD
a graph, as a drop-in|something|-|$PROGRAM --references-graph graph --drop-in
a bad list|nothing|-|$PROGRAM --store-paths bad
a bad list, as a drop-in|something|closed|$PROGRAM --store-paths bad --drop-in
a unit|nothing|unit|env NIX_STORE=$W/store $PROGRAM --store-paths list --exclude $W/store/roots --unit - --bin-sh $W/store/dir/bin/sh
a bad unit|something|-|env NIX_STORE=$W/store $PROGRAM --store-paths list --unit bad-unit
the roots file|nothing|-|$PROGRAM --roots long
--help|nothing|-|$PROGRAM --help
END
  sed 's/^/# /' said >&3
}

@test 'any system call may fail' {
  command -v strace >/dev/null || unmet 'no strace here'
  faults errors
}

@test 'a kill at any system call leaves the old file or the whole new one' {
  command -v strace >/dev/null || unmet 'no strace here'
  faults kills
}

@test 'input that comes a byte at a time is read whole' {
  one_by_one() {
    perl -e '$| = 1; print while read STDIN, $_, 1' <"$1"
  }
  chroot_paths --store-paths list
  mv "$UNIT" expected
  zstd -q list -o small.zst
  for input in list small.zst; do
    one_by_one $input | "$WITH_ZSTD" --service "$NAME" --out "$W/out" --store-paths -
    cmp expected "$UNIT"
  done
  one_by_one graph | chroot_paths --references-graph -
  cmp expected "$UNIT"
  one_by_one list | "$PROGRAM" --roots /dev/stdin --out "$W/copy"
  cmp list copy
}

@test 'a write that writes nothing is an error' {
  command -v strace >/dev/null || unmet 'no strace here'
  refuses 1 "$UNIT: $(words 'I/O error' 'Input/output error')" \
    strace -qq -o log -e inject=write:retval=0:when=1 "$PROGRAM" --store-paths list --service "$NAME" --out "$W/out"
}

@test 'a file system that takes half of a write' {
  needs_root 'mount'
  mkdir out
  # Not a multiple of the size of one write.
  mount -t tmpfs -o size=100k none out
  repeated 60 long >longer
  refuses 1 "$UNIT: No space left on device" chroot_paths --store-paths longer
  umount out
}

@test 'a limit on the size of files' {
  skip_if_sanitized
  chroot_paths --store-paths long
  mv "$UNIT" expected
  limited() {
    # The limit does not apply to a pipe for the message.
    (ulimit -f "$blocks"; chroot_paths --store-paths long) 2>&1 | cat >&2
    return "${PIPESTATUS[0]}"
  }
  for blocks in 0 1 70; do refuses 1 "$UNIT: File too large" limited; done
  (ulimit -f 100; chroot_paths --store-paths long)
  cmp expected "$UNIT"
}
