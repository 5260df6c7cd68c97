"""Sections of the case page. Each folder registers what it contributes; the page in `cases` assembles them.

The page stands low in the layers and still shows what higher folders know, because they register from `apps.ready()`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from openum.accounts.models import User
from openum.accounts.rules import Permission
from openum.cases.models import Case


@dataclass(frozen=True)
class Panel:
    """One section: who may see it, its template, and what the template is given.

    Sections with an order from 100 on stand in the right drawer of the page.
    """

    key: str
    title: str
    order: int
    template: str
    context: Callable[[Case, User, datetime], Mapping[str, Any]]
    needs: Permission = Permission.SEE_PLAN_CASES


_PANELS: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a section; the same key twice is a mistake in the programme."""
    if panel.key in _PANELS and _PANELS[panel.key] != panel:
        raise ValueError(f"Two panels are called {panel.key}.")
    _PANELS[panel.key] = panel


def panels_for(permissions: frozenset[Permission]) -> list[Panel]:
    """Return the sections an actor may see, in order."""
    return sorted((panel for panel in _PANELS.values() if panel.needs in permissions), key=lambda panel: panel.order)


def drawn(
    panels: Iterable[Panel], case: Case, user: User, *, at: datetime, request: HttpRequest, **more: Any
) -> list[tuple[Panel, str]]:
    """Draw sections of a case for an actor; those with nothing to show are left out."""
    made = [
        (panel, render_to_string(panel.template, {"case": case, **more, **panel.context(case, user, at)}, request))
        for panel in panels
    ]
    return [(panel, html) for panel, html in made if html.strip()]
