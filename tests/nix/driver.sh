#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Starts the services of services.nix, in the container of boot.sh. Each prints to /results, and what the
# driver finds out about it is in /results/NAME.driver.
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

# The sockets are started, and the timer, instead of their services.
for unit in /etc/systemd/system/my-*.service; do
  name=${unit##*/}
  name=${name%.service}
  case $name in
    my-connection@) systemctl start my-connection.socket && talk /run/my-connection called >/results/my-connection ;;
    my-activated) systemctl start $name.socket && talk /run/$name called & sleep 0.5 ;;
    my-timer)
      systemctl start $name.timer
      for _ in {1..50}; do
        if [ -s /results/$name ]; then break; fi
        sleep 0.1
      done
      systemctl stop $name.timer
      ;;
    my-reader) systemctl start my-writer && systemctl start $name ;;
    my-reloaded) systemctl start $name && systemctl reload $name ;;
    my-script) systemctl start $name && systemctl stop $name ;;
    *) systemctl start "$name" ;;
  esac >"/results/$name.driver" 2>&1 || {
    journalctl -b -u "$name" -o cat >>"/results/$name.driver"
    echo failed >>"/results/$name"
  }
done
exit 0
