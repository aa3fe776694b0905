#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A forking daemon with RootDirectory= writes the file that PIDFile= names.
# Guess: PIDFile= is a path of the service, as are those of ExecStart= and WorkingDirectory=. Or, should it be a path
# of the host, systemd takes its guess at the main process, as without PIDFile=.
# Seen: it is a path of the host, and a file that is not there is waited for: the start times out, and the daemon,
# which runs, is killed. Only a directory that is the same on both sides (RuntimeDirectory=, or a bind of /run) will
# do.
# The same with 252 and 257.
. "${0%/*}/common.bash"

debian sid systemd dbus
version systemd 262.1
boot <<'END_OF_DRIVER'
mkdir -p /srv/root/{usr,run,proc,sys,dev}
ln -s usr/bin usr/lib usr/lib64 /srv/root
try() { # NAME PID-FILE PROPERTY
  cat >"/run/systemd/system/$1.service" <<END
[Service]
Type=forking
RootDirectory=/srv/root
MountAPIVFS=yes
BindReadOnlyPaths=/usr
PIDFile=$2
$3
TimeoutStartSec=3
ExecStart=sh -c 'sleep infinity & echo \$! >$2; ls $2'
END
  systemctl start "$1" 2>/dev/null
  echo "$1: $(systemctl is-active "$1"), $(systemctl show --property Result "$1")"
  journalctl --quiet --output cat --unit "$1" | grep -e ^/run -e 'PID file'
}
try own /run/own.pid
try shared /run/shared/pid RuntimeDirectory=shared
END_OF_DRIVER
seen 'the daemon has written its file' '^/run/own.pid$'
seen 'the start times out nevertheless' '^own: failed, Result=timeout$'
seen 'since the file is looked for on the host' "^own.service: Can't open PID file .*No such file or directory"
seen 'a runtime directory is on both sides' '^shared: active, Result=success$'
