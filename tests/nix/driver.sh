#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Starts the services of services.nix, in the container of boot.sh. Each prints to /results, and why it
# did not start is in /results/NAME.driver.
set -u

echo secret >/etc/my-secret
mkdir -p /root/my-games
echo file >/srv/of-the-host
printf '#!/bin/sh\necho from the games\n' >/root/my-games/game
chmod +x /root/my-games/game

# talk SOCKET TEXT: prints the answer.
talk() {
  perl -MIO::Socket::UNIX -e '
    my $socket = IO::Socket::UNIX->new(Peer => shift) or die $!;
    print $socket shift, "\n";
    $socket->shutdown(1);
    print <$socket>' "$@"
}

# arrives FILE: waits until it has something in it.
arrives() {
  for _ in {1..100}; do
    if [ -s "$1" ]; then return; fi
    sleep 0.1
  done
  return 1
}

# Starts the service NAME, by its socket or timer if it has one, and uses it.
try() {
  case $1 in
    my-connection@) systemctl start my-connection.socket && talk /run/my-connection called >/results/my-connection ;;
    my-activated)
      systemctl start my-activated.socket
      talk /run/my-activated called &
      arrives /results/my-activated
      ;;
    my-timer) systemctl start my-timer.timer && arrives /results/my-timer && systemctl stop my-timer.timer ;;
    my-reader) systemctl start my-writer my-reader ;;
    my-reloaded) systemctl start my-reloaded && systemctl reload my-reloaded ;;
    my-script) systemctl start my-script && systemctl stop my-script ;;
    *) systemctl start "$1" ;;
  esac
}

for unit in /etc/systemd/system/my-*.service; do
  name=$(basename "$unit" .service)
  try "$name" >"/results/$name.driver" 2>&1 || {
    journalctl -b -u "$name" -o cat >>"/results/$name.driver"
    echo failed >>"/results/$name"
  }
done
exit 0
