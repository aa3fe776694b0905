# SPDX-License-Identifier: MIT
#
# What the confined daemons run: packages of Debian, and their configuration where it belongs to
# the program. FILE is the output of debian.sh. Another REVISION gives other store paths.
{ file, revision }:

let
  inherit (builtins) currentSystem genList toFile;

  debian = import ./debian.nix {
    inherit file revision;
    revised = [
      "nginx"
      "redis-tools"
      "postgresql-17"
      "openssh-server"
      "libpython3.13-stdlib"
      "memcached"
      "slapd"
      "tor"
      "mariadb-server-core"
      "avahi-daemon"
      "bind9"
      "php8.4-fpm"
    ];
  };

  # Nix kills a builder that closes its output before it exits, as commands of coreutils do. With
  # "exit", bash does not become the last command.
  run =
    name: environment: text:
    derivation (
      environment
      // {
        inherit name revision;
        system = currentSystem;
        builder = "/bin/bash";
        args = [
          "-euc"
          "export PATH=/usr/bin\n${text}\nexit"
        ];
      }
    );

  sh = "${debian.dash}/bin/dash";
in
{
  # A site of 300 store paths.
  web =
    run "web"
      {
        inherit (debian) nginx;
        pages = genList (
          n: toFile "${toString n}.html" "page ${toString n} of revision ${revision}\n"
        ) 300;
      }
      ''
        mkdir -p $out/bin $out/html
        ln -s $nginx/sbin/nginx $out/bin/nginx
        for page in $pages; do ln -s $page $out/html/''${page#*-}; done
        sed "s,@out@,$out," ${./nginx.conf} >$out/nginx.conf
      '';

  nginx = run "nginx" { inherit (debian) nginx; } ''
    mkdir -p $out/bin
    ln -s $nginx/sbin/nginx $out/bin/nginx
  '';

  redis = run "redis" { redis = debian.redis-tools; } ''
    mkdir -p $out/bin
    ln -s $redis/bin/redis-check-rdb $out/bin/redis-server
  '';

  postgresql = run "postgresql" { postgresql = debian.postgresql-17; } ''
    mkdir -p $out/bin
    ln -s $postgresql/lib/postgresql/17/bin/{postgres,initdb} $out/bin
    ln -s ${sh} $out/bin/sh
  '';

  openssh =
    run "openssh"
      {
        openssh = debian.openssh-server;
        pam = debian.libpam-modules;
        helper = debian.libpam-modules-bin;
      }
      ''
        mkdir -p $out/bin
        ln -s $openssh/sbin/sshd $helper/sbin/unix_chkpwd $out/bin
        ln -s ${sh} $out/bin/sh
        sed "s,@openssh@,$openssh," ${./sshd_config} >$out/sshd_config
        # As on NixOS, the modules have their store paths.
        for kind in auth account session; do
          echo "$kind required $(echo $pam/lib/*/security/pam_unix.so)"
        done >$out/pam
      '';

  # Python finds its library relative to its program.
  python =
    run "python"
      {
        parts = [
          debian."python3.13-minimal"
          debian."libpython3.13-minimal"
          debian."libpython3.13-stdlib"
        ];
      }
      ''
        mkdir $out
        for part in $parts; do cp -r $part/. $out; chmod -R u+w $out; done
        { echo "#!$out/bin/python3.13"; cat ${./app.py}; } >$out/bin/app
        chmod +x $out/bin/app
      '';

  memcached = run "memcached" { inherit (debian) memcached; } ''
    mkdir -p $out/bin
    ln -s $memcached/bin/memcached $out/bin/memcached
  '';

  ldap = run "ldap" { inherit (debian) slapd; } ''
    mkdir -p $out/bin
    ln -s $slapd/sbin/slapd $out/bin/slapd
  '';

  tor = run "tor" { inherit (debian) tor; } ''
    mkdir -p $out/bin
    ln -s $tor/bin/tor $out/bin/tor
    ln -s ${sh} $out/bin/sh
  '';

  mariadb = run "mariadb" { mariadb = debian.mariadb-server-core; } ''
    mkdir -p $out/bin
    ln -s $mariadb/sbin/mariadbd $out/bin/mariadbd
    ln -s $mariadb/share $out/share
  '';

  avahi = run "avahi" { avahi = debian.avahi-daemon; } ''
    mkdir -p $out/bin
    ln -s $avahi/sbin/avahi-daemon $out/bin/avahi-daemon
  '';

  named = run "named" { bind = debian.bind9; utils = debian.bind9-utils; } ''
    mkdir -p $out/bin
    ln -s $bind/sbin/named $utils/sbin/rndc $out/bin
  '';

  php =
    run "php"
      {
        fpm = debian."php8.4-fpm";
        extensions = [
          debian."php8.4-common"
          debian."php8.4-opcache"
          debian."php8.4-readline"
        ];
      }
      ''
        mkdir -p $out/bin $out/extensions
        ln -s $fpm/sbin/php-fpm* $out/bin/php-fpm
        ln -s ${sh} $out/bin/sh
        for package in $extensions; do ln -s $package/lib/php/*/*.so $out/extensions; done
      '';

  node = run "node" { inherit (debian) nodejs; } ''
    mkdir -p $out/bin
    ln -s $nodejs/bin/node $out/bin/node
    cp ${./app.js} $out/app.js
  '';

  java = run "java" { jre = debian.openjdk-21-jre-headless; } ''
    mkdir -p $out/bin
    ln -s $jre/lib/jvm/java-21-openjdk-*/bin/java $out/bin/java
    cp ${./App.java} App.java
    $out/bin/java -m jdk.compiler/com.sun.tools.javac.Main -encoding UTF-8 -d $out App.java
  '';

  # To look around in a service.
  tools = run "tools" { inherit (debian) coreutils; } ''
    mkdir -p $out/bin
    ln -s $coreutils/bin/{cat,id,ls,sleep,touch} $out/bin
    ln -s ${sh} $out/bin/sh
  '';
}
