"""The world that plots are played in."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.cases.models import Case
from openum.vocabulary.errors import OpenUMError
from samples.acting.endings import Scene
from samples.acting.moves import Curtain
from samples.people import Staff
from samples.places import Places
from samples.plots import Plot


@dataclass
class Stage:
    """The world a plot is played in. `until` is the present instant."""

    places: Places
    staff: Staff
    engine: User
    until: datetime
    base_url: str = "http://127.0.0.1:8000"
    refused: list[tuple[int, str]] = field(default_factory=list)

    def play_all(self, found: Sequence[Plot]) -> int:
        """Play plots in one transaction; return how many cases were made."""
        with transaction.atomic(), audit.batch():
            return sum(self.play(plot) is not None for plot in found)

    def play(self, plot: Plot) -> Case | None:
        """Play one plot as far as the present; return its case.

        A service that refuses a step undoes the whole plot, and the plot is noted: a policy that was changed must not
        keep the demo from starting. A test sees to it that none is refused.
        """
        scene = Scene(self, plot)
        try:
            with transaction.atomic(), suppress(Curtain):
                scene.play()
        except OpenUMError as refusal:
            self.refused.append((plot.number, refusal.code))
            return None
        return scene.case
