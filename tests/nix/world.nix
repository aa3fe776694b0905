# SPDX-License-Identifier: MIT
#
# Small packages that refer to each other, built in the sandbox by a static busybox, and the units
# that chroot-paths makes for them. HELPER and BUSYBOX are directories with a bin directory.
{ helper, busybox }:

let
  import' = name: path: builtins.path { inherit name path; };
  tools = import' "busybox" busybox;
  chroot-paths = import' "chroot-paths" helper;

  run =
    name: attributes: script:
    derivation (
      attributes
      // {
        inherit name;
        system = builtins.currentSystem;
        builder = "${tools}/bin/busybox";
        args = [
          "sh"
          "-euc"
          ''
            ${tools}/bin/busybox mkdir bin
            ${tools}/bin/busybox --install -s bin
            PATH=$PWD/bin
            ${script}
          ''
        ];
      }
    );

  closureInfo = import ./nixpkgs/closure-info.nix run;

  packages = {
    codec = run "codec" { } "mkdir -p $out/lib; echo code > $out/lib/codec";
    data = builtins.toFile "data" "some data";
    link = run "link" { } "ln -s ${packages.codec}/lib $out";
    program = run "program" { } ''
      mkdir -p $out/bin $out/share
      echo ${packages.codec} ${packages.data} ${packages.link} $out > $out/bin/program
      chmod +x $out/bin/program
    '';
    user = run "user" { } "echo ${packages.program} > $out";
    shell = run "shell" { } ''
      mkdir -p $out/bin
      echo sh > $out/bin/ash
      chmod +x $out/bin/ash
      ln -s ash $out/bin/sh
      ln -s ash $out/bin/dash
    '';
    several = run "several" {
      outputs = [
        "bin"
        "out"
      ];
    } "echo bin > $bin; echo out > $out";
    dangling = run "dangling" { } "ln -s /nix/store/none $out";
    outside = run "outside" { } "ln -s /srv/nowhere $out";
    linked = run "linked" { } ''
      mkdir -p $out/dir
      seq 10000 > $out/dir/one
      ln $out/dir/one $out/dir/two
      ln -s dir/one $out/symlink
    '';
    unrelated = run "unrelated" { } "echo unrelated > $out";
  };

  roots = run "roots" { } "echo ${packages.user} ${packages.link} ${packages.shell}/bin/sh > $out";

  unitBy =
    closureInfo: arguments:
    import ../../nix/chroot-paths.nix
      {
        helper = chroot-paths;
        inherit closureInfo;
      }
      (
        {
          name = "test";
          packages = [ packages.user ];
        }
        // arguments
      );
in
{
  inherit
    packages
    chroot-paths
    closureInfo
    run
    import'
    ;

  # The unit of a service with these arguments, whose closure Nix lists, or closureInfo.
  unitOf = unitBy null;
  unitByInfo = unitBy closureInfo;

  # What the module of nixpkgs makes: a file with the roots of the closure, and the unit, with a
  # script like its own as the builder.
  inherit roots;
  original =
    run "original"
      {
        closureInfo = closureInfo { rootPaths = roots; };
        excludedPath = roots;
        binSh = "${packages.shell}/bin/dash";
      }
      ''
        {
          echo '[Service]'
          echo "BindReadOnlyPaths=$(readlink -f $binSh):/bin/sh"
          while read -r path; do
            if [ -L $path ]; then
              echo "BindReadOnlyPaths=$(readlink -f $path):$path"
            elif [ $path != $excludedPath ]; then
              echo "BindReadOnlyPaths=$path"
            fi
          done <$closureInfo/store-paths
        } >$out
      '';
}
