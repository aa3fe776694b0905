# SPDX-License-Identifier: MIT
#
# What programs in Python do with processes, threads, locks and shared memory, which settings may forbid.
import asyncio
import multiprocessing
import os
import socket
import ssl
import tempfile
import threading
from multiprocessing import shared_memory


def main():
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=queue.put, args=(1,))
    process.start()
    assert queue.get() == 1
    process.join()
    memory = shared_memory.SharedMemory(create=True, size=100)
    memory.close()
    memory.unlink()
    thread = threading.Thread(target=multiprocessing.Lock().acquire)
    thread.start()
    thread.join()
    asyncio.run(asyncio.sleep(0))
    assert socket.if_nameindex() and open("/proc/meminfo").read() and tempfile.mkstemp()
    ssl.create_default_context()
    os.nice(1)


# A process that does not fork reads this file, too.
if __name__ == "__main__":
    main()
