#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: nix store diff-closures tells whether an update changes a service: it names each package that is another
#        one.
# Seen:  it compares names and versions, and sizes where they differ by much. A package that was rebuilt with
#        another configuration has the same name and version and nearly the same size, so that two closures without
#        a common path have no difference: no output, status 0.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

nix trixie 2.26.3+dfsg

within <<'EOF'
set -eu
app() { # VERSION SETTING
  build 'run "app-'"$1"'" {
    library = run "library-2.0" { } "busybox seq '"$2"' >$out";
  } "echo '"$2"' $library >$out"'
}
old=$(app 1.0 1)
for new in "1.0 2" "1.0 9000" "1.1 2"; do
  # shellcheck disable=SC2086
  path=$(app $new)
  both=$(nix-store -qR "$old" "$path" | sort | uniq -d | wc -l)
  nix store diff-closures "$old" "$path" >/tmp/out && status=0 || status=$?
  echo "$new: $both paths in common, status $status, $(wc -l </tmp/out) lines"
  cat /tmp/out
done
EOF

seen 'another configuration is no difference' '^1.0 2: 0 paths in common, status 0, 0 lines'
seen 'another size is one' '^1.0 9000: 0 paths in common, status 0, 1 lines'
seen 'so is another version' '^1.1 2: 0 paths in common, status 0, 1 lines'
