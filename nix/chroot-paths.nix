# SPDX-License-Identifier: MIT
#
# Builds the unit that confines a service: lib/systemd/system/<name>.service, or a drop-in for it.
# The helper is the only program that runs; there is no shell, no stdenv and no nixpkgs.
{
  system ? builtins.currentSystem,
  # A package with bin/chroot-paths.
  helper,
  # The function of that name in nixpkgs. Without it Nix exports the references graph.
  closureInfo ? null,
}:

let
  build = attributes: derivation (attributes // {
    inherit system;
    builder = "${helper}/bin/chroot-paths";
    # To ask a cache for it, or to send it to another machine, costs more than to build it.
    preferLocalBuild = true;
    allowSubstitutes = false;
  });

  outputsOf = package:
    if package ? outputs && !(package.outputSpecified or false)
    then map (output: package.${output}) package.outputs
    else [ package ];
in

{
  # The service's name, without ".service".
  name,
  # Packages, or strings with context. Their closure is what the service will see.
  packages,
  # The program to offer as /bin/sh, a path or a string. Its closure is included.
  binSh ? null,
  # Whether to write a drop-in, for a unit that a package ships.
  dropIn ? false,
  # Whether to make /tmp and /var/tmp inaccessible.
  hideTmp ? false,
  # Whether one mount shows the closure, for starts that do not grow with it: that of the template unit
  # confinement-store@.service, see templates.nix, with the name of the result.
  storeMount ? false,
  # Packages of which no output may be in the closure; Nix fails the build if one is. Of a package of
  # nixpkgs that is named by its output, such as openssl.dev, it is that output alone.
  disallowedPackages ? [ ],
}:

let
  # What systemd allows in a unit's name, and Nix not in a derivation's. The helper checks the rest.
  checkedName =
    if builtins.match "[A-Za-z0-9:_\\-][A-Za-z0-9:_.\\@-]*" name == null then
      throw "chroot-paths: '${name}' is not the name of a systemd service"
    else
      name;
  safeName =
    builtins.substring 0 160
      (builtins.replaceStrings [ "@" ":" "\\" ] [ "-" "-" "-" ] checkedName);

  # The text names the roots of the closure: Nix finds their paths in it, and so refers to them.
  roots = build {
    name = "${safeName}-string-contexts.txt";
    roots = builtins.concatStringsSep "\n"
      (packages ++ (if binSh == null then [ ] else [ binSh ]));
    # One variable of the environment holds at most 128 KiB.
    passAsFile = [ "roots" ];
  };

  closure =
    if closureInfo == null then {
      exportReferencesGraph = [ "closure" roots ];
      referencesGraph = "closure";
    } else {
      closureInfo = closureInfo { rootPaths = roots; };
    };
in
build (closure // (if disallowedPackages == [ ] then { } else {
  disallowedRequisites = builtins.concatMap outputsOf disallowedPackages;
}) // {
  name = "${safeName}-chroot-paths";
  serviceName = "${name}.service";
  excludedPath = roots;
  inherit binSh dropIn hideTmp;
  # Nix puts the path of the result in.
  storeMount = if storeMount then "/run/confinement-store${builtins.placeholder "out"}" else null;
})
