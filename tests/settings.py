"""Settings of the test run and of development commands: the real ones, with fixed secrets and quick password hashing."""

import os
import tempfile
from pathlib import Path

_data = Path(tempfile.gettempdir()) / f"openum-tests-{os.getuid()}"
_data.mkdir(mode=0o700, exist_ok=True)
os.environ.setdefault("OPENUM_DATA", str(_data))
os.environ.setdefault("OPENUM_SECRET_KEY", "only-for-tests-0123456789-0123456789-0123456789")
os.environ.setdefault("OPENUM_SEAL_KEY", "only-for-tests-seal-0123456789-0123456789")
os.environ.setdefault("OPENUM_DEMO", "1")
os.environ.setdefault("OPENUM_LOG_LEVEL", "CRITICAL")

from openum.config.settings import *  # noqa: E402, F403
from openum.config.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
if DATABASES["default"]["ENGINE"] == "openum.db.fairsqlite":
    DATABASES["default"]["TEST"] = {"NAME": str(_data / f"test-{os.getpid()}.sqlite3")}
