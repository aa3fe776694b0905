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
  size=$(stat -c %s list)
  for part in 1 2 3; do
    tail -c "+$((size * (part - 1) / 3 + 1))" list | head -c "$((size * part / 3 - size * (part - 1) / 3))" | compress
  done >frames
  chroot_paths --store-paths frames
  assert_unit <plain
}

@test 'a skippable frame between two, before them and after them' {
  { head -n 3 list | compress; skippable 100; tail -n +4 list | compress; } >between
  chroot_paths --store-paths between
  assert_unit <plain
  { skippable 7; compress list; } >before
  chroot_paths --store-paths before
  assert_unit <plain
  { compress list; skippable 0; } >after
  chroot_paths --store-paths after
  assert_unit <plain
}

@test 'an empty frame, and empty frames between others' {
  compress </dev/null >empty
  chroot_paths --store-paths empty
  assert_unit <<<'[Service]'
  { compress </dev/null; compress list; compress </dev/null; } >empties
  chroot_paths --store-paths empties
  assert_unit <plain
}

@test 'a list of many blocks' {
  repeated 5000 list >long
  compress long >long.zst
  chroot_paths --store-paths long
  mv "$UNIT" expected-long
  chroot_paths --store-paths long.zst
  assert_unit <expected-long
}

@test 'a frame that is cut off at any byte is refused' {
  compress list >whole
  size=$(stat -c %s whole)
  for ((cut = 1; cut < size; cut++)); do
    head -c $cut whole >bad
    if [ $cut -lt 4 ]; then
      run -1 --separate-stderr chroot_paths --store-paths bad
      [[ $stderr == 'chroot-paths: bad:1: not an absolute path of'* ]]
      [ -z "$(find out -type f)" ]
    else
      refuses 1 'bad: zstd: the last frame is cut off' chroot_paths --store-paths bad
    fi
  done
}

@test 'a second frame or a skippable one that is cut off is refused' {
  { compress list; compress list | head -c 3; } >bad
  refuses 1 'bad: zstd: the last frame is cut off' chroot_paths --store-paths bad
  { compress list; skippable 100 | head -c 50; } >bad
  refuses 1 'bad: zstd: the last frame is cut off' chroot_paths --store-paths bad
}

# Some changes do not affect the content: a match may point to an earlier copy of the same text.
@test 'a frame with any byte changed is refused, or has the same content' {
  compress --check list >whole
  size=$(stat -c %s whole)
  refused=0
  for ((at = 4; at < size; at++)); do
    {
      head -c $at whole
      # shellcheck disable=SC2059
      printf "\\x$(printf %02x $((0x$(od -An -tx1 -j$at -N1 whole | tr -d ' ') ^ 0x15)))"
      tail -c "+$((at + 2))" whole
    } >bad
    if chroot_paths --store-paths bad 2>stderr; then
      assert_unit <plain
      rm -r out
    else
      [ "$?" = 1 ]
      [[ $(cat stderr) == 'chroot-paths: bad:'* ]]
      [ "$(wc -l <stderr)" = 1 ]
      [ -z "$(find out -type f)" ]
      refused=$((refused + 1))
    fi
  done
  echo "$refused of $((size - 4)) are refused"
  [ $refused -gt $((size * 9 / 10)) ]
}

@test 'other data after a frame is refused' {
  { compress list; cat list; } >bad
  refuses 1 'bad: zstd: Unknown frame descriptor' chroot_paths --store-paths bad
}

@test 'a frame that asks for a window over 128 MiB is refused' {
  head -c 300000000 /dev/zero | zstd -q -c --long=30 >bad
  run -1 --separate-stderr chroot_paths --store-paths bad
  [ "$stderr" = 'chroot-paths: bad: zstd: Frame requires too much memory for decoding' ]
}

@test 'a bad line in a compressed list is reported with its number' {
  printf '%s\n' "$W/store/dir" relative | compress >bad
  refuses 1 "bad:2: not an absolute path of at most 4095 bytes without '.', '..', '//' and a '/' at its end: relative" chroot_paths --store-paths bad
}

@test 'a build without zstd refuses compressed input and says why' {
  compress list >list.zst
  PROGRAM=$PLAIN_PROGRAM refuses 1 "list.zst: compressed with zstd, which this build cannot read; \
decompress it first, or use a chroot-paths built with ZSTD=1" chroot_paths --store-paths list.zst
}
