"""A wall clock of one node that a test may move (skewed_clock.c), without touching the machine's."""
import os
import shutil
import struct
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def why_not():
    """Why a clock cannot be moved here, or None."""
    if not (shutil.which("cc") or shutil.which("gcc")):
        return "no C compiler to build harness/skewed_clock.c with"
    if "asan" in os.environ.get("KIENG_NODE", "") or "tsan" in os.environ.get("KIENG_NODE", ""):
        return "a sanitizer's runtime must be loaded first"
    return None


class SkewedClock:
    def __init__(self, folder, name):
        self.path = os.path.join(folder, name + ".clock")
        library = os.path.join(folder, "skewed_clock.so")
        if not os.path.exists(library):
            compiler = shutil.which("cc") or shutil.which("gcc")
            subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, os.path.join(HERE, "skewed_clock.c"), "-ldl"], check=True)
        with open(self.path, "wb") as sink:
            sink.write(struct.pack("=q", 0))
        self.settings = {"LD_PRELOAD": library, "KIENG_TEST_CLOCK": self.path}

    def move(self, seconds):
        """Ahead of the machine's clock, or behind it; from now on."""
        with open(self.path, "r+b") as sink:
            sink.write(struct.pack("=q", int(seconds * 1e9)))
