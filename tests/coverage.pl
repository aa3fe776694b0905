#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Adds up the results of gcov for several builds of the same sources. Prints how many lines and branches
# were taken, per source and in total, and which were not. Fails below the given percentages.
# Usage: coverage.pl LINES BRANCHES BUILD...
use strict;
use warnings;

my ($lines_wanted, $branches_wanted, @builds) = @ARGV;
my (%lines, %branches, %text);

for my $build (@builds) {
    for my $data (glob "$build/*.gcda") {
        my ($source, $line, $branch);
        open my $gcov, '-|', qw(gcov --branch-probabilities --branch-counts --stdout), $data or die "gcov: $!";
        while (<$gcov>) {
            if (/^ *-: *0:Source:(.*)/) {
                $source = $1;
                last unless $source =~ m{^src/};
            } elsif (my ($times, $number, $code) = /^ *([^:]+): *(\d+):(.*)/) {
                ($line, $branch) = ($number, 0);
                next if $times eq '-';
                $lines{$source}{$line} += $times =~ /^(\d+)/ ? $1 : 0;
                $text{$source}{$line} = $code;
            } elsif (/^branch +\d+ (?:taken (\d+)|never)/) {
                $branches{$source}{"$line " . $branch++} += $1 // 0;
            }
        }
        close $gcov;
    }
}

sub percent { my ($taken, $all) = @_; return $all ? 100 * $taken / $all : 100 }

my ($lines_all, $lines_taken, $branches_all, $branches_taken) = (0) x 4;
for my $source (sort keys %lines) {
    my ($lines, $branches) = ($lines{$source}, $branches{$source} // {});
    my @lines = grep { $lines->{$_} } keys %$lines;
    my @branches = grep { $branches->{$_} } keys %$branches;
    printf "%-20s %5.1f%% of %3d lines, %5.1f%% of %3d branches\n", $source,
        percent(scalar @lines, scalar keys %$lines), scalar keys %$lines,
        percent(scalar @branches, scalar keys %$branches), scalar keys %$branches;
    my %not;
    $not{$_} = 'line' for grep { !$lines->{$_} } keys %$lines;
    for (grep { !$branches->{$_} } keys %$branches) { $not{(split)[0]} //= 'branch' }
    print "    $_: $not{$_} not taken: ", $text{$source}{$_} =~ s/^\s+//r, "\n" for sort { $a <=> $b } keys %not;
    $lines_all += keys %$lines;
    $lines_taken += @lines;
    $branches_all += keys %$branches;
    $branches_taken += @branches;
}
my ($lines, $branches) = (percent($lines_taken, $lines_all), percent($branches_taken, $branches_all));
printf "%.1f%% of %d lines, %.1f%% of %d branches\n", $lines, $lines_all, $branches, $branches_all;
exit($lines_all > 0 && $lines >= $lines_wanted && $branches >= $branches_wanted ? 0 : 1);
