#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Input that cannot work is refused with one line that says where and why, and nothing is written.

load helpers

setup() {
  new_world
  example_store
}

NOT_NORMAL="not an absolute path of at most 4095 bytes without '.', '..', '//' and a '/' at its end"

# refuses_line MESSAGE FORMAT: a list whose third line is printf's FORMAT is refused with MESSAGE.
refuses_line() {
  # shellcheck disable=SC2059
  printf "$W/store/dir\n$W/store/file\n$2\n$W/store/roots\n" >bad
  refuses 1 "bad:3: $1" chroot_paths --store-paths bad
}

# refuses_path WHY PATH [SHOWN]: the same, with the message "WHY: PATH", or "WHY: SHOWN".
refuses_path() {
  refuses_line "$1: ${3-$2}" "$2"
}

# refuses_bin_sh WHY PATH: the shell PATH is refused with "WHY: PATH".
refuses_bin_sh() {
  refuses 1 "--bin-sh: $1: $2" chroot_paths --store-paths list --bin-sh "$2"
}

@test 'an empty line, a relative path, and a NUL byte, in the middle and alone' {
  refuses_line 'empty line instead of a path' ''
  refuses_path "$NOT_NORMAL" store/dir
  for line in "$W/store/dir\\0" '\0'; do refuses_line 'contains a NUL byte' "$line"; done
}

@test 'a carriage return at the end of a line, and within one' {
  refuses_path 'ends in a carriage return; only a newline may end a line' "$W/store/dir\\r" "$W/store/dir\\x0d"
  mkdir $'store/a\rb'
  refuses_path 'has a control character, which a unit file cannot hold' "$W/store/a\\rb" "$W/store/a\\x0db"
}

@test 'a path of 4095 bytes is not too long, a longer one is' {
  path=$(printf '/x%.0s' {1..2046})/xy
  refuses_path 'No such file or directory' "$path"
  for longer in "${path}z" "$(head -c 200000 /dev/zero | tr '\0' /)"; do
    refuses_line 'longer than 4095 bytes, the limit for a path' "$longer"
  done
  refuses_path "$(words 'Filename too long' 'File name too long')" "/$(printf 'x%.0s' {1..256})"
}

@test 'a path that is not normal, which systemd would ignore or change, or the root' {
  for path in / // "$W/store/../store/dir" "$W/store/." "$W/store/dir/" "$W//store/dir" "$W/store/.."; do
    refuses_path "$NOT_NORMAL" "$path"
  done
}

@test 'names that only begin with dots are normal' {
  mkdir store/...a store/.b
  printf "$W/store/%s\n" ...a .b >dots
  chroot_paths --store-paths dots
  assert_unit <<EOF
[Service]
BindReadOnlyPaths=$W/store/...a
BindReadOnlyPaths=$W/store/.b
EOF
}

@test 'a path that does not exist, one below a file, and a symlink loop' {
  refuses_path 'No such file or directory' "$W/store/gone"
  refuses_path 'Not a directory' "$W/store/file/below"
  ln -s loop store/loop
  refuses_path 'symlink loop' "$W/store/loop"
}

@test 'a dangling symlink, itself, at the end of a chain, and through a file' {
  ln -s nowhere store/dangling
  ln -s dangling store/to-dangling
  for link in dangling to-dangling; do
    refuses_path "dangling symlink to $W/store/nowhere" "$W/store/$link"
  done
  ln -s file/below store/through
  refuses_path "dangling symlink to $W/store/file/below" "$W/store/through"
  # What is missing may be below a directory that a chain of symlinks leads to.
  ln -s "$W/store/dir" store/way
  ln -s way/../gone/x store/end
  ln -s ../end/y store/dir/chain
  ln -s way/chain/z store/far
  refuses_path "dangling symlink to $W/store/gone/x/y/z" "$W/store/far"
}

@test 'a symlink to a directory that contains the whole store' {
  ln -s store real
  for target in / /usr/.. "$W" "$W/store" "$W/real" ..; do
    ln -sfn "$target" store/all
    for NIX_STORE in "$W/store" "$W/real"; do
      export NIX_STORE
      refuses_path 'leads to a directory that contains the whole store' "$W/store/all"
    done
  done
  unset NIX_STORE
  ln -sfn / store/all
  refuses_path 'leads to a directory that contains the whole store' "$W/store/all"
}

