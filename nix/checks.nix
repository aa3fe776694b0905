# SPDX-License-Identifier: MIT
#
# Checks of the program as hermetic builds, one derivation each.
{
  stdenv,
  runCommand,
  closureInfo,
  hello,
  runtimeShell,
  chroot-paths,
}:

let
  unitFrom =
    closureInfo:
    import ./chroot-paths.nix
      {
        inherit (stdenv.buildPlatform) system;
        helper = chroot-paths;
        inherit closureInfo;
      }
      {
        name = "check@1";
        packages = [
          "${hello}/bin/hello --greeting"
          link
        ];
        binSh = runtimeShell;
        unit = "[Service]\nExecStart=${hello}/bin/hello --greeting\n";
      };
  fromGraph = unitFrom null;
  fromInfo = unitFrom closureInfo;
  link = runCommand "link" { } "ln -s ${hello}/bin $out";
  info = closureInfo {
    rootPaths = [
      hello
      link
      runtimeShell
    ];
  };
in
{
  # The unit binds exactly the paths that closureInfo lists, each once.
  unit = runCommand "chroot-paths-unit" { } ''
    unit=${fromGraph}/lib/systemd/system/check@1.service
    cmp $unit ${fromInfo}/lib/systemd/system/check@1.service
    sed -n 's/^BindReadOnlyPaths=\(.*:\)\?//p' $unit | grep -v '^/bin/sh$' > bound
    sort ${info}/store-paths | cmp - <(sort bound)
    grep -x "BindReadOnlyPaths=$(readlink -e ${link}):${link}" $unit
    touch $out
  '';

  # If a path does not exist, the program fails and writes nothing.
  refusal = runCommand "chroot-paths-refusal" { } ''
    echo /nowhere > closure
    run() { ${chroot-paths}/bin/chroot-paths --store-paths closure --service a.service --out out; }
    if run 2> said; then exit 1; fi
    grep -x 'chroot-paths: closure:1: not in the store; .*: /nowhere' said
    [ ! -e out/lib/systemd/system/a.service ]
    touch $out
  '';
}
