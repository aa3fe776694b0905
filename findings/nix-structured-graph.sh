#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: exportReferencesGraph takes the same with structured attributes as without: a path in a package stands for
#        the package, and a list in a list counts as one. All versions agree on it.
# Seen:  without structured attributes, all take a path in a package. With them, 2.8 says that it "is not in the Nix
#        store", and later ones take it. A list in a list is a JSON type error in 2.8 and 2.26, and works in 2.34;
#        without them, it is flattened to text, so that the second path is read as a name. A string instead of a
#        list works in all.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

look() { # SUITE VERSION
  nix "$@"
  within <<'EOF'
try() { # NAME ATTRIBUTES
  echo "$1: $(build '
    let a = run "a" { } "mkdir $out; echo > $out/file"; b = run "b" { } "echo > $out"; in
    run "graph" { '"$2"' } "
      if [ -e .attrs.json ]; then
        out=$(tr , \"\\n\" <.attrs.json | grep -o \"/nix/store/[^\\\"]*-graph\")
        tr , \"\\n\" <.attrs.json | grep \"\\\"path\\\"\" >$out
      else
        cp graph $out
      fi"' 2>&1 | tail -n 2 | tr '\n' ' ')"
}
try 'plain file' 'exportReferencesGraph = [ "graph" "${a}/file" ];'
try 'plain nested' 'exportReferencesGraph = [ "graph" [ a b ] ];'
try 'structured file' '__structuredAttrs = true; exportReferencesGraph.graph = [ "${a}/file" ];'
try 'structured nested' '__structuredAttrs = true; exportReferencesGraph.graph = [ a [ b ] ];'
try 'structured string' '__structuredAttrs = true; exportReferencesGraph.graph = "${a}";'
EOF
  seen 'without structured attributes, a path in a package works' '^plain file: /nix/store/.*-graph $'
  seen 'a list in a list does not' '^plain nested: .*odd number of tokens'
  seen 'a string works for a list' '^structured string: /nix/store/.*-graph $'
}

look bookworm 2.8.0
seen 'structured, a path in a package does not work' '^structured file: .*is not in the Nix store'
seen 'nor a list in a list' '^structured nested: .*json.exception.type_error'

look trixie 2.26.3+dfsg
seen 'structured, a path in a package works' '^structured file: /nix/store/.*-graph $'
seen 'a list in a list does not' '^structured nested: .*json.exception.type_error'

look sid 2.34.8+dfsg
seen 'structured, a path in a package works' '^structured file: /nix/store/.*-graph $'
seen 'a list in a list does, too' '^structured nested: /nix/store/.*-graph $'
