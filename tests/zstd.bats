#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Compressed input: recognised by its content, read as a stream, refused if it is not complete.

load helpers

setup() {
  new_world
  example_store
  chroot_paths --store-paths list
  mv "$UNIT" plain
  rm -r out
  PLAIN_PROGRAM=$PROGRAM
  PROGRAM=$WITH_ZSTD
}

compress() {
  zstd -q -c "$@"
}

# skippable SIZE: a skippable frame with SIZE bytes of content.
skippable() {
  # shellcheck disable=SC2059
  printf "\\x5a\\x2a\\x4d\\x18\\x$(printf %02x "$1")\\0\\0\\0"
  head -c "$1" /dev/urandom
}

@test 'a compressed list or graph gives the same unit, from a pipe and with any name, as a plain list does' {
  compress list >some-name
  cp list list.zst
  as_graph <list | compress >graph
  for input in '--store-paths some-name' '--store-paths list.zst' '--references-graph graph' '--store-paths -'; do
    # shellcheck disable=SC2086
    compress list | chroot_paths $input
    assert_unit <plain
    rm -r out
  done
}

@test 'a closureInfo directory with store-paths.zst alone; store-paths comes first' {
  mkdir info
  compress list >info/store-paths.zst
  closureInfo=info chroot_paths
  assert_unit <plain
  : >info/store-paths
  closureInfo=info chroot_paths
  assert_unit <<<'[Service]'
}

@test 'several frames in a row, cut in the middle of a line' {
  split -n 3 list part.
  for part in part.*; do compress "$part"; done >frames
  chroot_paths --store-paths frames
  assert_unit <plain
}

@test 'skippable and empty frames, alone, before, between and after others' {
  { head -n 3 list | compress; skippable 100; tail -n +4 list | compress; } >between
  { skippable 7; compress list; } >before
  { compress list; skippable 0; } >after
  { compress </dev/null; compress list; compress </dev/null; } >empties
  for frames in between before after empties; do
    chroot_paths --store-paths $frames
    assert_unit <plain
  done
  compress </dev/null >empty
  chroot_paths --store-paths empty
  assert_unit <<<'[Service]'
}

@test 'a list of many blocks' {
  repeated 1000 list >long
  compress long >long.zst
  chroot_paths --store-paths long
  mv "$UNIT" expected-long
  chroot_paths --store-paths long.zst
  assert_unit <expected-long
}

# damaged CODE: runs the Perl CODE for each byte of a small frame, and writes what it returns to the files bad.N.
damaged() {
  head -n 2 list | compress --check >whole
  perl -e "undef \$/; \$_ = <STDIN>; for my \$at (4 .. length() - 1) {
    open my \$file, '>', \"bad.\$at\" or die; print \$file do { $1 }; close \$file or die }" <whole
}

@test 'a frame that is cut off at any byte is refused' {
  damaged 'substr $_, 0, $at'
  for file in bad.*; do
    refuses 1 "$file: zstd: the last frame is cut off" chroot_paths --store-paths "$file"
  done
  # Without its first four bytes, it is no frame.
  head -c 3 whole >bad
  run -1 --separate-stderr chroot_paths --store-paths bad
  [[ $stderr == 'chroot-paths: bad:1: not an absolute path of'* ]]
}

@test 'a second frame or a skippable one that is cut off is refused' {
  { compress list; compress list | head -c 3; } >second
  { compress list; skippable 100 | head -c 50; } >skippable
  for file in second skippable; do
    refuses 1 "$file: zstd: the last frame is cut off" chroot_paths --store-paths $file
  done
}

# Some changes do not affect the content: a match may point to an earlier copy of the same text.
@test 'a frame with any byte changed is refused, or has the same content' {
  damaged 'my $new = $_; substr($new, $at, 1) ^= "\x15"; $new'
  head -n 2 list >two
  chroot_paths --store-paths two
  mv "$UNIT" two
  refused=0
  for file in bad.*; do
    if chroot_paths --store-paths "$file" 2>stderr; then
      assert_unit <two
      rm "$UNIT"
    else
      [[ $(<stderr) == "chroot-paths: $file:"* ]]
      [ -z "$(find out -type f)" ]
      refused=$((refused + 1))
    fi
  done
  size=$(stat -c %s whole)
  echo "$refused of $((size - 4)) are refused"
  [ $refused -gt $((size * 9 / 10)) ]
}

@test 'other data after a frame is refused' {
  { compress list; cat list; } >bad
  refuses 1 'bad: zstd: Unknown frame descriptor' chroot_paths --store-paths bad
}

@test 'a frame that asks for a window over 128 MiB is refused' {
  head -c 3000000 /dev/zero | zstd -q -c --long=30 >bad
  refuses 1 'bad: zstd: Frame requires too much memory for decoding' chroot_paths --store-paths bad
}

@test 'a bad line in a compressed list is reported with its number' {
  { head -n 1 list; echo; } | compress >bad
  refuses 1 'bad:2: empty line instead of a path' chroot_paths --store-paths bad
}

@test 'a build without zstd refuses compressed input and says why' {
  compress list >list.zst
  PROGRAM=$PLAIN_PROGRAM refuses 1 "list.zst: compressed with zstd, which this build cannot read; \
decompress it first, or use a chroot-paths built with ZSTD=1" chroot_paths --store-paths list.zst
}
