"""Processes of one supervisor end together, however the supervisor ended."""

import os
import signal
import threading
import time

SUPERVISED = "OPENUM_SUPERVISED"
"""Names, in the environment of a supervised process, the process that started it."""


def is_supervised() -> bool:
    """Say whether a supervisor started this process, or its parent."""
    return bool(os.environ.get(SUPERVISED))


def end_with_parent() -> None:
    """Stop this process soon after its parent has gone, also when that was killed, even before this was called.

    What this process starts from now on is told that it is the parent. Unsupervised, do nothing.
    """
    if not is_supervised():
        return
    parent = int(os.environ[SUPERVISED])
    os.environ[SUPERVISED] = str(os.getpid())

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
