# SPDX-License-Identifier: MIT
#
# The units of services.nix, made by nix/confinement.nix and nix/chroot-paths.nix and laid out as in
# NixOS, and packages. HELPER, BUSYBOX and PROBE are directories with a bin directory.
{
  helper,
  busybox,
  probe,
}:

let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    head
    isBool
    isList
    ;

  world = import ../nix/world.nix { inherit helper busybox; };
  inherit (world) run import';
  chrootPaths = import ../../nix/chroot-paths.nix { helper = import' "chroot-paths" helper; };
  decide = import ../nix/decide.nix;

  # The applets of busybox, and scripts that use them.
  applets = run "applets" { } ''
    mkdir -p $out/bin
    ${import' "busybox" busybox}/bin/busybox --install -s $out/bin
  '';
  script =
    name: text:
    run name
      {
        inherit text;
        passAsFile = [ "text" ];
      }
      ''
        { echo '#!${applets}/bin/sh'; echo PATH=${applets}/bin; cat $textPath; } >$out
        chmod +x $out
      '';

  # A derivation, so that nix-build can build it by name.
  probePackage = run "probe" { } "cp -r ${import' "probe" probe} $out";
  look = "${probePackage}/bin/probe";

  # Settings in the format of a unit file: a list becomes one line per value.
  toList = value: if isList value then value else [ value ];
  text = value: if isBool value then (if value then "yes" else "no") else toString value;
  line = name: value: "${name}=${text value}\n";
  lines =
    settings:
    concatStringsSep "" (
      concatMap (name: map (line name) (toList settings.${name})) (attrNames settings)
    );

  optional = condition: settings: if condition then settings else { };

  # systemd opens the output file, so the service does not have to see it.
  common = {
    Type = "oneshot";
    StandardOutput = "append:/results/%N.out";
    SyslogIdentifier = "%N";
  };

  # The unit file or drop-in of a service, and directories to copy more files from.
  service =
    name:
    {
      shipped ? null,
      ...
    }@arguments:
    let
      decided = decide (
        removeAttrs arguments [ "shipped" ]
        // {
          inherit name;
          serviceConfig = optional (shipped == null) common // arguments.serviceConfig or { };
          confinement = {
            root = "tmpfs";
          }
          // arguments.confinement or { };
        }
      );
      environment = arguments.environment or { };
      variable = name: "\"${name}=${environment.${name}}\"";
      settings =
        decided.settings
        // optional (environment != { }) { Environment = map variable (attrNames environment); };
      # If the unit comes from a package, NixOS writes a drop-in named overrides.conf.
      whole = decided.chrootPaths.dropIn && shipped == null;
    in
    if decided.faults != [ ] then
      throw (head decided.faults)
    else
      {
        path = if whole then "${name}.service" else "${name}.service.d/overrides.conf";
        text = "[Unit]\n" + lines decided.unitConfig + "[Service]\n" + lines settings;
        copies = map (package: "${package}/lib/systemd/system") (
          [ (chrootPaths decided.chrootPaths) ]
          ++ (if shipped == null then [ ] else [ shipped ])
        );
      };

  inherit (import ./services.nix {
    inherit (world) packages;
    inherit applets script run look common lines;
  }) services lookAround;

  copy = directory: "cp -r '${directory}/.' $out; chmod -R u+w $out\n";
  layOut =
    files:
    run "units" {
      text = concatStringsSep "" (
        map (
          file:
          concatStringsSep "" (map copy file.copies)
          + ''
            mkdir -p "$(dirname '${file.path}')"
            cat >'${file.path}' <<'END'
            ${file.text}END
          ''
        ) files
      );
      passAsFile = [ "text" ];
    } "mkdir $out; cd $out; . $textPath; cp ${../../src}/*.service ${../../src}/*.mount $out";
in
world.packages // {
  inherit applets lookAround;
  probe = probePackage;

  # The driver of store.bats plants what Nix does not put into a store.
  planted = run "planted" { } "mkdir $out";

  # A program for the recipe in README.md.
  hello = run "hello" { } ''
    mkdir -p $out/bin
    cp ${script "hello" ''
      echo Hello, world!
      ${look} list /nix/store
      ${look} hidden /etc /home /root /usr
      exec sleep 10000
    ''} $out/bin/hello
  '';

  units = layOut (map (name: service name services.${name}) (attrNames services));
}
