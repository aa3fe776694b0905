#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: nix-env --install of a package that is one file, such as a unit or a script, puts it into the profile or
#        fails.
# Seen:  "installing", a warning among the messages of the build, status 0, and a new generation that lists the
#        package and does not have it. nix-env --set takes the file as it is.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

nix trixie 2.26.3+dfsg

within <<'EOF'
set -eu
file=$(build 'run "file" { } "echo text >$out"')
nix-env --profile /tmp/profile --install "$file" 2>&1 | sed 's/^/install: /'
echo "status ${PIPESTATUS[0]}"
echo "listed: $(nix-env --profile /tmp/profile --query)"
echo "in the profile: $(ls /tmp/profile/)"
nix-env --profile /tmp/set --set "$file"
echo "set: $(cat /tmp/set)"
EOF

seen 'it says so' "^install: warning: not including '/nix/store/.*-file'.* not a directory"
seen 'it succeeds' '^status 0'
seen 'it lists the package' '^listed: file'
seen 'there is none' '^in the profile: manifest.nix$'
seen 'a profile can be a file' '^set: text'
