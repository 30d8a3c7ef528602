"""What the kernel says of a process: the time it has used and the memory it has needed."""

import os
import pathlib
import time

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_ms(pid):
    """User and system time of all its threads so far, the ended ones included."""
    try:
        # clock_getcpuclockid(3): the clock of another process, to the nanosecond.
        return time.clock_gettime_ns((~pid << 3) | 2) / 1e6
    except OSError:
        return sum(user_and_system_ms(pid))


def user_and_system_ms(pid):
    """The same in two, to the kernel's tick of 10 ms."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return int(fields[11]) * 1000 / TICKS, int(fields[12]) * 1000 / TICKS


def peak_memory_mb(pid):
    return _memory_mb(pid, "VmHWM")


def memory_mb(pid):
    return _memory_mb(pid, "VmRSS")


def child(pid):
    """Its only child."""
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue  # It has just ended.
        if int(fields[1]) == pid:
            return int(stat.parent.name)
    raise RuntimeError(f"process {pid} has no child")


def _memory_mb(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"process {pid} has no {name}")
