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
OURS=/usr/local/lib/systemd/system
# As nix/confinement.nix sets them for root = "tmpfs" and mode = "chroot-only". Each service has a directory of its own:
# with some settings, systemd makes directories there instead of in the tmpfs.
CHROOT_ONLY='RootDirectory=/var/empty/%n;TemporaryFileSystem=/;PrivateMounts=yes;MountAPIVFS=no;PrivateDevices=no'
CHROOT_ONLY+=';PrivateTmp=no;PrivateUsers=no;ProtectControlGroups=no;ProtectKernelModules=no;ProtectKernelTunables=no'
made=()

systemctl() { command systemctl --no-pager --quiet "$@" </dev/null; }

# service NAME SETTINGS COMMAND...: makes a service that runs each COMMAND. The semicolons between the SETTINGS become
# newlines. Their drop-in comes after that of the program.
service() {
  local unit=/etc/systemd/system/$1.service settings=$2
  made+=("$1.service")
  mkdir -p "$unit.d" "/var/empty/$1.service"
  shift 2
  printf '%s\n' '[Service]' Type=oneshot StandardOutput=append:/results/%N.out StandardError=inherit \
    SyslogIdentifier=%N "${@/#/ExecStart=}" >"$unit"
  printf '%s\n' '[Service]' "${settings//;/$'\n'}" >"$unit.d/later.conf"
}

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
