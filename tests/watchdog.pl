#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Ends the test that started it after SECONDS, with all processes below it, so that the test fails by name.
# On a busy machine, it waits longer. Does nothing if the file DONE exists by then.
# Usage: watchdog.pl SECONDS [DONE]
use strict;
use warnings;

my ($seconds, $done) = @ARGV;
my $test = getppid;

sub content {
    open my $file, '<', shift or return '';
    local $/;
    return <$file> // '';
}

# Returns the processes below a process, except this one.
sub below {
    my ($top) = @_;
    my %children;
    for my $file (glob '/proc/[0-9]*/stat') {
        # PID (NAME) STATE PARENT
        content($file) =~ /^(\d+) \(.*\) \S (\d+)/s and push @{ $children{$2} }, $1;
    }
    my @below = grep { $_ != $$ } @{ $children{$top} // [] };
    for (my $i = 0; $i < @below; $i++) { push @below, @{ $children{ $below[$i] } // [] } }
    return @below;
}

# With N processes for each processor, a second is worth 1/N.
my $processors = () = content('/proc/stat') =~ /^cpu\d/mg;
while ($seconds > 0) {
    sleep 1;
    my ($processes) = split ' ', content('/proc/loadavg');
    $seconds -= $processes > $processors ? $processors / $processes : 1;
}
exit if defined $done && -e $done;
$| = 1;
print "no end after $ARGV[0] seconds\n";
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
