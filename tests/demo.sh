#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Lays out a small closure, runs the program on it, and shows the input, the command and the unit.
# Usage: demo.sh PROGRAM. Needs nothing but a shell and coreutils.
set -eu

program=$(realpath "$1")
world=$(realpath "$(mktemp -d)")
trap 'rm -rf "$world"' EXIT
cd "$world"

mkdir -p store/hello-2.12/bin store/shell-1.0/bin
echo 'the program' >store/hello-2.12/bin/hello
echo 'the shell' >store/shell-1.0/bin/sh
chmod +x store/hello-2.12/bin/hello store/shell-1.0/bin/sh
echo 'a file' >store/hello.conf
ln -s "$world/store/hello.conf" store/default.conf
ln -s default.conf store/current.conf
echo "$world/store/hello-2.12/bin/hello --config $world/store/current.conf" >store/roots.txt
printf "$world/store/%s\n" hello-2.12 hello.conf default.conf current.conf roots.txt >store-paths

echo 'The closure: a directory, a file, a symlink, a chain of symlinks, and the roots file'
echo
find store -maxdepth 1 -mindepth 1 \
  \( -type d -printf '    %p/\n' -o -type l -printf '    %p -> %l\n' -o -printf '    %p\n' \) | sort
echo
echo 'The command, and the list that it reads:'
echo
set -- --store-paths store-paths --service hello.service \
  --exclude "$world/store/roots.txt" --bin-sh "$world/store/shell-1.0/bin/sh" --out result
echo "    chroot-paths $*" | sed 's/ --exclude/ \\\n       &/'
echo
sed 's/^/    /' store-paths
"$program" "$@"
echo
echo 'The unit it wrote, result/lib/systemd/system/hello.service:'
echo
sed 's/^/    /' result/lib/systemd/system/hello.service
echo
echo "With Nix, nix/chroot-paths.nix does the same in a sandbox: see 'A derivation' in the README."
