#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: builtins.storePath gives the same string with a context: the store path at its beginning.
# Seen:  where a part of the path below the package is a symlink, it is followed, also into another package. Text
#        and context are then those of where it ends: the package that was named is in neither, and nothing keeps
#        it.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

nix trixie 2.26.3+dfsg

within <<'EOF'
set -eu
profile=$(build '
  let hello = run "hello" { } "mkdir -p $out/bin; echo > $out/bin/hello"; in
  run "profile" { } "mkdir $out; ln -s ${hello}/bin $out/bin; echo > $out/manifest"')
for path in "$profile/bin/hello" "$profile/bin" "$profile/manifest"; do
  echo "${path:44} -> $(evaluate '
    let string = builtins.storePath "'"$path"'"; name = path: builtins.substring 44 (-1) path; in
    "${name string} of ${toString (map name (builtins.attrNames (builtins.getContext string)))}"')"
done
EOF

seen 'a program in a linked directory is of the other package' '^profile/bin/hello -> "hello/bin/hello of hello"'
seen 'a link at the end is followed, too' '^profile/bin -> "hello/bin of hello"'
seen 'without a link, nothing is replaced' '^profile/manifest -> "profile/manifest of profile"'
