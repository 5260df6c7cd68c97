"""A supervised process ends with the process that started it, however late it finds out."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from openum.jobs.parent import SUPERVISED

pytestmark = pytest.mark.kills
ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import os, threading
from openum.jobs.parent import SUPERVISED, end_with_parent
end_with_parent()
print(os.environ.get(SUPERVISED, "") == str(os.getpid()), flush=True)
threading.Event().wait(30)
"""


def start(environment):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def test_a_process_whose_parent_was_killed_while_it_loaded_ends():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with start({SUPERVISED: str(gone.pid)}) as child:
        assert child.wait(timeout=15) == -signal.SIGTERM


@pytest.mark.parametrize("environment", [{SUPERVISED: str(os.getpid())}, {SUPERVISED: ""}])
def test_a_process_whose_parent_lives_or_that_nobody_supervises_goes_on(environment):
    with start(environment) as child:
        assert child.stdout.readline() == f"{bool(environment[SUPERVISED])}\n"
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(timeout=1)
        child.kill()
