# SPDX-License-Identifier: MIT
#
# What the tests need of the closureInfo of nixpkgs. RUN is like runCommand.
run:
{ rootPaths }:

run "closure-info"
  {
    exportReferencesGraph = builtins.concatMap (path: [
      "graph-${builtins.substring 0 8 (builtins.hashString "sha256" "${path}")}"
      path
    ]) (if builtins.isList rootPaths then rootPaths else [ rootPaths ]);
  }
  ''
    mkdir $out
    for graph in graph-*; do
      while read -r path; do
        echo "$path"
        read -r deriver
        read -r count
        for i in $(seq "$count"); do read -r reference; done
      done <"$graph"
    done | sort -u >$out/store-paths
  ''
