"""Checklists by case type: published templates whose steps a case of that type gets. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar

import yaml

from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml
from openum.work.rules.facts import Facts
from openum.work.rules.routing import RoutingInvalid, When, read_when


class ChecklistInvalid(Invalid):
    """A checklist template cannot be published as it stands."""

    code: ClassVar[str] = "checklist-invalid"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do."""

    key: str
    wording: str


@dataclass(frozen=True, slots=True)
class Template:
    """A checklist: the cases it is for, and its steps."""

    key: str
    version: str
    name: str
    when: When
    steps: tuple[Step, ...]
    effective_from: date
    source: str

    def step(self, key: str) -> Step | None:
        """Return a step by its key."""
        return next((step for step in self.steps if step.key == key), None)


@lru_cache(maxsize=64)
def read_template(text: str) -> Template:
    """Read and check one template.

    Raises:
        ChecklistInvalid: naming what is wrong.
    """
    try:
        front = read_yaml(text)
    except yaml.YAMLError as error:
        raise ChecklistInvalid(f"The template is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(front, dict):
        raise ChecklistInvalid("A checklist template is a YAML mapping.")
    missing = [key for key in ("key", "version", "name", "source", "effective_from", "steps") if not front.get(key)]
    if missing:
        raise ChecklistInvalid(f"The template lacks {', '.join(missing)}.")
    if not isinstance(front["effective_from"], date):
        raise ChecklistInvalid("effective_from must be a day, written like 2026-12-01.")
    try:
        when = read_when(front.get("when") or {}, f"checklist {front['key']}")
    except RoutingInvalid as error:
        raise ChecklistInvalid(error.english) from error
    steps = tuple(_step(block, number) for number, block in enumerate(front["steps"], start=1))
    keys = [step.key for step in steps]
    if len(set(keys)) < len(keys):
        raise ChecklistInvalid("Two steps have the same key. Give each its own.")
    return Template(
        key=str(front["key"]), version=str(front["version"]), name=str(front["name"]), when=when, steps=steps,
        effective_from=front["effective_from"], source=str(front["source"]),
    )  # fmt: skip


def _step(block: Any, number: int) -> Step:
    if not isinstance(block, dict) or not block.get("key") or not block.get("wording"):
        raise ChecklistInvalid(f"Step {number} needs a key and a wording.")
    return Step(str(block["key"]), str(block["wording"]))


def templates_for(templates: Sequence[Template], lines: Sequence[tuple[Facts, int]]) -> list[Template]:
    """Return the templates that fit any of a case's lines, given with their points."""
    return [
        template
        for template in templates
        if any(template.when.fits(facts, points) for facts, points in lines)
    ]  # fmt: skip
