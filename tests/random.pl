#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Compares the program with reference.sh on random closures: from a list, and from a references graph.
# Usage: random.pl PROGRAM COUNT [SEED [FIRST]]. Prints the seed. To repeat a failure, give that SEED, and
# the number of the closure as FIRST.
use strict;
use warnings;
use Cwd qw(realpath);
use File::Basename;
use File::Compare;
use File::Path qw(make_path remove_tree);
use File::Temp;
use List::Util qw(shuffle);

my ($program, $count, $seed, $first) = @ARGV;
$program = realpath($program);
$seed //= int rand 32768;
$first //= 1;
my $reference = realpath(dirname($0) . '/reference.sh');
my $scratch = File::Temp->newdir;
my $world = realpath($scratch);
chdir $world or die;
delete @ENV{qw(NIX_STORE NIX_BUILD_TOP)};

print "seed $seed\n";
# The characters that Nix allows in the name of a store path (checkName).
my @alphabet = ('a' .. 'z', 'A' .. 'Z', 0 .. 9, split //, '+-._?=');

sub pick { return $_[ rand @_ ] }

sub write_file {
    my ($name, @lines) = @_;
    open my $file, '>', $name or die "$name: $!";
    print $file map { "$_\n" } @lines;
    close $file or die;
}

# Makes a path of a random kind in the store and returns it. A symlink leads to one of the earlier paths.
sub random_path {
    my ($number, @earlier) = @_;
    my $path = join '', "$world/store/$number-", map { pick(@alphabet) } 0 .. rand 20;
    my $kind = int rand(@earlier ? 10 : 5);
    if ($kind < 3) {
        make_path("$path/bin");
        write_file("$path/bin/sh");
        chmod 0755, "$path/bin/sh" or die;
    } elsif ($kind == 3) {
        write_file($path);
    } elsif ($kind == 4) {
        make_path("$path/bin");
        symlink '.', "$path/bin/sh" or die;
    } else {
        my $target = pick(@earlier);
        $target .= '/bin/sh' if -e "$target/bin/sh" && rand 2 < 1;
        (my $name = $target) =~ s{^\Q$world\E/store/}{};
        my @ways = ($target, $name, "../store/$name", "$world/way/store/$name", "$world/store/../store/$name");
        symlink $ways[ $kind - 5 ], $path or die;
    }
    return $path;
}

# Returns the lines of a path in a references graph, with random references.
sub record {
    my ($path, @paths) = @_;
    my @references = map { pick(@paths) } 1 .. rand 4;
    return $path, '', scalar @references, @references;
}

my $closure;
sub fail { die "closure $closure of seed $seed: @_\nTo repeat: $0 $program $closure $seed $closure\n" }

# Runs the program on a random closure, and compares what it writes to FILE with the unit that is expected.
sub same_unit {
    my ($input, $excluded, @option) = @_;
    system($program, @option, $input, '--exclude', $excluded, qw(--service a.service --out), "out-$input") == 0 or
        fail("the program refused the $input");
    compare('expected', "out-$input/lib/systemd/system/a.service") == 0 or fail("the unit from the $input differs");
}

for ($closure = $first; $closure <= $count; $closure++) {
    srand $seed * 1e6 + $closure;
    remove_tree(qw(store out-list out-graph));
    make_path('store');
    symlink '.', 'way';
    my @paths;
    push @paths, random_path($_, @paths) for 0 .. ($closure % 50 ? int rand 12 : 100);
    my @list = shuffle @paths;
    write_file('list', @list);
    write_file('graph', map { record($_, @paths) } @list);
    my $excluded = pick(@paths);
    my ($shell) = (reverse(grep { -f } map { "$_/bin/sh" } @paths), '');

    system("$reference list $excluded $shell >expected") == 0 or fail('the reference script failed');
    local $ENV{binSh} = $shell;
    {
        # As in a build, targets in the store are resolved below NIX_STORE. The next run has none.
        local $ENV{NIX_STORE} = "$world/store";
        same_unit('list', $excluded, '--store-paths');
    }
    same_unit('graph', $excluded, '--references-graph');
}
print $count - $first + 1, " closures, no difference\n";
# To remove the directory.
chdir '/';
