# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Commands of every kind, for program.bats: each is judged by --unit, and run as a confined service in a
# container.

# Makes the store $S, the list $S.closure of what is in the closure, and the directory $HOST outside of the store.
make_programs() {
  mkdir -p "$HOST/bin" "$S"/{tools/{bin/dir,specifier},other/bin,absent/bin,unlisted/bin,scripts,dynamic,libc,elf,systemd/{bin,lib/systemd}}
  cat >"$S.c" <<'END'
/* Succeeds. After "copy FROM TO". */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char *argv[])
{
	char buffer[65536];
	ssize_t n;
	int from, to;

	if (argc != 4 || strcmp(argv[1], "copy") != 0)
		return 0;
	from = open(argv[2], O_RDONLY);
	to = open(argv[3], O_WRONLY | O_CREAT, 0755);
	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, (size_t)n) != n)
			return 1;
	return n < 0 || to < 0;
}
END
  gcc -static -s -o "$S/tools/bin/true" "$S.c" || return
  for dir in other/bin absent/bin unlisted/bin systemd/bin systemd/lib/systemd; do cp "$S/tools/bin/true" "$S/$dir/true"; done
  mv "$S/systemd/lib/systemd/true" "$S/systemd/lib/systemd/systemd"
  cp "$S/tools/bin/true" "$S/program"
  cp "$S/tools/bin/true" "$HOST/bin/true"
  (
    cd "$S/tools/bin" || exit
    cp true 'a b'
    cp true per%cent
    cp true specifier
    cp true '$dollar'
    cp true not-executable
    chmod -x not-executable
    mkfifo fifo
    chmod +x fifo
    ln -s true link
    ln -s ../bin/./dir/../link chain
    ln -s "$S/other/bin/true" to-other
    ln -s ../../other/bin/true up
    ln -s "$S/absent/bin/true" to-absent
    ln -s nowhere dangling
    ln -s loop loop
    ln -s / slash
  )
  ln -s other "$S/alias"
  ln -s /var/tmp "$S/tools/to-var"
  ln -s unlisted "$S/alias-of-unlisted"
  ln -s "$HOST" "$S/leads-out"
  make_scripts
  make_elf
  printf "$S/%s\n" tools other program scripts dynamic libc elf alias alias-of-unlisted leads-out >"$S.closure"
}

# script NAME LINE: an executable file with that first line.
script() {
  printf "%b\n" "$2" >"$S/scripts/$1"
  chmod +x "$S/scripts/$1"
}

