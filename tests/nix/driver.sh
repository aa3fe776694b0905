#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Starts the services of services.nix, in the container of boot.sh. Each prints to /results, and why it
# did not start is in /results/NAME.driver.
set -u

echo secret >/etc/my-secret
echo file >/srv/of-the-host

for unit in /etc/systemd/system/my-*.service; do
  name=$(basename "$unit" .service)
  {
    if [ "$name" = my-reader ]; then systemctl start my-writer; fi
    systemctl start "$name" || journalctl -b -u "$name" -o cat
    if [ "$name" = my-reloaded ]; then systemctl reload my-reloaded; fi
    if [ "$name" = my-script ]; then systemctl stop my-script; fi
  } >"/results/$name.driver" 2>&1
done
exit 0
