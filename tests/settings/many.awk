# SPDX-License-Identifier: MIT
#
# What programs in awk do with memory, commands and files, which settings may forbid.
BEGIN {
  for (n = 1; n <= 100000; n++) squares[n] = n * n
  for (n in squares) print n | "sort -n >/tmp/squares"
  if (close("sort -n >/tmp/squares")) exit 1
  while ((getline number <"/tmp/squares") > 0) if (number != ++line) exit 1
  "id -u" | getline user
  exit line != 100000 || user == "" || system("test -s /tmp/squares")
}
