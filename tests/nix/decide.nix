# SPDX-License-Identifier: MIT
#
# The decision of confinement.nix on a service, as the module asks for it: the options have their
# defaults, and the settings contain the result. REPLACED is what a mkForce puts in their place.
{
  serviceConfig ? { },
  unitConfig ? { },
  confinement ? { },
  replaced ? { },
  ...
}@service:

let
  inherit (builtins) isList mapAttrs;

  # As NixOS merges them: lists are joined, and what is mandatory wins.
  toList = value: if isList value then value else [ value ];
  merge =
    mandatory: settings:
    settings
    // mapAttrs (
      name: value: if isList value then toList (settings.${name} or [ ]) ++ value else value
    ) mandatory;

  settings = merge decided.serviceConfig.forced (decided.serviceConfig.defaults // serviceConfig);
  decided = import ../../nix/confinement.nix (
    removeAttrs service [ "replaced" ]
    // {
      confinement = {
        root = "read-only";
        mode = "full-apivfs";
        fullUnit = false;
        includePath = false;
        includeEnvironment = false;
        binSh = null;
        disallowedPackages = [ ];
      }
      // confinement
      // {
        packages = confinement.packages or [ ] ++ decided.packages;
      };
      serviceConfig = settings;
      unitConfig = merge decided.unitConfig unitConfig;
    }
    // replaced
  );
in
decided // { inherit settings; }
