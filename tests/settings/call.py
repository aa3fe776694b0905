# SPDX-License-Identifier: MIT
#
# Does the one thing that is named, which some setting breaks.
import mmap
import os
import socket
import subprocess
import sys
import tempfile

CALLS = {
    "namespace": lambda: subprocess.run(["unshare", "--user", "true"], check=True),
    "family": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM),
    "realtime": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "capability": lambda: socket.socket().bind(("127.0.0.1", 86)),
    "compile": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    "meminfo": lambda: open("/proc/meminfo"),
    "nice": lambda: os.nice(1),
    "processors": lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)),
    "setuid": lambda: os.setuid(os.getuid()),
    "chown": lambda: os.chown(tempfile.mkstemp()[1], -1, os.getgid()),
    "interfaces": lambda: socket.if_nameindex(),
    "state": lambda: open(os.environ["STATE_DIRECTORY"] + "/ran", "w"),
}
CALLS[sys.argv[1]]()
