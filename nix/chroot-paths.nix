# SPDX-License-Identifier: MIT
#
# Builds the unit that confines a service: lib/systemd/system/<name>.service, or a drop-in for it.
# The helper is the builder; no shell, stdenv or nixpkgs is needed.
{
  system ? builtins.currentSystem,
  # A package with bin/chroot-paths.
  helper,
  # closureInfo of nixpkgs, to list the closure. If null, exportReferencesGraph lists it.
  closureInfo ? null,
}:

let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    filter
    getContext
    hasContext
    head
    match
    replaceStrings
    substring
    ;

  build =
    attributes:
    derivation (
      attributes
      // {
        inherit system;
        builder = "${helper}/bin/chroot-paths";
        # Building it is cheaper than asking a cache or another machine for it.
        preferLocalBuild = true;
        allowSubstitutes = false;
      }
    );

  outputsOf =
    package:
    if package ? outputs && !(package.outputSpecified or false) then
      map (output: package.${output}) package.outputs
    else
      [ package ];

  # The derivations themselves, not their outputs, to which TEXT refers.
  derivationsIn =
    text:
    let
      context = getContext text;
      isOwn = path: context.${path} ? allOutputs || context.${path} ? path;
    in
    filter (path: isOwn path && match ".*\\.drv" path != null) (attrNames context);
in

{
  # The name of the service, without ".service".
  name,
  # Packages, or strings with context. The service sees their closure.
  packages,
  # The program to bind as /bin/sh, a path or a string. The service sees its closure, too.
  binSh ? null,
  # Whether the result is a drop-in that confines the service by itself, for any unit. It needs
  # confinement-root@.service and run-readonly-nix-store.mount of the helper.
  root ? false,
  # Whether to write a drop-in, for a unit that is elsewhere. By itself it confines nothing.
  dropIn ? root,
  # Whether to bind from the view of the store, which is faster, and read-only by itself. It needs
  # run-readonly-nix-store.mount.
  storeView ? root,
  # Whether to make /tmp and /var/tmp inaccessible.
  hideTmp ? false,
  # The text of the unit. If a command of it cannot start in the root directory, the build fails.
  unit ? null,
  # Packages none of whose outputs may be in the closure: if one is, the build fails. If an output
  # is chosen, as in openssl.dev of nixpkgs, only that one is disallowed.
  disallowedPackages ? [ ],
}:

let
  # The characters that systemd allows in a unit name. The helper checks the rest.
  checkedName =
    if
      match "[A-Za-z0-9:_\\-][A-Za-z0-9:_.\\@-]*" name == null || match ".*\\.service" name != null
    then
      throw "chroot-paths: '${name}' is not the name of a systemd service, without .service"
    else
      name;
  # Nix does not allow "@", ":" and "\" in the name of a derivation.
  safeName = substring 0 160 (replaceStrings [ "@" ":" "\\" ] [ "-" "-" "-" ] checkedName);

  texts = map (package: "${package}") (packages ++ (if binSh == null then [ ] else [ binSh ]));
  rootsText = concatStringsSep "\n" texts;
  derivations = derivationsIn rootsText;
  withoutContext = filter (text: !hasContext text) texts;
  refuse = what: throw "chroot-paths: the packages of '${name}' ${what}";

  # A text file with the roots of the closure. Nix finds their paths in it and records them as
  # references.
  roots = build {
    name = "${safeName}-string-contexts.txt";
    roots =
      if derivations != [ ] then
        refuse (
          "refer to ${head derivations}, the build plan of a package and not the package."
          + " Write \"\${package}\", not \"\${package.drvPath}\"."
        )
      else if withoutContext != [ ] then
        refuse (
          "have a string without context, so that Nix does not know its closure: "
          + "${head withoutContext}. "
          + "Write \"\${package}\", or builtins.storePath with a store path."
        )
      else
        rootsText;
    # An environment variable holds at most 128 KiB.
    passAsFile = [ "roots" ];
  };

  closure =
    if closureInfo == null then
      {
        exportReferencesGraph = [
          "closure"
          roots
        ];
        referencesGraph = "closure";
      }
    else
      { closureInfo = closureInfo { rootPaths = roots; }; };
in
build (
  closure
  // {
    name = "${safeName}-chroot-paths";
    serviceName = "${name}.service";
    excludedPath = roots;
    disallowedRequisites = concatMap outputsOf disallowedPackages;
    confinementRoot = root;
    inherit
      binSh
      dropIn
      hideTmp
      storeView
      unit
      ;
    passAsFile = if unit == null then [ ] else [ "unit" ];
  }
)
