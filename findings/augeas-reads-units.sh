#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Augeas, with which Puppet and others edit configuration, reads unit files by its lens "Systemd".
# Guess: words in double quotes are one value, and a comment between the lines of a continued value is skipped, as in
# systemd.syntax(7), since the lens knows of both quotes (in Environment=) and continued lines.
# Seen: it splits at the blanks inside of the quotes, with a quote left at either end. A comment between continued
# lines, which systemd-analyze verify accepts, makes the whole file unreadable.
. "${0%/*}/common.bash"

debian bookworm systemd augeas-tools
version augeas-tools 1.14.0
version systemd 252.39
inside bash -s <<'END_OF_SCRIPT' | tee "$work/output"
cd /etc/systemd/system
printf '[Service]\nExecStart=true\nBindReadOnlyPaths="/srv/a b"\nEnvironment="A=b c"\n' >quoted.service
printf '[Service]\nExecStart=true \\\n# a comment\n  argument\n' >continued.service
for unit in quoted continued; do
  systemd-analyze verify $unit.service 2>&1 | grep $unit.service
  printf 'transform Systemd incl %s\nload\nprint /files%s/Service\nerrors\n' "$PWD/$unit.service" "$PWD/$unit.service" |
    augtool --noautoload
done
END_OF_SCRIPT
output=$work/output
seen 'a quoted path is two' 'BindReadOnlyPaths/value\[1\] = "\\"/srv/a"$'
seen 'the second half' 'BindReadOnlyPaths/value\[2\] = "b\\""$'
seen 'in Environment= it is one' 'Environment/A = "b c"$'
seen 'a comment between continued lines cannot be read' '^Error in .*/continued.service:.* \(parse_failed\)$'