make_scripts() {
  local T_BELOW=/tools/bin/true
  script good "#!$S/tools/bin/true"
  script blanks "#! \t $S/tools/bin/true\t-x  "
  script sh '#!/bin/sh'
  script env '#!/usr/bin/env bash'
  script missing "#!$S/tools/bin/nothing"
  script absent "#!$S/absent/bin/true"
  script carriage-return "#!$S/tools/bin/true\r"
  script argument-carriage-return "#!$S/tools/bin/true -x\r"
  script relative '#!bin/true'
  script empty '#!'
  script no-name '#! \t '
  # Linux reads 256 bytes, of which the last must follow the name.
  local dots
  dots=$(printf '%*s' $((255 - 2 - ${#S} - ${#T_BELOW})) '' | sed 's|  |/.|g; s| |/|')
  script longest "#!$S$dots$T_BELOW -x"
  script too-long "#!$S$dots/$T_BELOW -x"
  script nothing 'echo'
  : >"$S/scripts/no-bytes"
  chmod +x "$S/scripts/no-bytes"
  script depth-1 "#!$S/tools/bin/true"
  script dynamic-1 "#!$S/dynamic/good"
  for depth in 2 3 4 5 6; do
    script depth-$depth "#!$S/scripts/depth-$((depth - 1))"
    script dynamic-$depth "#!$S/scripts/dynamic-$((depth - 1))"
  done
  script self "#!$S/scripts/self"
  script missing-2 "#!$S/scripts/missing"
}

# elf NAME CLASS ORDER INTERPRETER [TYPE [END]]: a file with an ELF header, and one program header at its end.
elf() {
  perl -e 'my ($class, $order, $name, $kind, $end) = @ARGV;
    my $o = $order == 2 ? ">" : "<";
    my $type = "S$o S$o L$o";
    print pack("a4CCCx9", "\x7fELF", $class, $order, 1);
    my ($header, $entry) = $class == 2 ? (64, 56) : (52, 32);
    my $at = $header + length($name) + 1;
    print pack($class == 2 ? "$type Q$o Q$o Q$o L$o S$o S$o S$o S$o S$o S$o" : "$type L$o L$o L$o L$o S$o S$o S$o S$o S$o S$o",
      $kind, 21, 1, 0, $at, 0, 0, $header, $entry, 1, 0, 0, 0);
    print $name, chr($end);
    my $size = length($name) + 1;
    print $class == 2 ? pack("L$o L$o Q$o Q$o Q$o Q$o Q$o Q$o", 3, 4, $header, 0, 0, $size, $size, 1)
      : pack("L$o L$o L$o L$o L$o L$o L$o L$o", 3, $header, 0, 0, $size, $size, 4, 1);' "$2" "$3" "$4" "${5-2}" "${6-0}" >"$S/elf/$1"
  chmod +x "$S/elf/$1"
}

make_elf() {
  local class order far
  # Its end, and the program header behind it, are beyond the first page.
  far=$S$(printf '/.%.0s' $(seq $(((4050 - ${#S}) / 2))))/tools/bin/true
  for class in 1 2; do
    for order in 1 2; do
      elf good-$class$order $class $order "$S/tools/bin/true"
      elf missing-$class$order $class $order /lib64/ld-linux-x86-64.so.2
      elf far-$class$order $class $order "$far"
      elf object-$class$order $class $order "$S/tools/bin/true" 1
      elf no-end-$class$order $class $order "$S/tools/bin/true" 2 65
      elf cut-off-$class$order $class $order "$S/tools/bin/true"
      truncate -s -1 "$S/elf/cut-off-$class$order"
    done
  done
  # 129 program headers are more than a page; they are not there.
  elf many 2 1 "$S/tools/bin/true"
  printf '\201' | dd of="$S/elf/many" bs=1 seek=56 conv=notrunc status=none
  # Programs that run, with a real loader.
  loader=$(ldd /bin/true | grep -o '/[^ ]*/ld[^ ]*')
  cp "$(ldd /bin/true | sed -n 's/.*libc\.so.* => \([^ ]*\).*/\1/p')" "$S/libc/libc.so.6"
  cp "$loader" "$S/libc/loader"
  cp "$loader" "$S/absent/loader"
  gcc -s -Wl,--dynamic-linker="$S/libc/loader" -Wl,-rpath,"$S/libc" -o "$S/dynamic/good" "$S.c"
  gcc -s -Wl,--dynamic-linker="$S/absent/loader" -Wl,-rpath,"$S/libc" -o "$S/dynamic/absent" "$S.c"
  gcc -s -Wl,--dynamic-linker="$loader" -Wl,-rpath,"$S/libc" -o "$S/dynamic/host" "$S.c"
}

# Whether it is the turn of a case: of one in two, or of each with PART=all.
cases=0
turn() { [ "$PART" = all ] || [ $((cases++ % 2)) = "$PART" ]; }

# Calls "try NAME JUDGEMENT RESULT [--bin-sh] SETTING..." for each case. JUDGEMENT is "ok" or what --unit says of
# the last line; RESULT is what the service ends in, perhaps by version (252=RESULT): see programs-driver.sh, or - if it is not run.
all_cases() {
  local T=$S/tools/bin absent="is not in the closure"
  local outside='is not in the store, and nothing brings it in; see BindReadOnlyPaths='
  local bare="systemd does not search \$PATH for programs; write \"\${package}/bin/NAME\""

  # A program, and what is at its path.
  try good ok ok "ExecStart=$T/true"
  try absent "$absent: $S/absent/bin/true" 203 "ExecStart=$S/absent/bin/true"
  try no-such-path "$absent: $S/no-such-path/bin/x" 203 "ExecStart=$S/no-such-path/bin/x"
  try no-such-file "does not exist: $T/treu" 203 "ExecStart=$T/treu"
  try no-such-directory "does not exist: $S/tools/sbin/true" 203 "ExecStart=$S/tools/sbin/true"
  try below-file "does not exist: $T/true/x" 203 "ExecStart=$T/true/x"
  try directory "is a directory; write \"\${package}/bin/NAME\": $T/dir" 203 "ExecStart=$T/dir"
  try package "is a directory; write \"\${package}/bin/NAME\": $S/tools" 203 "ExecStart=$S/tools"
  try slash "ends in a slash: $T/" bad "ExecStart=$T/"
  try slash-after-file "ends in a slash: $T/true/" bad "ExecStart=$T/true/"
  try slash-alone "ends in a slash: /" bad ExecStart=/
  try slash-bound "ends in a slash: /opt/true/" bad "BindPaths=$T:/opt" ExecStart=/opt/true/
  try to-slash "leads to /, which $outside: $T/slash" 203 "ExecStart=$T/slash"
  try fifo "is not a regular file: $T/fifo" 203 "ExecStart=$T/fifo"
  try not-executable "is not executable: $T/not-executable" 203 "ExecStart=$T/not-executable"
  try dangling "leads to $T/nowhere, which does not exist: $T/dangling" 203 "ExecStart=$T/dangling"
  try loop "is a symlink loop: $T/loop" 203 "ExecStart=$T/loop"
  try outside "$outside: /usr/bin/true" 203 ExecStart=/usr/bin/true

  # Symlinks, as the service sees them.
  try link ok ok "ExecStart=$T/link"
  try chain ok ok "ExecStart=$T/chain"
  try dots ok ok "ExecStart=$S/other/..//tools/./bin/true"
  try to-other ok ok "ExecStart=$T/to-other"
  try up ok ok "ExecStart=$T/up"
  try to-absent "leads to $S/absent, which $absent: $T/to-absent" 203 "ExecStart=$T/to-absent"
  try alias ok ok "ExecStart=$S/alias/bin/true"
  try alias-of-unlisted ok ok "ExecStart=$S/alias-of-unlisted/bin/true"
  try unlisted "$absent: $S/unlisted/bin/true" 203 "ExecStart=$S/unlisted/bin/true"
  try leads-out ok ok "ExecStart=$S/leads-out/bin/true"
  try file-of-the-store ok ok "ExecStart=$S/program"

  # Scripts.
  local X=$S/scripts
  try script ok ok "ExecStart=$X/good"
  try script-blanks ok ok "ExecStart=$X/blanks"
  try script-env "its interpreter /usr/bin/env $outside: $X/env" 203 "ExecStart=$X/env"
  try script-sh "its interpreter /bin/sh is missing without --bin-sh: $X/sh" 203 "ExecStart=$X/sh"
  try script-bin-sh ok ok --bin-sh "ExecStart=$X/sh"
  try script-missing "its interpreter $T/nothing does not exist: $X/missing" 203 "ExecStart=$X/missing"
  try script-absent "its interpreter $S/absent/bin/true $absent: $X/absent" 203 "ExecStart=$X/absent"
  try script-carriage-return "its interpreter $T/true\\x0d ends in a carriage return: $X/carriage-return" 203 "ExecStart=$X/carriage-return"
  try script-argument-carriage-return ok ok "ExecStart=$X/argument-carriage-return"
  try script-relative ok ok "ExecStart=$X/relative" "WorkingDirectory=$S/tools"
  try script-empty "names no interpreter in its first 256 bytes: $X/empty" 203 "ExecStart=$X/empty"
  try script-no-name "names no interpreter in its first 256 bytes: $X/no-name" 203 "ExecStart=$X/no-name"
  try script-longest ok ok "ExecStart=$X/longest"
  try script-too-long "names no interpreter in its first 256 bytes: $X/too-long" 203 "ExecStart=$X/too-long"
  try script-nothing ok 203 "ExecStart=$X/nothing"
  try script-no-bytes ok 203 "ExecStart=$X/no-bytes"
  try script-depth-5 ok ok "ExecStart=$X/depth-5"
  try script-depth-6 "its interpreter $T/true is one too many: $X/depth-6" 203 "ExecStart=$X/depth-6"
  try script-dynamic-5 ok ok "ExecStart=$X/dynamic-5"
  try script-self "its interpreter $X/self is one too many: $X/self" 203 "ExecStart=$X/self"
  try script-missing-2 "its interpreter $T/nothing does not exist: $X/missing-2" 203 "ExecStart=$X/missing-2"

  # Programs with a loader. The kernel does not run those with only a header, nor those of another machine.
  try dynamic ok ok "ExecStart=$S/dynamic/good"
  try dynamic-absent "its interpreter $S/absent/loader $absent: $S/dynamic/absent" 203 "ExecStart=$S/dynamic/absent"
  try dynamic-host "its interpreter $(ldd /bin/true | grep -o '/[^ ]*/ld[^ ]*') $outside: $S/dynamic/host" 203 "ExecStart=$S/dynamic/host"
  local kind
  for kind in 11 12 21 22; do
    try elf-$kind ok 203 "ExecStart=$S/elf/good-$kind"
    try elf-far-$kind ok 203 "ExecStart=$S/elf/far-$kind"
    try elf-object-$kind "is an ELF file, but not a whole program: $S/elf/object-$kind" 203 "ExecStart=$S/elf/object-$kind"
    try elf-no-end-$kind "is an ELF file, but not a whole program: $S/elf/no-end-$kind" 203 "ExecStart=$S/elf/no-end-$kind"
    try elf-cut-off-$kind "is an ELF file, but not a whole program: $S/elf/cut-off-$kind" 203 "ExecStart=$S/elf/cut-off-$kind"
    try elf-missing-$kind "its interpreter /lib64/ld-linux-x86-64.so.2 $outside: $S/elf/missing-$kind" 203 "ExecStart=$S/elf/missing-$kind"
  done

  try elf-many ok 203 "ExecStart=$S/elf/many"

  # /bin/sh
  try bin-sh "is missing without --bin-sh: /bin/sh" 203 ExecStart=/bin/sh
  try bin-sh-given ok ok --bin-sh ExecStart=/bin/sh
  try bin-sh-bound ok ok "BindReadOnlyPaths=$T/true:/bin/sh" ExecStart=/bin/sh

  # How a command is written.
  try prefixes ok ok "ExecStart=@$T/true zero" "ExecStart=:$T/true" "ExecStart=+$T/true" "ExecStart=!$T/true" "ExecStart=!!$T/true" "ExecStart=@:+$T/true zero"
  try prefixes-missing "does not exist: $T/no" 203 "ExecStart=@:+$T/no zero"
  try ignored ok ok "ExecStart=-$T/no" "ExecStart=-$S/absent/bin/true" ExecStart=-/usr/bin/true ExecStart=-no "ExecStart=@-$X/env zero"
  try user-shell ok - 'ExecStart=|echo'
  try quoted ok ok "ExecStart=\"$T/a b\" 'x'" "ExecStart=$T/'a 'b"
  try quoted-missing "does not exist: $T/b c" 203 "ExecStart=\"$T/b c\" x"
  try escaped ok ok "ExecStart=$T/tr\\x75e" "ExecStart=$T/a\\x20b" "ExecStart=$T/a\\sb"
  try escaped-missing "does not exist: $T/no" 203 "ExecStart=$T/n\\x6F"
  try escaped-space-missing "does not exist: $T/a c" 203 "ExecStart=$T/a\\sc"
  try escaped-percent "does not exist: $T/%no" 203 "ExecStart=$T/\\x25%no"
  try escaped-not-hex ok bad "ExecStart=$T/tr\\xg5e"
  try escaped-octal ok ok "ExecStart=$T/tr\\165e"
  try percent ok ok "ExecStart=$T/per%%cent"
  try percent-missing "does not exist: $T/%no" 203 "ExecStart=$T/%%no"
  try specifier ok ok "ExecStart=$T/%N"
  try dollar "does not exist: $T/\$NAME (systemd expands no variable here)" 203 Environment=NAME=true "ExecStart=$T/\$NAME"
  try dollar-first "is neither an absolute path nor a name: \${T}/true (systemd expands no variable here)" bad "Environment=T=$T" "ExecStart=\${T}/true"
  try dollar-in-name ok ok "ExecStart=$T/\$dollar"
  try relative "is neither an absolute path nor a name: bin/true" bad ExecStart=bin/true
  try several ok ok "ExecStart=$T/true x ; $T/true ';' \\; y\\;z ; $T/true"
  try several-missing "does not exist: $T/no" 203 "ExecStart=$T/true x ; $T/true ';' ; $T/no"
  try no-separator ok ok "ExecStart=$T/true x; /no ';' /no \\; /no \";\" /no"
  try continued "does not exist: $T/no" 203 'ExecStart= \' '# a comment \' '  ; another' "  $T/no \\" '  x'
  try comment ok ok "ExecStart=$T/true" "# ExecStart=$T/no" "; ExecStart=$T/no" "  # ExecStart=$T/no"
  try reset ok ok "ExecStart=$T/no" 'ExecStart= ' "ExecStart=$T/true"
  try reset-of-another "does not exist: $T/no" 203 ExecStartPre= "ExecStart=$T/no"
  try other-section ok ok "ExecStart=$T/true" '[X-Other]' "ExecStart=$T/no" '[Service]'
  try blanks ok ok "  ExecStart  =  $T/true  "
  try carriage-return "does not exist: $T/no" 203 "ExecStart=$T/true"$'\r'"ExecStartPre=$T/no"$'\r'
  try unbalanced ok ok "ExecStart=\"$T/no" "ExecStart=$T/true"
  try pre "does not exist: $T/no" 203 "ExecStart=$T/true" "ExecStartPre=$T/no"
  try post "does not exist: $T/no" 203 "ExecStart=$T/true" "ExecStartPost=$T/no"
  try condition "does not exist: $T/no" skipped "ExecStart=$T/true" "ExecCondition=$T/no"
  local setting
  for setting in ExecReload ExecReloadPost ExecStop ExecStopPost; do
    try $setting "does not exist: $T/no" - "ExecStart=$T/true" "$setting=$T/no"
  done

  # A program without a slash.
  try bare "$bare: true" 203 ExecStart=true
  try bare-path "$bare: true" 203 "Environment=PATH=$T" ExecStart=true
  try searched ok ok "ExecSearchPath=/no:$S/other:$T" ExecStart=true
  try searched-absent "leads to $S/absent, which $absent: true" 203 ExecStart=true "ExecSearchPath=$S/absent/bin"
  try searched-absent-first ok ok ExecStart=true "ExecSearchPath=$S/absent/bin:$T"
  try searched-absent-twice "leads to $S/absent, which $absent: true" 203 ExecStart=true "ExecSearchPath=$S/absent/bin:$S/absent/bin"
  try searched-missing "is in no directory of ExecSearchPath=: no" 203 ExecStart=no "ExecSearchPath=$S/tools:$T"
  try searched-usr "is in no directory of ExecSearchPath=: no" 203 "BindReadOnlyPaths=$T:/usr/bin" ExecStart=no "ExecSearchPath=$S/tools"
  try searched-bound ok ok ExecStart=true ExecSearchPath=/opt "BindReadOnlyPaths=$T:/opt"
  try searched-specifier ok ok ExecStart=true "ExecSearchPath=$T/%i"
  try searched-reset "$bare: true" 203 ExecStart=true "ExecSearchPath=$T" ExecSearchPath=
  try bare-bound ok ok "BindReadOnlyPaths=$T:/usr/bin" ExecStart=true
  try bare-bound-local ok ok "BindReadOnlyPaths=$T:/usr/local/bin" ExecStart=true
  try bare-bound-above ok ok "BindReadOnlyPaths=$S/tools:/usr" ExecStart=true
  try bare-bound-file ok ok "BindReadOnlyPaths=$T/true:/usr/bin/true" ExecStart=true
  try bare-bound-bin ok 252=ok,203 "BindReadOnlyPaths=$T:/bin" ExecStart=true
  try searched-sh ok ok --bin-sh ExecSearchPath=/bin ExecStart=sh
  try bare-sh "$bare: sh" 252=ok,203 --bin-sh ExecStart=sh

  # What the service itself brings in.
  local dir
  try bound ok ok "BindReadOnlyPaths=$T:/opt/bin" ExecStart=/opt/bin/true
  try bound-quoted ok ok "BindPaths=\"$T\":'/opt/bin' -/no" ExecStart=/opt/bin/true
  try bound-missing "does not exist: $T/no" 226 "BindReadOnlyPaths=/srv $T/no:/opt" "ExecStart=$T/true"
  try bound-missing-of-host ok 226 "BindReadOnlyPaths=/srv/nothing:/opt" "ExecStart=$T/true"
  try bound-dangling "leads to $T/nowhere, which does not exist: $T/dangling" 226 "BindPaths=$T/dangling:/opt" "ExecStart=$T/true"
  try bound-missing-ignored ok ok "BindReadOnlyPaths=-$T/no:/opt" "ExecStart=$T/true"
  try bound-missing-reset ok ok "BindPaths=$T/no:/opt" BindReadOnlyPaths= "ExecStart=$T/true"
  try bound-missing-entry ok 226 "BindPaths=$S/nothing:/opt" "ExecStart=$T/true"
  try bound-leads-out ok ok "BindPaths=$S/tools/to-var:/opt" "ExecStart=$T/true"
  try bound-not-simple ok ok "BindReadOnlyPaths=$T://opt/.//bin/" ExecStart=/opt/bin/true
  try bound-not-normal "$outside: /mnt/true" 203 "BindPaths=$T:/opt/../mnt $T:mnt $T:/.. $T:/a/../%i" StateDirectory=../../mnt ExecStart=/mnt/true
  try bound-beside "$outside: /opt/bin2/true" 203 "BindReadOnlyPaths=$T:/opt/bin" ExecStart=/opt/bin2/true
  try bound-reset "$outside: /opt/bin/true" 203 "BindReadOnlyPaths=$T:/opt/bin" BindReadOnlyPaths= ExecStart=/opt/bin/true
  try bound-reset-by-another "$outside: /opt/bin/true" 203 "BindReadOnlyPaths=$T:/opt/bin" BindPaths= ExecStart=/opt/bin/true
  try bound-not-reset ok ok "BindReadOnlyPaths=$T:/opt/bin" MountImages= ExecStart=/opt/bin/true
  try bound-same ok ok "BindReadOnlyPaths=-$S/absent" "ExecStart=$S/absent/bin/true"
  try bound-below-store ok ok "BindReadOnlyPaths=$T:$S/new/bin:norbind" "ExecStart=$S/new/bin/true"
  try bound-interpreter ok ok "BindReadOnlyPaths=$T/true:/usr/bin/env" "ExecStart=$X/env"
  try bound-link ok ok "BindReadOnlyPaths=$S/absent" "ExecStart=$T/to-absent"
  try bound-specifier ok ok "BindReadOnlyPaths=$T:/opt/%p" ExecStart=/opt/bound-specifier/true
  try bound-anywhere ok ok "BindReadOnlyPaths=$T:%h/bin" ExecStart=/root/bin/true
  for setting in State:/var/lib Runtime:/run Cache:/var/cache Logs:/var/log Configuration:/etc; do
    dir=${setting#*:}/a
    try "${setting%:*}" ok ok "ExecStartPre=$T/true copy $T/true $dir/x" "${setting%:*}Directory=a" "ExecStart=$dir/x"
  done
  try state-link ok ok "ExecStartPre=$T/true copy $T/true /var/lib/c/x" StateDirectory=c:b ExecStart=/var/lib/b/x
  try state-other "$outside: /var/lib/other/x" 203 StateDirectory=a ExecStart=/var/lib/other/x
  try tmp ok ok "ExecStartPre=$T/true copy $T/true /tmp/x" ExecStart=/tmp/x
  try var-tmp ok ok "ExecStartPre=$T/true copy $T/true /var/tmp/x" ExecStart=/var/tmp/x
  try tmpfs "$outside: /opt/x" 203 TemporaryFileSystem=/opt "ExecStartPre=$T/true copy $T/true /opt/x" ExecStart=/opt/x
  try proc ok ok "ExecStart=/proc/self/root$T/true"
  for setting in RootDirectory=/srv/root RootImage=/srv/image ExtensionImages=/srv/image ExtensionDirectories=/srv/root; do
    try "${setting%=*}" ok - "$setting" ExecStart=/no ExecStop=no
  done
  try root-of-confinement "$outside: /no" 203 RootDirectory=/run/confinement-root/%p ExecStart=/no
  try root-of-module "$outside: /no" - RootDirectory=/var/empty ExecStart=/no

  # WorkingDirectory=
  try directory-good ok ok "WorkingDirectory=$S/tools/bin" "ExecStart=$T/true"
  try directory-link ok ok "WorkingDirectory=$S/alias" "ExecStart=$T/true"
  try directory-leads-to-root ok ok "WorkingDirectory=$S/tools/to-var" "ExecStart=$T/true"
  try directory-relative "is neither an absolute path nor ~: tools" bad WorkingDirectory=tools "ExecStart=$T/true"
  try directory-quoted "is neither an absolute path nor ~: \"$T\"" bad "WorkingDirectory=\"$T\"" "ExecStart=$T/true"
  try directory-home ok ok WorkingDirectory=~ BindPaths=/root "ExecStart=$T/true"
  try directory-absent "$absent: $S/absent" 200 "ExecStart=$T/true" "WorkingDirectory=$S/absent"
  try directory-missing "does not exist: $S/tools/no" 200 "ExecStart=$T/true" "WorkingDirectory=$S/tools/no"
  try directory-file "is not a directory: $T/true" 200 "ExecStart=$T/true" "WorkingDirectory=$T/true"
  try directory-ignored ok ok "ExecStart=$T/true" "WorkingDirectory=-$S/absent"
  try directory-last ok ok "WorkingDirectory=$S/absent" "WorkingDirectory=$S/tools" "ExecStart=$T/true"
  try directory-reset ok ok "WorkingDirectory=$S/absent" WorkingDirectory= "ExecStart=$T/true"
  try directory-outside ok 200 WorkingDirectory=/srv "ExecStart=$T/true"
  try directory-bound ok ok "BindReadOnlyPaths=$S/absent" "WorkingDirectory=$S/absent/bin" "ExecStart=$T/true"
  try directory-above ok ok "BindReadOnlyPaths=$S/absent:$S/made/here" "WorkingDirectory=$S/made" "ExecStart=$T/true"
  try directory-specifier ok ok "WorkingDirectory=$S/tools/%j" "ExecStart=$T/true"
}
