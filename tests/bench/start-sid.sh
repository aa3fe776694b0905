#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs start.sh with the systemd of Debian's sid.
exec "$(dirname "$0")/../matrix.sh" sid tests/bench/start.sh
