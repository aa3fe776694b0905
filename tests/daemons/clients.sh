# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The clients of the confined daemons. client NAME succeeds if the daemon does its work; hold NAME stays
# connected, and has written to standard output once it is.

declare -A port=([web]=80 [cache]=6380 [login]=2222 [login@]=2223 [app]=8081 [memory]=11212 [ldap]=389 [node]=8083
  [java]=8084)

ask() { curl --silent --fail --max-time 60 "$@"; }
sql() { psql --no-psqlrc --host /run/db --port 5433 --username postgres -At "$@"; }
ssh_to() {
  sshpass -p secret ssh -p "${port[$1]}" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
    tester@127.0.0.1 "$2"
}
socks_method() {
  exec 7<>"/dev/tcp/127.0.0.1/$1"
  printf '\5\1\0' >&7
  head -c 2 <&7 | od -An -tx1
}
# answers PATTERN COMMAND...
answers() {
  local got
  got=$("${@:2}") || { echo "${*:2}: exit $?, $got"; return 1; }
  # shellcheck disable=SC2053
  [[ $got == $1 ]] || { echo "${*:2}: $got"; return 1; }
}

client() {
  case $1 in
    web)
      answers 'page 299 of revision [12]' ask http://127.0.0.1/299.html &&
        answers 'page 7 of revision [12]' ask --resolve www.test:443:127.0.0.1 https://www.test/7.html
      ;;
    cache)
      answers OK redis-cli -p 6380 set key value &&
        answers value redis-cli -s /run/cache/redis.sock get key && answers OK redis-cli -p 6380 save
      ;;
    db)
      # hstore is a library that PostgreSQL loads on demand. In German, "b" comes before "C".
      sql --quiet -c 'create extension if not exists hstore' 2>/dev/null
      answers '1|t|CE*T' sql -c "select 'a=>1'::hstore -> 'a', 'b' < 'C',
        to_char('2026-01-01'::timestamptz, 'TZ') || to_char('2026-07-01'::timestamptz, 'TZ')"
      ;;
    login | login@) answers 'tester /nix/store/*' ssh_to "$1" 'echo $USER /nix/store/*; echo >~/file' ;;
    app)
      answers '{"name": "127.0.0.1", "tls": "page 1 of revision [12]", "count": [1-9]*, "redis": "+PONG", "log": null}' \
        ask http://127.0.0.1:8081/name,tls,count,redis,log
      ;;
    activated) answers '{"user": "www-data", "count": [1-9]*}' ask http://127.0.0.1:81/user,count ;;
    ldap)
      answers '*namingContexts: dc=nodomain*' ldapsearch -x -H ldap://127.0.0.1 -s base -b '' namingContexts &&
        answers 'dn:gidNumber=0+uidNumber=0,*' ldapwhoami -Q -Y EXTERNAL -H ldapi:///
      ;;
    tor@default)
      # It offers what SOCKS 5 asks for.
      answers ' 05 00' socks_method 9050 && answers 'debian-tor 2700' stat --format='%U %a' /var/lib/tor
      ;;
    # By its configuration it listens on the loopback alone.
    mariadb) answers CE*T mariadb -N -e 'select @@system_time_zone' && grep -q ' 0100007F:0CEA ' /proc/net/tcp ;;
    avahi-daemon)
      answers 's "avahi *' busctl call org.freedesktop.Avahi / org.freedesktop.Avahi.Server GetVersionString &&
        [ -S /run/avahi-daemon/socket ]
      ;;
    named)
      answers 192.0.2.1 dig +short @127.0.0.2 named.test && rndc dumpdb &&
        answers bind stat --format=%U /var/cache/bind/named_dump.db
      ;;
    # The second visit of a session.
    php8.4-fpm)
      rm -f jar
      ask --cookie-jar jar http://127.0.0.1:8082/ && answers '1|CE*T|2' ask --cookie jar http://127.0.0.1:8082/
      ;;
    node) answers '127.0.0.1|page 1 of revision [12]|42|[1-9]*' ask http://127.0.0.1:8083/ ;;
    java) answers '127.0.0.1|page 1 of revision [12]|499500|[1-9]*' ask http://127.0.0.1:8084/ ;;
    nginx) answers '*Welcome to nginx*' ask http://127.0.0.1:8080/ ;;
    redis-server) answers OK redis-cli set key value && answers OK redis-cli save ;;
    memory)
      echo value >key && memccp --servers=127.0.0.1:11212 key && answers value memccat --servers=127.0.0.1:11212 key
      ;;
  esac
}

hold() {
  case $1 in
    db) sql -c 'select 1' -c 'select pg_sleep(3600)' ;;
    # The session ends when its standard input does.
    login | login@) ssh_to "$1" 'echo /nix/store/*; read line; echo /nix/store/*' ;;
    # No request may be refused; one that is being answered may be cut off.
    activated) while ask http://127.0.0.1:81/count || [ $? != 7 ]; do :; done ;;
    *)
      exec 9<>"/dev/tcp/127.0.0.1/${port[$1]}"
      echo connected
      cat <&9
      ;;
  esac
}
