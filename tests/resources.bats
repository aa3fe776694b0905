#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The size, linking and memory of the program.

load helpers

setup() {
  new_world
}

stripped_size() {
  strip -o "$W/stripped" "$1"
  stat -c %s "$W/stripped"
}

@test 'both builds are static and hardened' {
  skip_if_sanitized
  for program in "$PROGRAM" "$WITH_ZSTD"; do
    readelf --wide --file-header --program-headers --dynamic "$program" >headers
    grep LOAD headers
    run -1 grep -e INTERP -e NEEDED headers
    # musl-gcc cannot link a static-pie.
    if grep -q -e -static-pie "$BUILD/command"; then
      grep 'Type: *DYN' headers
      grep 'FLAGS_1.*PIE' headers
      grep BIND_NOW headers
    fi
    run -1 grep TEXTREL headers
    grep GNU_RELRO headers
    grep 'GNU_STACK.* RW ' headers
    # No segment is both writable and executable.
    run -1 grep -E '^ +[A-Z_]+ .* (R?WE) ' headers
    # Of the functions with a check of their stack, one is ours.
    objdump --disassemble "$program" | awk '/>:$/ { name = $2 } /call.*<__stack_chk_fail/ { print name }' |
      tr -d '<>:' | sort -u >checked
    nm --line-numbers "$program" | sed -n 's|.* \(.*\)\t.*/src/[a-z]*\.c:.*|\1|p' | sort >ours
    comm -12 checked ours | grep .
  done
}

@test 'a stripped build with musl has at most 50 KiB, and with zstd at most 288 KiB' {
  skip_if_sanitized
  grep -q musl "$BUILD/command" || skip 'built without musl'
  [ "$(stripped_size "$PROGRAM")" -le $((50 * 1024)) ]
  [ "$(stripped_size "$WITH_ZSTD")" -le $((288 * 1024)) ]
}

# So many lines that 14 bytes for each of them would show.
COUNT=100000

# peak PROGRAM FILE: prints the peak resident memory of PROGRAM, in KiB, while it reads FILE from a pipe
# that stays open until then.
peak() {
  local pid
  mkfifo fifo
  "$1" --service "$NAME" --out out --store-paths fifo &
  pid=$!
  exec 9>fifo
  cat "$2" >&9
  # When it sleeps, it has read all that is in the pipe.
  until grep -q '^State:.S' "/proc/$pid/status"; do sleep 0.1; done
  sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status"
  exec 9>&-
  wait $pid || return
  rm fifo
  [ "$(wc -l <"out/lib/systemd/system/$NAME")" = $((COUNT + 1)) ]
}

@test 'a list takes under 1.5 MiB of memory, however long it is' {
  skip_if_sanitized
  mkdir path
  yes "$W/path" | head -n $COUNT >list
  kib=$(peak "$PROGRAM" list)
  echo "$kib KiB"
  [ "$kib" -gt 0 ]
  [ "$kib" -lt 1536 ]
}

@test 'a compressed list takes no more than that and the window of the frame' {
  skip_if_sanitized
  # Names that do not compress away, so that the window is used.
  mkdir store
  (cd store && mkdir {1..500})
  for _ in {1..200}; do shuf -i 1-500; done | sed "s|^|$W/store/|" >list
  zstd -q --check list
  window=$(zstd -lv list.zst | sed -n 's/^Window Size:.*(\([0-9]*\) B).*/\1/p')
  kib=$(peak "$WITH_ZSTD" list.zst)
  echo "$kib KiB, window $window B"
  [ "$kib" -gt 0 ]
  [ "$kib" -lt $((1536 + window / 1024)) ]
}
