#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guess: guix-daemon, which descends from Nix' and writes the same references graphs, knows passAsFile and
#        structured attributes, too, or refuses a derivation that asks for them.
# Seen:  it knows neither, and says nothing. The text stays in the environment, where one string can have 128 KiB,
#        and there is no textPath; __structuredAttrs and __json are two more variables, and there is no .attrs.json.
#        The references graph is there, in the format and order of Nix.
# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"
# shellcheck source=findings/nix.bash
. "$(dirname "$0")/nix.bash"

# debootstrap does not resolve what guile-gcrypt depends on.
debian sid guix guile-3.0 libgcrypt20-dev libgpg-error-dev busybox-static
version guix 1.5.0

within <<'EOF'
set -eu
mkdir -p /gnu/store /var/guix
mount -t tmpfs none /gnu/store
guix-daemon --disable-chroot --no-substitutes --listen=/tmp/socket >/tmp/log 2>&1 &
until [ -S /tmp/socket ]; do sleep 0.2; done
cat >/tmp/build.scm <<'END'
(use-modules (guix store) (guix derivations) (ice-9 textual-ports))
(define store (open-connection "/tmp/socket"))
(set-build-options store #:use-substitutes? #f)
(define busybox (add-to-store store "busybox" #t "sha256" "/tmp/busybox"))
(define script "cat graph >$out; ls -a >>$out; env >>$out")
(define item
  (derivation store "item" (string-append busybox "/bin/busybox") (list "sh" "-euc" script)
              #:env-vars `(("PATH" . ,(string-append busybox "/bin"))
                           ("passAsFile" . "text") ("text" . "some text")
                           ("__structuredAttrs" . "1") ("__json" . "{\"text\":\"other\"}"))
              #:references-graphs `(("graph" . ,busybox))
              #:sources (list busybox)))
(build-derivations store (list item))
(display (call-with-input-file (derivation->output-path item) get-string-all))
END
guix repl /tmp/build.scm 2>/dev/null
kill %1
EOF

seen 'the references graph is there' '^/gnu/store/[a-z0-9]*-busybox$'
seen 'the text is in the environment' '^text=some text$'
unseen 'there is no file with it' '^textPath='
seen 'structured attributes are a variable' '^__json='
unseen 'there is no file with them' '\.attrs'
