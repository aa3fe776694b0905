#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: below a mount with nosymfollow, readlink -e and realpath -e find that a symlink leads nowhere, as the
#        kernel follows none there and test -e says no.
# Seen:  they resolve it, status 0: both read one link after the other by themselves, and the kernel lets them.
#        mount --bind takes such a source, too, for the same reason. What is opened through the link fails ("Too
#        many levels of symbolic links"), so a store of this kind lists, resolves and binds well and cannot run what
#        is behind a link.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

debian trixie coreutils mount
version coreutils 9.7
version mount 2.41.5

mkdir -p "$root/mnt/store"
mount -t tmpfs -o nosymfollow none "$root/mnt/store"
output=$work/output
inside bash >"$output" 2>&1 <<'EOF'
cd /mnt/store
mkdir package place
echo text >package/file
ln -s package link
test -e link/file
echo "test -e: $?"
cat link/file
echo "readlink: $(readlink -e link/file) $?"
echo "realpath: $(realpath -e link/file) $?"
mount --bind link place
echo "bind: $(cat place/file) $?"
umount place
EOF
cat "$output"

seen 'the kernel does not find it' '^test -e: 1'
seen 'nor does it open it' '^cat: link/file: Too many levels of symbolic links'
seen 'readlink finds it' '^readlink: /mnt/store/package/file 0'
seen 'realpath finds it' '^realpath: /mnt/store/package/file 0'
seen 'mount finds it' '^bind: text 0'
