#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Runs a program many times in the current directory, each time with another fault. The program may write
# only to ./out, which starts as a copy of ./before if that exists. After each run, every file must be as
# after a run without faults, or as before. Prints a summary, or the first failure and exits with 1.
#
#   faults.pl errors [-i INPUT] PROGRAM ARG...   a system call fails
#   faults.pl kills [-i INPUT] PROGRAM ARG...    a SIGKILL at a system call
#
# Every third call has a turn, from a random one on, and fails in one way. With FAULTS=all in the environment, each call
# fails in every way that it can, for once and from then on. Between two calls, no file changes. INPUT is a file for
# standard input, or "closed". PROGRAM may be env(1) with variables.
use strict;
use warnings;
use Digest::MD5;
use File::Copy;
use File::Find;
use File::Path qw(remove_tree);
use File::Temp;

# The errors of each call by its manual page, on any file system, local or not. An error that contradicts
# the files is left out, such as EINVAL ("not a symlink") for a symlink.
my %errors = (
    access       => 'EACCES EIO ELOOP ENOENT ENOMEM',
    brk          => 'ENOMEM',
    chmod        => 'EACCES EIO EPERM EROFS',
    close        => 'EDQUOT EIO ENOSPC',
    getcwd       => 'ENOENT ENOMEM',
    link         => 'EACCES EDQUOT EIO EMLINK ENOMEM ENOSPC EPERM EROFS',
    mkdir        => 'EACCES EDQUOT EEXIST EIO EMLINK ENAMETOOLONG ENOENT ENOMEM ENOSPC EROFS',
    mmap         => 'EAGAIN ENOMEM',
    munmap       => 'ENOMEM',
    'open to read'   => 'EACCES EIO ELOOP EMFILE ENFILE ENOENT ENOMEM',
    'open to create' => 'EACCES EDQUOT EEXIST EIO EMFILE ENFILE ENOMEM ENOSPC EROFS',
    read         => 'EAGAIN EIO EISDIR ESTALE',
    readlink     => 'EACCES EIO ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR',
    rename       => 'EACCES EBUSY EDQUOT EIO EISDIR ENOENT ENOMEM ENOSPC EROFS EXDEV',
    stat         => 'EACCES EIO ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR',
    unlink       => 'EACCES EBUSY EIO EROFS',
    write        => 'EAGAIN EDQUOT EFBIG EIO ENOSPC EPIPE',
);
my %same = (
    access   => [qw(faccessat faccessat2)],
    chmod    => [qw(fchmod fchmodat)],
    link     => ['linkat'],
    mkdir    => ['mkdirat'],
    readlink => ['readlinkat'],
    rename   => [qw(renameat renameat2)],
    stat     => [qw(lstat fstat newfstatat statx)],
    unlink   => ['unlinkat'],
    write    => ['writev'],
    read     => [qw(readv pread64)],
);
for my $name (keys %same) { $errors{$_} = $errors{$name} for @{ $same{$name} } }
# These cannot fail as they are called here, or libc has a fallback: glibc for getrandom(2). Nor can the
# program handle errors before main().
my %sure = map { $_ => 1 } qw(exit_group getpid getrandom rt_sigaction umask);
my $main_begins = qr/^rt_sigaction\(SIGPIPE/;

my $what = shift // '';
my $all = ($ENV{FAULTS} // '') eq 'all';
my $input = @ARGV && $ARGV[0] eq '-i' ? (shift, shift)[1] : undef;
if (($ARGV[0] // '') eq 'env') {
    shift;
    while ($ARGV[0] =~ /^(\w+)=(.*)/) { $ENV{$1} = $2; shift }
}
my @program = @ARGV;
my $scratch = File::Temp->newdir;
my ($log, $stderr) = ("$scratch/log", "$scratch/stderr");

sub content {
    open my $file, '<', shift or die;
    local $/;
    return scalar <$file>;
}

# Returns the kind, mode and content of every file. Directories that were made may stay.
sub look_around {
    my %seen;
    find(sub {
        my $mode = (lstat)[2];
        return if -d _;
        $seen{$File::Find::name} = sprintf '%o %s', $mode,
            -l _ ? readlink : -f _ ? Digest::MD5::md5_hex(content($_)) : '';
    }, '.');
    return \%seen;
}

# Restores ./out for the next run, unless the last run left it unchanged.
my $untouched = 0;
sub begin_anew {
    return $untouched = 0 if $untouched;
    remove_tree('out');
    find({ no_chdir => 1, wanted => sub {
        my $copy = s/^before/out/r;
        -d ? mkdir $copy : copy($_, $copy) or die "$copy: $!";
    } }, 'before') if -e 'before';
    return;
}

sub start {
    my @command = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    setpgrp;
    open STDERR, '>', $stderr or die;
    open STDOUT, '>', '/dev/null' or die;
    open STDIN, '<', $input // '/dev/null' or die unless ($input // '') eq 'closed';
    close STDIN if ($input // '') eq 'closed';
    exec @command or die "$command[0]: $!";
}

sub end_of {
    my ($pid) = @_;
    local $SIG{ALRM} = sub { kill KILL => -$pid; die "hangs: @program\n" };
    alarm 300;
    waitpid $pid, 0;
    alarm 0;
    return $?;
}

# Runs the program under strace. Returns its status, as in $?, and its calls.
sub trace {
    begin_anew();
    my $status = end_of(start(qw(strace -qq -o), $log, @_, @program));
    return $status, [split /\n/, content($log)];
}

sub same { my ($one, $other) = @_; return "@{[map { ($_, $one->{$_}) } sort keys %$one]}" eq
    "@{[map { ($_, $other->{$_}) } sort keys %$other]}" }

begin_anew();
my $before = look_around();
my ($clean_status, $clean_calls) = trace();
my $clean = look_around();
my $refused = grep { /^bad/ } @program;
die "without a fault: $clean_status\n" . content($stderr)
    unless $refused ? $clean_status == 256 && same($clean, $before) : $clean_status == 0;

sub broken {
    my ($how, $why) = @_;
    print "$how: $why\nprogram: @program\nits message: ", content($stderr), "changed files:\n";
    my $after = look_around();
    print "  $_: $after->{$_}\n" for grep { ($before->{$_} // '') ne $after->{$_} } sort keys %$after;
    print "  $_: gone\n" for grep { !exists $after->{$_} } sort keys %$before;
    exit 1;
}

# A new or changed file must be as after a clean run. A temporary file may be left.
sub check_half_way {
    my ($how) = @_;
    my $after = look_around();
    for my $path (keys %$after) {
        next if $path =~ m{/\.chroot-paths\.\w{6}$};
        broken($how, "neither old nor complete: $path")
            unless grep { ($_->{$path} // '') eq $after->{$path} } $before, $clean;
    }
    for my $path (keys %$before) { broken($how, "gone: $path") unless exists $after->{$path} }
}

sub check_end {
    my ($how, $status, $log) = @_;
    # A build that measures coverage also prints messages of gcov.
    (my $words = content($stderr)) =~ s/^profiling:.*\n//mg;
    my $lines = () = $words =~ /\n/g;
    my @injected = grep { /\(INJECTED\)/ } @$log;
    if ($status == 0) {
        my $after = look_around();
        broken($how, 'exit 0, but a wrong result') unless same($after, $clean);
        broken($how, 'exit 0, but a message') unless $words eq '';
        return;
    }
    broken($how, "ended with $status") unless $status == 256;
    broken($how, 'not a message of one line')
        unless ($lines == 1 && $words =~ /^chroot-paths: .*: .*\n$/) || grep { /^write\(2,/ } @injected;
    # A file that cannot be removed stays under a temporary name.
    return check_half_way($how) if grep { /^unlink/ } @injected;
    broken($how, 'exit 1, but files were changed') unless same(look_around(), $before);
    $untouched = 1;
    return;
}

# The calls of a clean run: [name, number among the calls of that name, kind]
my (%count, @calls);
my ($in_main, $measured) = (0, 0);
for (@$clean_calls) {
    my ($name) = /^(\w+)\(/ or next;
    $count{$name}++;
    $in_main ||= $_ =~ $main_begins;
    my $kind = $name =~ /^open/ ? (/O_CREAT/ ? 'open to create' : 'open to read') : $name;
    # From here on, a build that measures coverage writes its data.
    last if $measured = /\.gcda"/;
    next if !$in_main && $what eq 'errors' || $name eq 'execve' || $sure{$name};
    # Setting a flag and asking for the end of the heap cannot fail.
    next if /F_SETFD|brk\(NULL\)/;
    push @calls, [$name, $count{$name}, $kind];
}
# First it allocates memory.
pop @calls while $measured && $calls[-1][0] =~ /^(brk|mmap)$/;
die "no system calls seen\n" unless @calls;
my $turn = int rand 3;
@calls = grep { $all || $turn++ % 3 == 0 } @calls;

my $injected = 0;

sub inject {
    my ($name, $fault) = @_;
    my ($status, $log) = trace('-e', "trace=$name", '-e', "inject=$name:$fault");
    broken("$name:$fault", 'not injected') unless grep { /\(INJECTED\)/ } @$log;
    check_end("$name:$fault", $status, $log);
    $injected++;
    return;
}

sub errors {
    for (@calls) {
        my ($name, $which, $kind) = @$_;
        my @errors = split ' ', $errors{$kind} // die "no errors known for $kind\n";
        @errors = $errors[ rand @errors ] unless $all;
        for my $error (@errors) {
            # brk(2) reports a failure by returning another break than the requested one.
            my $how = $name eq 'brk' ? 'retval=0' : "error=$error";
            my $persistent = $all && !$measured && $error =~ /^(EEXIST|EIO|ENOMEM)$/;
            for my $when ($which, $persistent ? "$which+" : ()) {
                inject($name, "$how:when=$when");
            }
        }
    }
    print scalar(@calls), " system calls, $injected faults injected, one per run\n";
}

sub kills {
    for (@calls) {
        my ($name, $which) = @$_;
        my ($status) = trace('-e', "trace=$name", '-e', "inject=$name:signal=KILL:when=$which");
        broken("kill at $name $which", "ended with $status") unless $status == 9;
        check_half_way("kill at $name $which");
    }
    print scalar(@calls), " kills\n";
}

my %do = (errors => \&errors, kills => \&kills);
($do{$what} // die "neither errors nor kills: $what\n")->();
remove_tree('out');
