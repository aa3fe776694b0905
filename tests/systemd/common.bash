# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the drivers of booted.bash share. They run as root in the booted container, and write to /results.
set -u
export LC_ALL=C
cd /results || exit

# shellcheck source=/dev/null
. /packages
LOOK=$PROBE/bin/probe

systemctl() { command systemctl --no-pager --quiet "$@" </dev/null; }

# tell_results SERVICE...: how these ended.
tell_results() {
  paste -d ' ' <(printf '%s\n' "$@") <(systemctl show --property=Result --value "$@" | grep .) >>/results/results
}

# until_so COMMAND...: waits until it succeeds.
until_so() {
  for _ in {1..600}; do
    if "$@"; then return; fi
    sleep 0.05
  done
  return 1
}

keep_journal() { journalctl --no-pager --output=short-monotonic >>/results/journal; }

systemd-sysusers --inline 'u static-user - - /' 2>/dev/null
mkdir -p /var/empty
