"""Runs that people asked for, in the worker process."""

from datetime import datetime
from typing import Any

from django.db import DatabaseError

from openum.criteria.simulation.models import Simulation
from openum.criteria.simulation.services import JOB, fail_simulation, run_simulation
from openum.jobs import handler


@handler(JOB, outside=True)
def simulate(payload: dict[str, Any], *, at: datetime) -> None:
    """Carry one run out. It only reads and counts, so it may run again; an error ends the run with a sentence."""
    simulation = Simulation.objects.select_related("plan").get(public_id=payload["simulation"])
    try:
        run_simulation(simulation, at=at)
    except DatabaseError:
        raise
    except Exception:
        fail_simulation(simulation, at=at)
        raise
