#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# PrivateUsers=managed (systemd 262) in a service, on a system where systemd-mountfsd does not run.
# Guess: the service fails, as with each setting that cannot be carried out, or runs without a user namespace.
# Seen: it is not run, and counts as a success: "Failed at step SUCCESS", exit status 0, "Finished". What waits for it
# goes on.
. "${0%/*}/common.bash"

debian sid systemd dbus
version systemd 262.1
boot <<'END_OF_DRIVER'
cd /run/systemd/system
printf '[Service]\nType=oneshot\nPrivateUsers=managed\nExecStart=touch /run/ran\n' >test.service
printf '[Unit]\nRequires=test.service\nAfter=test.service\n[Service]\nType=oneshot\nExecStart=ls /run/ran\n' \
  >after.service
systemctl start test
echo "start: $?, $(systemctl show --property Result,ExecMainStatus test | xargs)"
if [ -e /run/ran ]; then echo 'it ran'; else echo 'it did not run'; fi
systemctl start after 2>/dev/null
journalctl --quiet --output cat --boot --unit test --unit after
END_OF_DRIVER
seen 'the start succeeds' '^start: 0, Result=success ExecMainStatus=0$'
seen 'nothing has run' '^it did not run$'
seen 'the journal says why' '^test.service: Failed to connect to mountfsd'
seen 'and calls it a failure and a success' '^test.service: Failed at step SUCCESS spawning'
seen 'a service that requires it starts' '^Starting after.service'
