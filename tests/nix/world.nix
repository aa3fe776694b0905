# SPDX-License-Identifier: MIT
#
# Small packages that refer to each other, built in the sandbox by a static busybox, and the units
# that chroot-paths makes for them. HELPER and BUSYBOX are directories with a bin directory. README
# is a file with the example of README.md for another builder, as a function.
{
  helper,
  busybox,
  readme ? null,
}:

let
  import' = name: path: builtins.path { inherit name path; };
  tools = import' "busybox" busybox;

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

  # The interface is that of closureInfo in nixpkgs.
  closureInfo =
    { rootPaths }:
    run "closure-info"
      {
        exportReferencesGraph = [
          "graph"
          rootPaths
        ];
      }
      ''
        mkdir $out
        while read -r path; do
          echo "$path"
          read -r deriver
          read -r count
          for i in $(seq "$count"); do read -r reference; done
        done < graph > $out/store-paths
      '';

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

  chrootPaths = import ../../nix/chroot-paths.nix { helper = import' "chroot-paths" helper; };
  chrootPathsWithInfo = import ../../nix/chroot-paths.nix {
    helper = import' "chroot-paths" helper;
    inherit closureInfo;
  };
  both = arguments: {
    graph = chrootPaths arguments;
    info = chrootPathsWithInfo arguments;
  };
  # The unit of a service with these ARGUMENTS.
  unitOf =
    arguments:
    chrootPaths (
      {
        name = "test";
        packages = [ packages.user ];
      }
      // arguments
    );
  raw =
    attributes:
    derivation (
      attributes
      // {
        name = "raw";
        system = builtins.currentSystem;
        builder = "${import' "chroot-paths" helper}/bin/chroot-paths";
      }
    );
in
{
  inherit
    packages
    closureInfo
    run
    import'
    unitOf
    ;

  asPackages = both {
    name = "test";
    packages = [
      packages.user
      packages.link
    ];
  };
  asStrings = both {
    name = "test";
    packages = [
      "run ${packages.user} --with 'some arguments'"
      "${packages.link}"
    ];
  };
  asOneLongString = both {
    name = "test";
    packages = [
      (builtins.concatStringsSep "\n" (
        [ "${packages.link}" ] ++ builtins.genList (n: "word ${toString n} ${packages.user}") 4000
      ))
    ];
  };
  withShell = both {
    name = "test";
    packages = [ packages.codec ];
    binSh = "${packages.shell}/bin/sh";
  };
  nothing = both {
    name = "test";
    packages = [ ];
  };
  confined =
    let
      service = disallowedPackages: chrootPaths (import ../../nix/confinement.nix {
        name = "confined";
        serviceConfig.ExecStart = [ "-${packages.program}/bin/program --option" ];
        confinement = {
          root = "tmpfs";
          mode = "full-apivfs";
          inherit disallowedPackages;
        };
      }).chrootPaths;
    in
    {
      service = service [ ];
      allowed = service [ packages.unrelated ];
      disallowed = service [ packages.codec ];
    };

  # The drop-in of an author of a derivation, and the same with structured attributes, as the manual
  # page shows it.
  rooted = unitOf { root = true; };
  structured = raw {
    __structuredAttrs = true;
    args = [
      "--store-paths"
      "${closureInfo { rootPaths = packages.user; }}/store-paths"
      "--service"
      "test.service"
      "--root"
      "--drop-in"
      "--out"
      (placeholder "out")
    ];
  };
  withoutArguments =
    isStructured:
    raw {
      __structuredAttrs = isStructured;
      closureInfo = closureInfo { rootPaths = packages.user; };
      serviceName = "test.service";
    };

  # The derivation that the module in nixpkgs makes, with a script like its own as the builder, and
  # with another, as README.md shows it. With compressed, closureInfo has only a store-paths.zst.
  seed =
    let
      roots = run "test-string-contexts.txt" {
        text = "${packages.user}\n${packages.link}\n${packages.shell}/bin/sh";
        passAsFile = [ "text" ];
      } "cp $textPath $out";
      # A frame of one raw block, which holds up to 128 KiB: magic, length, header of the block.
      compressed =
        { rootPaths }:
        run "closure-info-zstd" { info = closureInfo { inherit rootPaths; }; } ''
          mkdir $out
          bytes() { for byte; do printf "\\$(printf %03o $byte)"; done; }
          size=$(wc -c <$info/store-paths)
          block=$((size * 8 + 1))
          {
            bytes 40 181 47 253 160 $((size % 256)) $((size / 256)) 0 0
            bytes $((block % 256)) $((block / 256 % 256)) $((block / 65536))
            cat $info/store-paths
          } >$out/store-paths.zst
        '';
      another =
        closureInfo:
        import readme {
          inherit roots;
          chroot-paths = import' "chroot-paths" helper;
          pkgs = {
            inherit closureInfo;
            dash = packages.shell;
          };
        };
    in
    {
      script = run "script" {
        closureInfo = closureInfo { rootPaths = roots; };
        excludedPath = roots;
        binSh = "${packages.shell}/bin/dash";
      } ''
        mkdir -p $out/lib/systemd/system
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
        } >$out/lib/systemd/system/hello.service
      '';
      plain = another closureInfo;
      zstd = another compressed;
    };

  surroundings = run "surroundings" { } "ls -a / > $out";
}
