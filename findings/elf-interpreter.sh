#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: ldd shows that the interpreter of a program is missing, and its status tells a static program from others;
#        patchelf finds the interpreter where the kernel does.
# Seen:  ldd resolves a program whose interpreter is nowhere, status 0: it runs the interpreter of the system
#        instead and prints that one behind an arrow. A static program has status 1, a static-pie one status 0.
#        patchelf needs section headers, which the kernel, readelf -l, file and ldd do without: it takes such a
#        program for static.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

debian trixie patchelf binutils bash-static
version patchelf 0.18.0
version binutils 2.44
version libc-bin 2.41

output=$work/output
inside bash >"$output" 2>&1 <<'EOF'
try() {
  echo "= $1"
  shift
  "$@" && status=0 || status=$?
  echo "status $status"
}
cd /tmp
cp /bin/true gone
patchelf --set-interpreter /nix/store/none/ld.so gone
try 'run gone' ./gone
try 'ldd gone' ldd gone
try 'ldd static' ldd /bin/bash-static
try 'ldd static-pie' ldd /sbin/ldconfig
objcopy --strip-section-headers /bin/true bare
try 'run bare' ./bare
try 'readelf bare' readelf -l bare | grep -v LOAD
try 'patchelf bare' patchelf --print-interpreter bare
EOF
tr '\n' ' ' <"$output" | sed 's/= /\n= /g' >"$output.lines"
echo >>"$output.lines"
mv "$output.lines" "$output"
cut -c 1-400 "$output"

seen 'the kernel refuses a program without interpreter' '^= run gone .*status 127'
seen 'ldd uses that of the system' '^= ldd gone .*/nix/store/none/ld.so => /lib64/ld-linux.* status 0'
seen 'a static program is none for ldd' '^= ldd static .*not a dynamic executable status 1'
seen 'a static-pie one is' '^= ldd static-pie .*statically linked status 0'
seen 'the kernel needs no sections' '^= run bare status 0'
seen 'nor does readelf' '^= readelf bare .*program interpreter: /lib64/ld-linux'
seen 'patchelf does' '^= patchelf bare .*no section headers.*statically linked.*status 1'
