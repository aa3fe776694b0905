# SPDX-License-Identifier: MIT
{
  description = "Write the systemd unit that binds the closure of a confined service";

  # Not as a flake, so that a plain source tree will do.
  inputs.nixpkgs = {
    url = "github:NixOS/nixpkgs/nixos-unstable";
    flake = false;
  };

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      # FUNCTION gets nixpkgs and the package.
      forAllSystems =
        function:
        builtins.listToAttrs (
          map (
            system:
            let
              pkgs = import nixpkgs { inherit system; };
            in
            {
              name = system;
              value = function {
                inherit pkgs;
                inherit (import ./. { inherit pkgs; }) chroot-paths;
              };
            }
          ) systems
        );
    in
    {
      lib = import ./lib.nix;
      overlays.default = import ./overlay.nix;
      nixosModules.default.imports = [ ./module.nix ];

      packages = forAllSystems (
        { chroot-paths, ... }:
        {
          inherit chroot-paths;
          default = chroot-paths;
        }
      );

      checks = forAllSystems (import ./checks.nix);

      devShells = forAllSystems (
        { pkgs, chroot-paths }:
        {
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
