# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What scripts do with processes, pipes, files and signals, which settings may forbid.
set -eu
cd "$(mktemp -d)"
mkfifo pipe
(trap 'echo signal >pipe; exit' USR1; while :; do sleep 0.1; done) &
sleep 0.2
kill -USR1 $!
read -r line <pipe
wait $!
[ "$line" = signal ]
printf '%s\n' c a b | sort | { read -r first; [ "$first" = a ]; }
cp /usr/bin/env copy
chmod 700 copy
ln -s copy link
./link A=b sh -c '[ $A = b ]'
find . -name 'c*' -exec tar -cf archive {} +
nice -n 1 gzip archive
cat >here <<HERE
$(id --user)
HERE
[ "$(wc -l <here)" = 1 ]
git init --quiet repository
git -C repository -c user.name=a -c user.email=a@localhost commit --quiet --allow-empty --message a
git clone --quiet repository clone
git -C clone gc --quiet
