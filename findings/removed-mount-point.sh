#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# While a service runs, someone on the host removes the empty directory (or the file) that a bind of the service
# covers.
# Guess: "Device or resource busy", as for any mount point; or else the bind stays, since it is a mount of its own.
# Seen: rmdir and rm succeed, and the mount is gone from the running service in that moment: the kernel (3.18 and
# later) detaches what other mount namespaces have mounted there. systemd and the journal do not notice.
. "${0%/*}/common.bash"

debian sid systemd dbus
version systemd 262.1
echo "== Linux $(uname -r | cut -d . -f 1,2)"
boot <<'END_OF_DRIVER'
mkdir -p /srv/{wanted,root/directory}
echo content >/srv/wanted/file
touch /srv/root/file
mount --bind /srv/wanted /srv/root/directory
rmdir /srv/root/directory 2>&1
umount /srv/root/directory
systemd-run --quiet --unit test -p BindReadOnlyPaths=/srv/wanted:/srv/root/directory \
  -p BindReadOnlyPaths=/srv/wanted/file:/srv/root/file -p StandardOutput=truncate:/tmp/out \
  sh -c 'while :; do cat /srv/root/directory/file /srv/root/file; echo; sleep 0.2; done'
sleep 1
echo "before: $(head -n 2 /tmp/out | xargs)"
rmdir -v /srv/root/directory
rm -v /srv/root/file
sleep 1
echo "after: $(tail -n 3 /tmp/out | xargs), $(systemctl is-active test)"
echo "mounts left: $(grep -c /srv/root "/proc/$(systemctl show --value --property MainPID test)/mountinfo")"
journalctl --quiet --output cat --unit test | grep -v Started | sort -u
END_OF_DRIVER
seen 'in its own namespace a mount point is busy' '^rmdir: .*Device or resource busy'
seen 'both binds are there' '^before: content content$'
seen 'the directory goes' "^rmdir: removing directory, '/srv/root/directory'"
seen 'and both mounts with what they covered, in a service that runs on' \
  '^after: cat: .*No such file or directory, active$'
seen 'nothing is left of them' '^mounts left: 0$'