@test 'the store itself, or a directory above it' {
  ln -s "$W" way
  ln -s "$W/way" store/way
  for path in "$W" "$W/store" "$W/way/store" "$W/store/way/store" "${W%/*}"; do
    case $path in */way/*) leads='leads to a directory that ' ;; *) leads= ;; esac
    NIX_STORE=$W/store refuses_path "${leads}contains the whole store" "$path"
    NIX_STORE=$W/way/store refuses_path "${leads}contains the whole store" "$path"
  done
  # The store need not exist.
  mkdir later
  NIX_STORE=$W/later/store refuses_path 'contains the whole store' "$W/later"
  # A similar name is accepted.
  mkdir store-two
  printf '%s\n' "$W/store-two" "$W/way/store-two" "$W/way/store/dir" >beside
  NIX_STORE=$W/store chroot_paths --store-paths beside
  assert_unit < <(echo '[Service]'; sed 's/^/BindReadOnlyPaths=/' beside)
}

@test 'in a build, what is or leads outside of the store' {
  mkdir -p build/dir elsewhere/dir store-two
  export NIX_STORE=$W/store NIX_BUILD_TOP=$W/build
  why='not in the store; a build cannot know what the host has there'
  for target in /etc /etc/passwd /usr /proc/version /dev/null /srv/not/there "$W/build/dir" "$W/elsewhere"; do
    ln -sfn "$target" store/out
    refuses_path "leads to $target, which is $why" "$W/store/out"
  done
  # A symlink outside that leads into the store may not be there on the host, and a name may only begin with the store.
  ln -s "$W/store/dir" elsewhere/back
  for path in /etc/passwd /not/there "$W/build/dir" "$W/elsewhere" "$W/elsewhere/back" "$W/store-two"; do
    refuses_path "$why" "$path"
  done
  ln -s "$W/elsewhere" store/into
  refuses_path "leads to $W/elsewhere/dir, which is $why" "$W/store/into/dir"
  # Without a store, everything is outside of it.
  NIX_STORE=$W/no-store refuses 1 "list:1: $why: $W/store/dir" chroot_paths --store-paths list
  # The sandbox has a /bin/sh of its own. Without a sandbox, it may be a symlink to what only this host has in its store.
  cp -r store/dir/bin elsewhere/dir
  refuses_bin_sh "$why" /bin/sh
  refuses_bin_sh "$why" "$W/elsewhere/back/bin/sh"
  refuses_bin_sh "leads to $W/elsewhere/dir/bin/sh, which is $why" "$W/store/into/dir/bin/sh"
}

@test 'in a build, the store may have another name, and be in the directory of the build' {
  ln -s store other-name
  ln -s "$W/store/dir" store/by-real-name
  echo "$W/other-name/by-real-name" >list
  NIX_BUILD_TOP=$W NIX_STORE=$W/other-name chroot_paths --store-paths list
  assert_unit < <(printf '[Service]\nBindReadOnlyPaths=%s:%s\n' "$W/store/dir" "$W/other-name/by-real-name")
}

@test 'outside of a build, a path may lead out of the store' {
  ln -s /dev/null store/out
  echo "$W/store/out" >list
  NIX_STORE=$W/store chroot_paths --store-paths list
  assert_unit < <(printf '[Service]\nBindReadOnlyPaths=%s:%s\n' /dev/null "$W/store/out")
}

@test 'a path that no unit can hold: control characters' {
  for byte in 01 09 0b 0c 1b 1f 7f; do
    # shellcheck disable=SC2059
    mkdir "$(printf "store/a\\x${byte}b")"
    refuses_path 'has a control character, which a unit file cannot hold' "$W/store/a\\x${byte}b"
  done
}

@test 'a path that no unit can hold: quotes, and a symlink whose name or target is such a path' {
  mkdir "store/a'b" 'store/a"b' $'store/a\tb'
  ln -s dir "store/c'd"
  for name in "a'b" 'a"b' "c'd"; do
    refuses_path 'has a quote, with which systemd does not start a service' "$W/store/$name"
  done
  ln -s $'a\tb' store/to-tab
  refuses_path 'has a control character, which a unit file cannot hold' "$W/store/to-tab" "$W/store/a\\x09b"
}

@test 'a path that no unit can hold: bytes that are not UTF-8 to systemd' {
  # Lone bytes, cut off and overlong sequences, surrogates, noncharacters, and numbers beyond Unicode.
  for bytes in 80 ff 'c3 A' 'c0 af' 'e0 9f bf' 'f0 8f bf bd' 'ed a0 80' 'f4 90 80 80' 'f8 88 80 80' 'ef bf be' \
    'ef b7 90' 'f0 9f bf bf' 'e2 82'; do
    # shellcheck disable=SC2086
    name=$(printf '\\x%s' $bytes)
    name=${name/\\xA/A}
    # shellcheck disable=SC2059
    mkdir "$(printf "store/$name")"
    refuses_path 'not UTF-8, so systemd would ignore the line' "$W/store/$name"
  done
}

@test 'a message stays one line of printable characters' {
  refuses 1 "no\\x0asuch\\x1b[31m: No such file or directory" \
    chroot_paths --store-paths $'no\nsuch\e[31m'
}

@test 'a message with long strings still says why' {
  long=$(head -c 20000 /dev/zero | tr '\0' x)
  refuses 2 "--service: '${long:0:4096}' does not end in .service" chroot_paths --store-paths list --service "$long"
  refuses 2 "${long:0:4096}: unexpected argument; see chroot-paths --help" chroot_paths "$long"
  # Three paths of almost 4096 bytes, which are four times as long in the message.
  deep=$W$(printf "/$(printf 'é%.0s' {1..100})%.0s" {1..18})
  mkdir -p "$deep"
  ln -s "$deep" store/out
  echo "$W/store/out/new" >"$deep/list"
  mkdir "$deep/new"
  shown() { echo "${1//é/\\xc3\\xa9}"; }
  export NIX_STORE=$W/store NIX_BUILD_TOP=$W/build
  refuses 1 "$(shown "$deep/list:1: leads to $deep/new"), which is not in the store; a build cannot know what the host has there: $W/store/out/new" \
    chroot_paths --store-paths "$deep/list"
  ln -s "${deep#"$W/"}" up
  ln -sfn "$W" store/way
  echo "$W/store/way/${deep#"$W/"}" >"$deep/list"
  refuses 1 "$(shown "$deep/list:1: leads to $deep, which is not in the store; a build cannot know what the host has there: $W/store/way/${deep#"$W/"}")" \
    chroot_paths --store-paths "$deep/list"
}

# refuses_graph MESSAGE LINE...: the references graph of these lines is refused with MESSAGE.
refuses_graph() {
  printf '%s\n' "${@:2}" >bad
  refuses 1 "bad:$1" chroot_paths --references-graph bad
}

@test 'a references graph that is cut off, at every line' {
  mapfile -t lines < <(head -n 3 list | as_graph)
  for ((cut = 1; cut < ${#lines[@]}; cut++)); do
    # A cut after a whole record leaves a valid graph.
    if [ $cut = 3 ] || [ $cut = 7 ]; then
      printf '%s\n' "${lines[@]:0:cut}" | chroot_paths --references-graph -
      continue
    fi
    refuses_graph "$((cut + 1)): the references graph is cut off here" "${lines[@]:0:cut}"
  done
}

@test 'a references graph with a count that is negative, huge, not a number, one short or one too many' {
  for count in -1 +1 1x x '' ' 1' '1 ' 0x1 1.0 99999999999999999999 18446744073709551616; do
    refuses_graph "3: not the number of references, so not a references graph: $count" \
      "$W/store/dir" '' "$count" "$W/store/file"
  done
  for count in 18446744073709551615 2; do
    refuses_graph '5: the references graph is cut off here' "$W/store/dir" '' "$count" "$W/store/file"
  done
  head -n 3 list | as_graph >graph
  mapfile -t lines < <(sed 6s/1/0/ graph)
  refuses_graph '9: not the number of references, so not a references graph: /nix/store/some.drv' "${lines[@]}"
  mapfile -t lines < <(sed 6s/1/3/ graph)
  refuses_graph "10: $NOT_NORMAL: 1" "${lines[@]}"
}

@test 'a references graph with a bad path, deriver or reference, or a list for a graph, and a graph for a list' {
  refuses_graph "1: $NOT_NORMAL: relative" relative '' 0
  refuses_graph '1: empty line instead of a path' '' '' 0
  refuses_graph '2: not a deriver, so not a references graph: relative' "$W/store/dir" relative 0
  refuses_graph "4: $NOT_NORMAL: relative" "$W/store/dir" '' 1 relative
  mapfile -t lines <list
  refuses_graph "3: not the number of references, so not a references graph: $W/store/roots" "${lines[@]}"
  as_graph <list >graph
  refuses 1 'graph:2: empty line instead of a path' chroot_paths --store-paths graph
}

@test 'a --bin-sh that is missing, dangling, a loop, relative, a directory or not executable' {
  ln -s nowhere store/dangling
  ln -s loop store/loop
  mkfifo fifo
  refuses_bin_sh 'No such file or directory' /nowhere/sh
  refuses_bin_sh "dangling symlink to $W/store/nowhere" "$W/store/dangling"
  refuses_bin_sh 'symlink loop' "$W/store/loop"
  for path in "$W/store/dir" "$W/fifo" /dev/null; do refuses_bin_sh 'not a regular file' "$path"; done
  refuses_bin_sh 'not executable' "$W/store/file"
  refuses 2 '--bin-sh: not an absolute path: bin/sh' chroot_paths --store-paths list --bin-sh bin/sh
  # What a libc says first of a path that is both too long and not there differs.
  run -1 chroot_paths --store-paths list --bin-sh "/nowhere$(printf '/x%.0s' {1..4096})"
  [[ $output == 'chroot-paths: --bin-sh: '* ]]
  binSh=$W/store/dir refuses 1 "binSh: not a regular file: $W/store/dir" chroot_paths --store-paths list
}

# refuses_use WHY NAME [OPTION]: the name of the service is refused, with OPTION.
refuses_use() {
  refuses 2 "--service: '${2/é/\\xc3\\xa9}' $1" chroot_paths --store-paths list --service "$2" "${@:3}"
}

@test 'a service name that systemd would refuse' {
  for name in x a.socket service .servic a.service/ a.SERVICE; do
    refuses_use 'does not end in .service' $name
  done
  for name in ../x.service a/b.service 'a b.service' 'a%.service' é.service; do
    refuses_use 'contains a character other than letters, digits and :_.\@-' "$name"
  done
  for name in .service @a.service; do refuses_use 'has no name before .service or @' $name; done
  for name in .a.service ..service; do
    refuses_use 'starts with a dot, so systemd would ignore it as a hidden file' $name
  done
  long=$(printf 'x%.0s' {1..248}).service
  refuses_use 'is longer than 255 bytes, the limit for a unit name' "$long"
  # systemd takes the part before the first @.
  for name in a-.service a-@x.service a-@x-@y.service a-@.service; do
    refuses_use 'has a dash before .service or @, so systemd would apply the drop-in to other services, too' $name --drop-in
  done
  for name in "${long:0:192}.service" "${long:0:96}@${long:0:95}.service"; do
    refuses_use 'is longer than 199 bytes, the limit for a unit name with PrivateTmp=yes' "$name" --root
  done
  refuses 1 "$W/out/lib/systemd/system/${long#xx}.d: $(words 'Filename too long' 'File name too long')" \
    chroot_paths --store-paths list --service "${long#xx}" --drop-in
  serviceName=x refuses 2 "serviceName: 'x' does not end in .service" "$PROGRAM" --out "$W/out" --store-paths list
}

@test 'a NIX_STORE that cannot be a store directory, where it is used' {
  for way in --root --store-view; do
    for store in nix/store /nix/store/ /; do
      NIX_STORE=$store refuses 2 "NIX_STORE: $NOT_NORMAL: $store" chroot_paths --store-paths list $way
    done
    NIX_STORE='/a b' refuses 2 'NIX_STORE: contains a character other than letters, digits and /._@-: /a b' \
      chroot_paths --store-paths list $way
  done
  NIX_STORE=nix/store chroot_paths --store-paths list
}

@test 'a bad line is refused before the next one is there' {
  mkfifo list-in-time
  exec 9<>list-in-time
  echo relative >&9
  refuses 1 "list-in-time:1: $NOT_NORMAL: relative" chroot_paths --store-paths list-in-time
}

@test 'an empty closure on standard input, which a failed command before a pipe leaves' {
  for way in --store-paths --references-graph; do
    refuses 1 'standard input: empty, so the command that should list the closure has probably failed' \
      eval "false | chroot_paths $way -"
  done
}

@test 'a file that is compressed in another way than with zstd' {
  for kind in gzip bzip2 xz lz4; do
    case $kind in
      lz4) printf '\x04\x22\x4d\x18\x64' ;;
      *) $kind <list ;;
    esac >bad
    refuses 1 "bad: compressed with $kind; decompress it first" chroot_paths --store-paths bad
  done
}

@test 'a derivation with structured attributes, whose settings are no variables' {
  NIX_ATTRS_JSON_FILE=/build/.attrs.json refuses 2 "closure: the derivation has __structuredAttrs, so its \
settings have to be options in 'args'; see chroot-paths(1)" chroot_paths
}

@test 'both closure inputs, or neither' {
  refuses 2 '--references-graph: the closure is already given by --store-paths' \
    chroot_paths --store-paths list --references-graph list
  closureInfo=. referencesGraph=list refuses 2 'referencesGraph: the closure is already given by closureInfo' chroot_paths
  refuses 2 '--roots: the closure is already given by --store-paths' chroot_paths --store-paths list --roots list
  refuses 2 'closure: give --store-paths or --references-graph; see chroot-paths --help' chroot_paths
}

@test 'wrong usage: unknown options, unexpected arguments, missing and superfluous values' {
  # musl's getopt returns a byte like the last one as a character above 0xff.
  for option in --nonsense --s --ro=x -x -xyz --drop-in=yes --root=tmpfs '-\x07' '-\xe9'; do
    # shellcheck disable=SC2059
    refuses 2 "$option: unknown or ambiguous option, or one that takes no value; see chroot-paths --help" \
      chroot_paths "$(printf -- "$option")" --store-paths list
  done
  for argument in list - --; do
    refuses 2 "${argument/#--/list}: unexpected argument; see chroot-paths --help" \
      chroot_paths --store-paths list --root "$argument" list
  done
  refuses 2 '--store-paths: needs a value' chroot_paths --store-paths
  refuses 2 '--store-paths: is empty' chroot_paths --store-paths ''
  for path in dir / "$W/store/../store/roots" "$W//roots" "$W/roots/"; do
    refuses 2 "--exclude: $NOT_NORMAL: $path" chroot_paths --store-paths list --exclude "$path"
  done
  refuses 2 '--out: required: where to write; see chroot-paths --help' \
    "$PROGRAM" --store-paths list --service "$NAME"
  refuses 2 '--service: required: the name of the unit; see chroot-paths --help' \
    "$PROGRAM" --store-paths list --out "$W/out"
}

@test 'an input that is missing, a directory or endless, and a closureInfo without a list' {
  for file in gone store; do
    case $file in gone) why='No such file or directory' ;; *) why='Is a directory' ;; esac
    refuses 1 "$file: $why" chroot_paths --store-paths $file
    refuses 1 "$file: $why" chroot_paths --references-graph $file
    refuses 1 "$file: $why" "$PROGRAM" --roots $file --out "$UNIT"
  done
  for option in --store-paths --references-graph; do
    refuses 1 '/dev/zero:1: longer than 4095 bytes, the limit for a path' chroot_paths $option /dev/zero
  done
  mkdir info
  closureInfo=info refuses 1 'closureInfo: neither store-paths nor store-paths.zst in info' chroot_paths
}

@test 'an output that is a directory' {
  mkdir -p "$UNIT"
  run -1 --separate-stderr chroot_paths --store-paths list
  [ "$stderr" = "chroot-paths: $UNIT: Is a directory" ]
  [ -z "$(find out ! -type d)" ]
}

@test 'an output directory that cannot be written: no permission' {
  powerless=()
  if [ "$(id -u)" = 0 ]; then powerless=(setpriv --inh-caps=-all --bounding-set=-all); fi
  mkdir -m 555 out
  run -1 --separate-stderr "${powerless[@]}" "$PROGRAM" --store-paths list --service "$NAME" --out "$W/out"
  [ "$stderr" = "chroot-paths: $W/out/lib: Permission denied" ]
}

@test 'an output directory that cannot be written: a read-only file system' {
  needs_root 'mount'
  mkdir -p "$(dirname "$UNIT")"
  echo before >"$UNIT"
  mount -t tmpfs none out/lib
  mkdir -p out/lib/systemd
  mount -o remount,ro none out/lib
  run -1 --separate-stderr chroot_paths --store-paths list
  umount out/lib
  [ "$stderr" = "chroot-paths: $W/out/lib/systemd/system: Read-only file system" ]
  [ "$(cat "$UNIT")" = before ]
}

@test '--help to a full device is an error' {
  [ -c /dev/full ] || unmet 'no /dev/full'
  run -1 --separate-stderr bash -c '"$1" --help >/dev/full' - "$PROGRAM"
  [ "$stderr" = 'chroot-paths: standard output: No space left on device' ]
}
