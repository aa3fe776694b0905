#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Ends the test that started it after SECONDS, with all processes below it, so that the test fails by name.
# Does nothing if the file SPENT exists by then. Usage: watchdog.pl SECONDS [SPENT]
use strict;
use warnings;

my ($seconds, $spent) = @ARGV;
my $test = getppid;

# Returns the processes below a process, except this one.
sub below {
    my ($top) = @_;
    my %children;
    for my $file (glob '/proc/[0-9]*/stat') {
        open my $stat, '<', $file or next;
        # PID (NAME) STATE PARENT
        <$stat> =~ /^(\d+) \(.*\) \S (\d+)/s and push @{ $children{$2} }, $1;
    }
    my @below = grep { $_ != $$ } @{ $children{$top} // [] };
    for (my $i = 0; $i < @below; $i++) { push @below, @{ $children{ $below[$i] } // [] } }
    return @below;
}

sleep $seconds;
exit if defined $spent && -e $spent;
$| = 1;
print "no end after $seconds seconds\n";
# This process ends with its parent.
while (1) {
    my (%stopped, @new);
    kill STOP => $test;
    # Until none of them can start another one.
    while (@new = grep { !$stopped{$_}++ } below($test)) { kill STOP => @new }
    kill TERM => $test;
    kill KILL => keys %stopped;
    kill CONT => $test;
    sleep 10;
}
