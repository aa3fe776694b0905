#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Prints the 64-bit FNV-1a hash of standard input, in hexadecimal.
use strict;
use warnings;
no warnings 'portable';

my $hash = 0xcbf29ce484222325;
# "integer" multiplies modulo 2**64.
while (read STDIN, my $byte, 1) { use integer; $hash = ($hash ^ ord $byte) * 0x100000001b3 }
printf "%016x\n", $hash;
