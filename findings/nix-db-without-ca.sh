#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: nix-store --dump-db and --load-db carry over the database of a store whole, as from a backup;
#        --check-validity and -qR then fail for a path whose files are not there.
# Seen:  the dump has neither the content address nor the signatures. A path that needed no signature, as its name
#        proves its content, has none to prove it after the way through the dump. Valid is what the database says:
#        with the files gone, --check-validity and -qR still succeed, and a build does not make the path anew.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

nix trixie 2.26.3+dfsg jq

within <<'EOF'
set -eu
package='run "package" { } "echo > $out"'
text=$(nix-store --add /conf/lib.nix)
path=$(build "$package")
show() { echo "$1: $(nix path-info --json "$text" "$path" | jq -c '.[] | [.ca, .ultimate]' | tr '\n' ' ')"; }
show before
nix-store --dump-db >/tmp/dump
rm -r /nix/var/nix/db
nix-store --load-db </tmp/dump
show after
chmod -R u+w "$path"
rm -r "$path"
nix-store --check-validity "$path" && echo 'valid without files'
nix-store -qR "$path" >/dev/null && echo 'closure without files'
build "$package" >/dev/null && echo "built, files: $(ls -d "$path" 2>/dev/null | wc -l)"
EOF

seen 'before, a content address and a build of our own' '^before: .*"fixed:r:sha256:.*\[null,true\]'
seen 'after, neither' '^after: \[null,false\] \[null,false\]'
seen 'a path without files is valid' '^valid without files'
seen 'it has a closure' '^closure without files'
seen 'it is not built again' '^built, files: 0'
