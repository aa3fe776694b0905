#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Hostile surroundings: the program writes the right unit, or prints a message and writes nothing.

load helpers

setup() {
  new_world
  example_store
  chroot_paths --store-paths list
  mv "$UNIT" plain
  rm -r out
  as_graph <list >graph
  zstd -q list -o list.zst
}

# Runs a command whose standard error is a pipe that nobody reads.
with_broken_stderr() {
  perl -e 'pipe R, W or die; open STDERR, ">&", \*W or die; close R; exec @ARGV' "$@"
}

# Prints the kind, mode, size, time and target of every file outside of ./out.
outside() {
  find . -path ./out -prune -o ! -path . -printf '%p %M %s %T@ %l\n' | sort
}

@test 'closed standard streams, each and together, which are an error if they are used' {
  for closed in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
    eval "chroot_paths --store-paths list $closed"
    assert_unit <plain
    rm -r out
    status=0
    eval "chroot_paths --store-paths graph $closed" || status=$?
    [ $status = 1 ]
    [ -z "$(find out -type f)" ]
  done
  refuses 1 'standard input: Bad file descriptor' eval 'chroot_paths --store-paths - <&-'
  refuses 1 'standard output: Bad file descriptor' eval '"$PROGRAM" --help >&-'
}

@test 'names that are too long for the system' {
  long=$W$(printf "/$(printf 'x%.0s' {1..250})%.0s" {1..17})
  why=$(words 'Filename too long' 'File name too long')
  closureInfo=$long refuses 1 "closureInfo: $why" chroot_paths
  run -1 --separate-stderr chroot_paths --store-paths list --out "$long"
  [ "$stderr" = "chroot-paths: ${long:0:4096}: $why" ]
  outside >../before
  run -1 --separate-stderr chroot_paths --store-paths list --out "$W/$(printf 'x%.0s' {1..256})"
  [ "$stderr" = "chroot-paths: $W/$(printf 'x%.0s' {1..256}): $why" ]
  diff ../before <(outside)
}

@test 'standard error that is full, or a pipe that nobody reads' {
  [ -c /dev/full ] || unmet 'no /dev/full'
  run -1 eval 'chroot_paths --store-paths graph 2>/dev/full'
  [ -z "$(find out -type f)" ]
  run -1 with_broken_stderr "$PROGRAM" --store-paths graph --service "$NAME" --out "$W/out"
  [ -z "$(find out -type f)" ]
  run -2 with_broken_stderr "$PROGRAM" --nonsense
}

@test 'no environment at all, ten thousand variables, and no arguments, not even a name' {
  nothing='closure: give --store-paths or --references-graph; see chroot-paths --help'
  env -i "$PROGRAM" --store-paths list --service "$NAME" --out "$W/out"
  assert_unit <plain
  refuses 2 "$nothing" env -i "$PROGRAM"
  cc -D_GNU_SOURCE -o argc-0 "$ROOT/tests/argc-0.c"
  refuses 2 "$nothing" ./argc-0 "$PROGRAM"
  export referencesGraph=graph serviceName=$NAME out=$W/out
  ./argc-0 "$PROGRAM"
  assert_unit <plain
  rm "$UNIT"
  perl -e '$ENV{"variable$_"} = "value" for 1 .. 10000; exec @ARGV' "$PROGRAM"
  assert_unit <plain
}

@test 'a current directory that is gone' {
  mkdir gone
  cd gone
  rmdir ../gone
  chroot_paths --store-paths "$W/list"
  assert_unit <"$W/plain"
  refuses 1 'list: No such file or directory' chroot_paths --store-paths list
  run -1 --separate-stderr "$PROGRAM" --store-paths "$W/list" --service "$NAME" --out relative
  [ "$stderr" = 'chroot-paths: relative: No such file or directory' ]
}

@test '16 descriptors, 1 MiB of stack and 8 MiB of address space are enough' {
  skip_if_sanitized
  ulimit -n 16 -s 1024 -v 8192
  chroot_paths --store-paths list
  assert_unit <plain
  chroot_paths --references-graph graph
  assert_unit <plain
  "$WITH_ZSTD" --store-paths list.zst --service "$NAME" --out "$W/out"
  assert_unit <plain
}

@test 'a window that does not fit into memory' {
  skip_if_sanitized
  head -c 3000000 /dev/zero | zstd -q -c --long=26 >large-window
  PROGRAM=$WITH_ZSTD
  refuses 1 'large-window: zstd: Allocation error : not enough memory' \
    eval '(ulimit -v 8192; chroot_paths --store-paths large-window)'
}

