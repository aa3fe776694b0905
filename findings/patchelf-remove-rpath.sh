#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: patchelf --remove-rpath takes a store path out of a program, so that it leaves its closure. To set an empty
#        rpath is the weaker way.
# Seen:  --remove-rpath (as chrpath -d and --remove-needed) only drops the pointer. The text stays in the file,
#        strip leaves it, and Nix finds the reference. --set-rpath '' and --set-interpreter overwrite the old text.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

nix trixie 2.26.3+dfsg patchelf chrpath binutils
version patchelf 0.18.0
version chrpath 0.18
version binutils 2.44

within <<'EOF'
set -eu
# The builder has the tools of the suite.
echo 'extra-sandbox-paths = /usr /lib /lib64' >>/conf/nix.conf
while read -r name how; do
  export name how
  path=$(build '
    let library = run "library" { } "mkdir $out; echo > $out/lib"; in
    run (builtins.getEnv "name") { inherit library; } ("
      PATH=$PATH:/usr/bin
      cp /usr/bin/patchelf $out
      chmod u+w $out
    " + builtins.getEnv "how")')
  echo "$name: $(nix-store -q --references "$path" | grep -c -- '-library$' || :)" \
    "rpath '$(patchelf --print-rpath "$path")' interpreter $(patchelf --print-interpreter "$path")"
done <<'END'
set patchelf --set-rpath $library/lib $out
empty patchelf --set-rpath $library/lib $out; patchelf --set-rpath '' $out
remove patchelf --set-rpath $library/lib $out; patchelf --remove-rpath $out
stripped patchelf --set-rpath $library/lib $out; patchelf --remove-rpath $out; strip $out
chrpath patchelf --set-rpath $library/lib $out; chrpath -d $out
needed patchelf --add-needed $library/lib $out; patchelf --remove-needed $library/lib $out
interpreter patchelf --set-interpreter $library/lib $out; patchelf --set-interpreter /lib64/ld-linux-x86-64.so.2 $out
END
EOF

seen 'an rpath is a reference' '^set: 1 '
seen 'an empty rpath is none' "^empty: 0 rpath '' "
seen 'another interpreter is none' '^interpreter: 0 '
for name in remove stripped chrpath needed; do seen "$name leaves the reference" "^$name: 1 rpath '' "; done
