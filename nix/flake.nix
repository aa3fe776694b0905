# SPDX-License-Identifier: MIT
{
  description = "Write the systemd unit that binds the closure of a confined service";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      # Nix copies the whole checkout only if the flake is given as its directory nix.
      packageFor =
        system:
        if baseNameOf ./. == "nix" then
          (import ./. { pkgs = nixpkgs.legacyPackages.${system}; }).chroot-paths
        else
          throw "chroot-paths: the flake is path:CHECKOUT?dir=nix or git+file://CHECKOUT?dir=nix";
      forAllSystems =
        function:
        nixpkgs.lib.genAttrs [
          "x86_64-linux"
          "aarch64-linux"
        ] (system: function nixpkgs.legacyPackages.${system} (packageFor system));
    in
    {
      lib.chrootPaths = import ./chroot-paths.nix;
      overlays.default = import ./overlay.nix;
      nixosModules.default.imports = [ ./module.nix ];

      packages = forAllSystems (
        pkgs: chroot-paths: {
          inherit chroot-paths;
          default = chroot-paths;
        }
      );

      checks = forAllSystems (pkgs: chroot-paths: { inherit chroot-paths; } // chroot-paths.tests);

      devShells = forAllSystems (
        pkgs: chroot-paths: {
          default = pkgs.mkShell {
            inputsFrom = [ chroot-paths ];
            packages = [
              pkgs.bats
              pkgs.cppcheck
              pkgs.mandoc
              pkgs.perl
              pkgs.shellcheck
            ];
          };
        }
      );
    };
}
