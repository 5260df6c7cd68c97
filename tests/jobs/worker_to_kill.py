"""A worker process for the tests: its handler writes one row per job, with pauses where a kill would hurt most."""

import os
import sys
import threading
import time

import django


def main(database: str) -> None:
    """Work until killed, on the database the test names."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from openum.db import clock
    from openum.jobs import enqueue, handler, registry, rules, work

    registry.HANDLERS.clear()
    registry.RECURRING.clear()
    rules.LEASE_SECONDS = 1

    @handler("test.effect")
    def effect(payload, *, at):
        time.sleep(0.002)
        enqueue("test.done", payload, run_at=at.replace(year=9000))
        time.sleep(0.008)

    print("ready", flush=True)
    work(now=clock.now, stop=threading.Event(), idle_seconds=0.02)


if __name__ == "__main__":
    main(sys.argv[1])
