# SPDX-License-Identifier: MIT
#
# What programs in Perl do with processes, files, sockets and signals, which settings may forbid.
use strict;
use warnings;
use Fcntl qw(:flock);
use IO::Socket::INET;

open my $file, '+>', '/tmp/many' or die "open: $!";
flock $file, LOCK_EX and truncate $file, 1 and setpriority 0, 0, 1 or die "$!";
defined shmget 0, 1, 0600 or die "shmget: $!";
my $server = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die "socket: $!";
if (!fork) {
    my $client = IO::Socket::INET->new('127.0.0.1:' . $server->sockport) or die "connect: $!";
    print $client `echo a pipe`;
    exit;
}
readline $server->accept eq "a pipe\n" and wait != -1 and $? == 0 or die "client: $?";
$SIG{ALRM} = sub { exit };
alarm 1;
sleep 10;
die 'no signal came';
