#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# Makes files in DIR/sweep, whose names have every byte at every position, and COUNT files with random names. Each
# holds its path, as the container of systemd.bats sees it, and a NUL. In DIR/sweep-links, each has a symlink of a like
# name, to the next. Usage: names.pl DIR COUNT SEED
#
# Writes to DIR/refused a path a line: those that chroot-paths(1) excludes. The others are in several parts, each with
# three files in DIR/parts: NUMBER.paths is a list, NUMBER.read what systemd shows of the binds, and NUMBER.content
# what is in the files.
use strict;
use warnings;
use Encode;

my ($dir, $count, $seed) = @ARGV;
srand $seed;
chdir $dir and mkdir $_ or die "$dir: $!" for qw(sweep sweep-links parts);

my @names;
for my $byte (map { chr } grep { $_ != ord '/' } 1 .. 255) {
    push @names, $byte, "$byte$byte", "${byte}12", "1${byte}2", "12$byte";
}
# Half of the random names contain only what a unit can hold, so that not all are refused.
my @writable = (split(//, 'aZ0-_.+=? :%\$~#;*[@!&,'), qw(é € 😀 %n \x41), ' :');
for my $number (1 .. $count) {
    push @names, join '', map { $number % 2 ? $writable[rand @writable] : chr 1 + rand 255 } 0 .. rand 16;
    $names[-1] =~ tr{/}{x};
}

# They have a control character, a quote, or bytes that are not UTF-8, which include noncharacters; or are not normal.
sub is_refused {
    my $text = eval { decode('UTF-8', $_[0], Encode::FB_CROAK | Encode::LEAVE_SRC) };
    return !defined $text || $text =~ /^\.\.?\z|[\x00-\x1f\x7f"'\x{fdd0}-\x{fdef}]/ ||
        grep { (ord() & 0xfffe) == 0xfffe } split //, $text;
}

sub write_file {
    my ($file, @content) = @_;
    open my $out, '>', $file or die "$file: $!";
    print $out @content;
    close $out or die "$file: $!";
}

my (%seen, @refused, @written);
for my $name (grep { !$seen{$_}++ } @names) {
    write_file("sweep/$name", "/sweep/$name\0") unless $name =~ /^\.\.?\z/;
    if (!is_refused($name)) {
        push @written, $name;
    } elsif ($name =~ /\n/) {
        # A list cannot hold it, but the target of a symlink can.
        symlink "/sweep/$name", 'sweep-links/' . @refused or die $!;
        push @refused, '/sweep-links/' . @refused;
    } else {
        push @refused, "/sweep/$name";
    }
}
write_file('refused', map { "$_\n" } @refused);
print '# ' . @written . ' paths are written, ' . @refused . " refused\n";

# As many in a service as start fast
for (my $part = 10; @written; $part++) {
    my @part = splice @written, 0, 40;
    my (@read, @paths, @content);
    for my $number (0 .. $#part) {
        my ($path, $next) = map { "/sweep/$_" } @part[$number, ($number + 1) % @part];
        my $link = "/sweep-links/$part-$number$part[$number]";
        symlink $next, ".$link" or die "$link: $!";
        push @read, "$path:$path:rbind", "$next:$link:rbind";
        push @paths, $path, $link;
        push @content, $path, $next;
    }
    write_file("parts/$part.read", "BindReadOnlyPaths=@read");
    write_file("parts/$part.paths", map { "$_\0" } @paths);
    write_file("parts/$part.content", map { "$_\0" } @content);
}
