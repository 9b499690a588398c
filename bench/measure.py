"""Runs one command with its output into a file, and prints its wall time in ms, CPU time in ms and peak memory in MB.

    measure.py OUTPUT SECONDS COMMAND...

A process of its own, and a small one: what a child is said to need at most is never less than what its parent has.
"""

import os
import signal
import sys
import time

began = time.perf_counter()
child = os.fork()
if child == 0:
    os.dup2(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.execvp(sys.argv[3], sys.argv[3:])
signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
signal.alarm(int(sys.argv[2]))
_, status, usage = os.wait4(child, 0)
took = (time.perf_counter() - began) * 1000
if status != 0:
    late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    print(f"does not end within {sys.argv[2]} s" if late else f"fails after {took:.0f} ms")
    sys.exit(1)
print(took, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024)
