#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# InaccessiblePaths=/srv/place, and a bind to a directory below it.
# Guess: as with TemporaryFileSystem=/srv/place, the bind is there and all else of the directory is hidden. If the two
# cannot go together, the start fails, since a bind whose source is there is mandatory without a leading dash.
# Seen: the service starts, without the bind and without a word in the journal at the default log level.
# The same with 252 and 257.
. "${0%/*}/common.bash"

debian sid systemd dbus
version systemd 262.1
boot <<'END_OF_DRIVER'
mkdir -p /srv/wanted /srv/place/below
echo content >/srv/wanted/file
for hidden in TemporaryFileSystem InaccessiblePaths; do
  systemd-run --quiet --wait --pipe --unit "$hidden" --description test -p $hidden=/srv/place \
    -p BindReadOnlyPaths=/srv/wanted:/srv/place/below sh -c 'cat /srv/place/below/file; echo ran' 2>&1 |
    sed "s/^/$hidden: /"
  echo "$hidden: words in the journal: $(journalctl --quiet --output cat --unit "$hidden" | grep -c /srv/)"
done
END_OF_DRIVER
seen 'a bind below a TemporaryFileSystem= is there' '^TemporaryFileSystem: content$'
seen 'a bind below an inaccessible path is not' '^InaccessiblePaths: cat: .*below/file: No such file'
seen 'and yet the service ran' '^InaccessiblePaths: ran$'
seen 'and nothing says why' '^InaccessiblePaths: words in the journal: 0$'
