# SPDX-License-Identifier: MIT
#
# What the confined daemons run: packages of Debian as store paths, one each, and their
# configuration where it belongs to the program. DEBIAN is what debian.sh has written. Another
# REVISION gives other store paths. The names are those of the services, without an instance.
{ debian, revision }:

let
  inherit (builtins)
    currentSystem
    filter
    genList
    isString
    mapAttrs
    readDir
    readFile
    split
    toFile
    ;

  lines = file: filter (line: isString line && line != "") (split "\n" (readFile file));

  # Programs and libraries find each other by store path, so that Nix knows the references.
  packages = mapAttrs (
    name: _:
    derivation {
      inherit name;
      system = currentSystem;
      builder = "/bin/bash";
      args = [ ./debian-builder.sh ];
      files = /. + "${debian}/${name}/files";
      needs = map (need: packages.${need}) (lines "${debian}/${name}/needs");
    }
  ) (readDir debian);

  # Nix kills a builder that closes its output before it exits, as commands of coreutils do. With
  # "exit", bash does not become the last command.
  run =
    name: text:
    derivation {
      inherit name revision;
      system = currentSystem;
      builder = "/bin/bash";
      args = [
        "-euc"
        "export PATH=/usr/bin\nmkdir -p $out/bin\n${text}\nexit"
      ];
    };

  # A program under another name.
  renamed = name: program: "${run name "ln -s ${program} $out/bin/${name}"}/bin/${name}";
  sh = renamed "sh" "${packages.dash}/bin/dash";
  redis = renamed "redis-server" "${packages.redis-tools}/bin/redis-check-rdb";

  # Python finds its library relative to its program.
  app = run "app" ''
    for part in ${packages."python3.13-minimal"} ${packages."libpython3.13-minimal"} \
      ${packages."libpython3.13-stdlib"}; do
      cp -r $part/. $out
      chmod -R u+w $out
    done
    { echo "#!$out/bin/python3.13"; cat ${./app.py}; } >$out/bin/app
    chmod +x $out/bin/app
  '';

  page = n: toFile "${toString n}.html" "page ${toString n} of revision ${revision}\n";
in
mapAttrs (name: programs: run name "ln -s ${programs} $out/bin") {
  activated = "${app}/bin/app";
  avahi-daemon = "${packages.avahi-daemon}/sbin/avahi-daemon";
  cache = redis;
  db = "${packages.postgresql-17}/lib/postgresql/17/bin/{postgres,initdb} ${sh}";
  ldap = "${packages.slapd}/sbin/slapd";
  memory = "${packages.memcached}/bin/memcached";
  named = "${packages.bind9}/sbin/named ${packages.bind9-utils}/sbin/rndc";
  nginx = "${packages.nginx}/sbin/nginx";
  redis-server = redis;
  tor = "${packages.tor}/bin/tor ${sh}";
  # To look around in a service.
  tools = "${packages.coreutils}/bin/{cat,id,ls,sleep,touch} ${sh}";
}
// {
  inherit app;

  # A site of 300 store paths.
  web = run "web" ''
    mkdir $out/html
    ln -s ${packages.nginx}/sbin/nginx $out/bin
    for page in ${toString (genList page 300)}; do ln -s $page $out/html/''${page#*-}; done
    sed "s,@out@,$out," ${./nginx.conf} >$out/nginx.conf
  '';

  login = run "login" ''
    ln -s ${packages.openssh-server}/sbin/sshd ${packages.libpam-modules-bin}/sbin/unix_chkpwd \
      ${sh} $out/bin
    sed "s,@openssh@,${packages.openssh-server}," ${./sshd_config} >$out/sshd_config
    # As on NixOS, the modules have their store paths.
    for kind in auth account session; do
      echo "$kind required $(echo ${packages.libpam-modules}/lib/*/security/pam_unix.so)"
    done >$out/pam
  '';

  mariadb = run "mariadb" ''
    ln -s ${packages.mariadb-server-core}/sbin/mariadbd $out/bin
    ln -s ${packages.mariadb-server-core}/share $out
  '';

  php = run "php8.4-fpm" ''
    mkdir $out/extensions
    ln -s ${packages."php8.4-fpm"}/sbin/php-fpm8.4 ${sh} $out/bin
    for package in ${packages."php8.4-common"} ${packages."php8.4-opcache"} \
      ${packages."php8.4-readline"}; do
      ln -s $package/lib/php/*/*.so $out/extensions
    done
  '';

  node = run "node" ''
    ln -s ${packages.nodejs}/bin/node $out/bin
    cp ${./app.js} $out/app.js
  '';

  java = run "java" ''
    ln -s ${packages.openjdk-21-jre-headless}/lib/jvm/java-21-openjdk-*/bin/java $out/bin
    cp ${./App.java} App.java
    $out/bin/java -m jdk.compiler/com.sun.tools.javac.Main -encoding UTF-8 -d $out App.java
  '';
}
