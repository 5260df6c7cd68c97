"""Loads the demo world into a migrated, empty database; `openum demo` calls it at the first start."""

import gc
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.services import ensure_rules_engine
from openum.db import clock
from samples import members, people, places, plots
from samples.acting import Stage
from samples.codes import SERVICES
from samples.places import Places
from samples.plots import Cast, Orderer

SEED = 20_261_123


@dataclass(frozen=True)
class Size:
    """How large the world is."""

    members: int = 10_000
    cases: int = 3_000
    days: int = 365


FULL = Size()
SMALL = Size(members=400, cases=40, days=120)