@test 'whatever is under the name of the unit is replaced, neither opened nor followed' {
  mkdir -p "$(dirname "$UNIT")" elsewhere
  echo precious >precious
  replaced() {
    chroot_paths --store-paths list
    assert_unit <plain
    rm "$UNIT"
  }
  mkfifo "$UNIT"
  replaced
  perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "s", Listen => 1) or die'
  mv s "$UNIT"
  replaced
  if [ "$(id -u)" = 0 ]; then
    mknod "$UNIT" c 1 7
    replaced
  fi
  for target in "$W/precious" "$W/elsewhere" /dev/full nowhere "$NAME"; do
    ln -sT "$target" "$UNIT"
    replaced
  done
  [ "$(cat precious)" = precious ]
  [ -z "$(ls elsewhere)" ]
}

@test 'the roots mode replaces a file, and nothing else' {
  echo before >file
  "$PROGRAM" --roots list --out file
  cmp list file
  mkfifo fifo
  ln -s file symlink
  mkdir dir
  places=(fifo symlink dir)
  if [ "$(id -u)" = 0 ]; then
    mknod device c 1 3
    places+=(device)
  fi
  for out in "${places[@]}"; do
    run -1 --separate-stderr "$PROGRAM" --roots list --out "$out"
    [ "$stderr" = "chroot-paths: $out: exists and is not a regular file" ]
  done
  [ -p fifo ]
  [ -L symlink ]
}

@test 'an output directory may be a symlink, but not a file, a FIFO, a device or a dangling symlink' {
  mkdir real
  ln -s real linked
  "$PROGRAM" --store-paths list --service "$NAME" --out "$W/linked"
  cmp plain "real/lib/systemd/system/$NAME"
  mkfifo fifo
  ln -s nowhere dangling
  for out in plain fifo dangling /dev/null; do
    case $out in dangling) why='No such file or directory' ;; *) why='Not a directory' ;; esac
    outside >../before
    run -1 --separate-stderr "$PROGRAM" --store-paths list --service "$NAME" --out "$out"
    [ "$stderr" = "chroot-paths: $out/lib: $why" ]
    diff ../before <(outside)
  done
}

@test 'a FIFO as input is read to its end' {
  mkfifo fifo
  for input in list list.zst; do
    cat $input >fifo &
    "$WITH_ZSTD" --store-paths fifo --service "$NAME" --out "$W/out"
    assert_unit <plain
  done
  cat graph >fifo &
  chroot_paths --references-graph fifo
  assert_unit <plain
  # A FIFO in the closure is bound without being opened.
  echo "$W/fifo" >of-fifo
  chroot_paths --store-paths of-fifo
  assert_unit < <(printf '[Service]\nBindReadOnlyPaths=%s\n' "$W/fifo")
}

@test 'runs that write the same unit at once, some of which fail, leave one complete unit' {
  repeated 300 list >long
  chroot_paths --store-paths long
  mv "$UNIT" plain-long
  for round in {1..20}; do
    if [ $((round % 5)) = 0 ]; then mkdir -p "$(dirname "$UNIT")"; else rm -rf out; fi
    failing=()
    for _ in 1 2 3; do
      chroot_paths --store-paths graph 2>said &
      failing+=($!)
    done
    chroot_paths --store-paths list &
    one=$!
    chroot_paths --store-paths long &
    wait $one
    # The others may not be done yet.
    cmp -s plain "$UNIT" || cmp plain-long "$UNIT"
    wait $!
    for run in "${failing[@]}"; do
      status=0
      wait "$run" || status=$?
      [ $status = 1 ]
    done
    cmp -s plain "$UNIT" || cmp plain-long "$UNIT"
    [ "$(find out -type f)" = "out/lib/systemd/system/$NAME" ]
  done
}

@test 'no input makes it write outside OUT' {
  mkdir inputs
  # The fuzz corpus, without the first byte, which may only steer the fuzzer: as files, paths and names.
  for file in "$ROOT"/tests/fuzz/corpus/*/*; do
    tail -c +2 "$file" >"inputs/${file##*/}"
  done
  cp list graph list.zst inputs
  printf '%s\n' "$W/store/../../escaped" '../escaped' "$W/out/../escaped" >inputs/dots
  # tried PROGRAM OPTION...: it may refuse that.
  tried() {
    local status=0
    "$1" --service "$NAME" --out out "${@:2}" 2>../said || status=$?
    [ $status -le 2 ]
  }
  outside >../before
  for file in inputs/*; do
    for option in --store-paths --references-graph; do tried "$WITH_ZSTD" $option "$file"; done
    IFS= read -r -d '' -n 200 name <"$file" || :
    for option in --service --exclude --bin-sh; do
      tried "$PROGRAM" --store-paths /dev/null $option "$name"
    done
    tried "$PROGRAM" --store-paths "$name"
  done
  for name in ../escaped.service ../../escaped.service /escaped.service "$W/escaped.service" \
    a/../../escaped.service ...service ..@.service; do
    tried "$PROGRAM" --store-paths list --service "$name"
    tried "$PROGRAM" --store-paths list --service "$name" --drop-in
  done
  diff ../before <(outside)
}
