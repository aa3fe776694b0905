# SPDX-License-Identifier: MIT
#
# A stand-in for nixpkgs with what the flake needs, built by the machine's compiler and shell: the
# sandbox must show /bin, /lib, /lib64 and /usr.
{
  system ? builtins.currentSystem,
}:

let
  lib = import ./lib.nix;

  runCommand =
    name: attributes: script:
    derivation (
      attributes
      // {
        inherit name system;
        builder = "/bin/bash";
        # As in stdenv, a pattern without a match is nothing. With the exit, bash does not exec the
        # last command. Coreutils close their output before they exit, and Nix kills a builder that
        # does so.
        args = [
          "-euc"
          "shopt -s nullglob\n${script}\nexit 0"
        ];
        PATH = "/usr/bin:/bin";
      }
    );

  pkgs = {
    inherit lib runCommand;
    buildPackages = pkgs;
    pkgsStatic = pkgs;
    zstd = null;

    stdenv = {
      buildPlatform = { inherit system; };
      cc.targetPrefix = "";
      hostPlatform.isStatic = true;
      mkDerivation =
        function:
        let
          attributes = function { finalPackage = package; };
          build = runCommand "${attributes.pname}-${attributes.version}";
          package =
            build
              (removeAttrs attributes [
                "meta"
                "passthru"
              ])
              ''
                cp -r $src source
                chmod -R u+w source
                cd source
                # The machine's cc is a symlink through /etc, which is not in the sandbox.
                mkdir tools
                ln -s /usr/bin/gcc tools/cc
                PATH=$PWD/tools:$PATH
                # Without optimization it takes half the time.
                make $makeFlags CFLAGS=-O0 all install
                runHook() { :; }
                ${attributes.installCheckPhase}
              ''
            // attributes.passthru
            // {
              inherit (attributes) meta;
            };
        in
        package;
    };

    # For package.nix and checks.nix only.
    callPackage =
      file: overrides:
      let
        function = import file;
      in
      function (
        builtins.intersectAttrs (builtins.functionArgs function) (
          pkgs // { zstdSupport = false; } // overrides
        )
      );
    callPackages = pkgs.callPackage;

    runtimeShell = pkgs.shell + "/bin/sh";
    shell = runCommand "shell" { } "mkdir -p $out/bin; echo > $out/bin/sh; chmod +x $out/bin/sh";
    hello = runCommand "hello" { } ''
      mkdir -p $out/bin
      echo ${pkgs.shell} > $out/bin/hello
      chmod +x $out/bin/hello
    '';
    mkShell = attributes: runCommand "shell" attributes "touch $out";
    bats = pkgs.hello;
    cppcheck = pkgs.hello;
    mandoc = pkgs.hello;
    perl = pkgs.hello;
    shellcheck = pkgs.hello;

    closureInfo = import ./closure-info.nix runCommand;
  };
in
pkgs
