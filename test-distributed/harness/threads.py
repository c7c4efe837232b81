"""One thread of a process stood still from outside, as a bug would: the others go on."""
import ctypes
import os

_SEIZE, _INTERRUPT, _DETACH = 0x4206, 0x4207, 17
_WALL = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_ulong, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request, tid):
    if _libc.ptrace(request, tid, None, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def thread_named(pid, name):
    """The id of the thread with that name; fails when there is none."""
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/comm", encoding="utf-8") as source:
            if source.read().strip() == name:
                return int(tid)
    raise AssertionError(f"process {pid} has no thread {name}")


class StoppedThread:
    """Traced by the calling thread, which has to be the one that goes on using this."""

    def __init__(self, pid, name):
        self._tid = thread_named(pid, name)
        self._over = False
        _ptrace(_SEIZE, self._tid)
        _ptrace(_INTERRUPT, self._tid)
        os.waitpid(self._tid, _WALL)

    def reap(self):
        """A process that ended stays a zombie until its traced thread was waited for. True once that is done."""
        if not self._over:
            found, status = os.waitpid(self._tid, _WALL | os.WNOHANG)
            self._over = found == self._tid and (os.WIFEXITED(status) or os.WIFSIGNALED(status))
        return self._over

    def close(self):
        if not self._over:
            try:
                _ptrace(_DETACH, self._tid)
            except OSError:
                self.reap()
