# SPDX-License-Identifier: MIT
{
  description = "Write the systemd unit that binds the closure of a confined service";

  # Not as a flake, so that a plain source tree will do.
  inputs.nixpkgs = {
    url = "github:NixOS/nixpkgs/nixos-unstable";
    flake = false;
  };

  outputs = { self, nixpkgs }:
    let
      forAllSystems = function: builtins.listToAttrs (map
        (system: {
          name = system;
          value = function (import nixpkgs { inherit system; });
        }) [ "x86_64-linux" "aarch64-linux" ]);
    in
    {
      lib = import ./lib.nix;
      overlays.default = import ./overlay.nix;
      nixosModules.default.imports = [ ./module.nix ];

      packages = forAllSystems (pkgs: rec {
        inherit (import ./default.nix { inherit pkgs; }) chroot-paths;
        default = chroot-paths;
      });

      checks = forAllSystems (pkgs: import ./checks.nix {
        inherit pkgs;
        inherit (import ./default.nix { inherit pkgs; }) chroot-paths;
      });

      devShells = forAllSystems (pkgs: {
        default = pkgs.mkShell {
          inputsFrom = [ (import ./default.nix { inherit pkgs; }).chroot-paths ];
          packages = [ pkgs.bats pkgs.cppcheck pkgs.mandoc pkgs.perl pkgs.shellcheck ];
        };
      });
    };
}
