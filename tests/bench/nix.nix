# SPDX-License-Identifier: MIT
#
# The derivations of COUNT services of one KIND; a new SALT makes all of them new. HELPER, NO-OP and TOOLS
# (bash and coreutils with their libraries) are directories with bin/ in them; NO-OP can replace HELPER.
{ kind, count, salt, helper, no-op, tools }:

let
  inherit (builtins) concatStringsSep foldl' fromJSON genList;

  import' = name: path: builtins.path { inherit name path; };
  system = builtins.currentSystem;

  # The closure of every service: a chain of 30 store paths, each of which refers to the previous one.
  program = foldl' (previous: number: builtins.toFile "package-${toString number}" "uses ${previous}")
    "nothing"
    (genList (number: number) 30);
  packages = [ "${program} --option" ];

  chrootPathsBy = builder: import ../../nix/chroot-paths.nix { helper = import' "helper" builder; };

  # The script of the original module, without stdenv.
  bash = attributes: script: derivation (attributes // {
    inherit system;
    builder = "${import' "tools" tools}/bin/bash";
    args = [ "-euc" script ];
    PATH = "${import' "tools" tools}/bin";
    LD_LIBRARY_PATH = "${import' "tools" tools}/lib";
    preferLocalBuild = true;
    allowSubstitutes = false;
  });
  byScript = name:
    let
      roots = bash { name = "${name}-string-contexts.txt"; text = concatStringsSep "\n" packages; } ''
        printf %s "$text" >$out
      '';
      closureInfo = bash { name = "closure-info"; exportReferencesGraph = [ "closure" roots ]; } ''
        mkdir $out
        while read -r path; do
          echo "$path"
          read -r deriver
          read -r count
          for ((; count > 0; count--)); do read -r reference; done
        done <closure >$out/store-paths
      '';
    in
    bash
      {
        name = "${name}-chroot-paths";
        inherit closureInfo;
        serviceName = "${name}.service";
        excludedPath = roots;
      } ''
      mkdir -p $out/lib/systemd/system
      serviceFile=$out/lib/systemd/system/$serviceName
      echo '[Service]' >$serviceFile
      while read -r storePath; do
        if [ -L "$storePath" ]; then
          echo "BindReadOnlyPaths=$(readlink -e "$storePath"):$storePath"
        elif [ "$storePath" != "$excludedPath" ]; then
          echo "BindReadOnlyPaths=$storePath"
        fi
      done <$closureInfo/store-paths >>$serviceFile
    '';

  kinds = {
    no-op = name: derivation {
      inherit name system packages;
      builder = "${import' "no-op" no-op}/bin/no-op";
      preferLocalBuild = true;
      allowSubstitutes = false;
    };
    same-no-op = name: chrootPathsBy no-op { inherit name packages; };
    ours = name: chrootPathsBy helper { inherit name packages; };
    script = byScript;
  };
in
genList (number: kinds.${kind} "service-${salt}-${toString number}") (fromJSON count)
