"""Every published form with its libraries and value sets: those of guidelines, and those a payer wrote elsewhere.

What is published never changes, so the shelf is built once per publication, plan and address, and each resource is made
once per process.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, Protocol

import orjson

from openum.accounts.models import ApiClient, Plan
from openum.criteria.codes import expand
from openum.criteria.faces.fhir.addresses import slug
from openum.criteria.faces.fhir.bundle import Package
from openum.criteria.faces.shelf import guideline_of
from openum.criteria.guideline import Guideline
from openum.criteria.program import Program
from openum.criteria.queries import GUIDELINE, program_for_policy
from openum.directory.models import Policy
from openum.directory.queries import last_publication, policies_of_kind
from openum.forms.items import Form, read_form
from openum.forms.logic import Logic, logic_of
from openum.forms.uploads import QUESTIONNAIRE, Upload

Json = dict[str, Any]
KINDS = ("Questionnaire", "Library", "ValueSet")
"""What is read, searched and packed."""


@dataclass(frozen=True, slots=True)
class Label:
    """How one resource is known."""

    kind: str
    url: str
    version: str
    id: str
    name: str
    title: str = ""
    status: str = "active"

    @property
    def canonical(self) -> str:
        """The address with its version."""
        return f"{self.url}|{self.version}" if self.version else self.url


class Volume(Protocol):
    """One published form with what belongs to it."""

    @property
    def policy(self) -> Policy:
        """The published row."""
        ...

    @property
    def labels(self) -> tuple[Label, ...]:
        """How its resources are known; the form first."""
        ...

    def resource(self, label: Label) -> Json:
        """Return one of its resources."""
        ...

    def logic(self, form: Form) -> Logic:
        """Return the logic of a form."""
        ...

    @property
    def guideline(self) -> Guideline | None:
        """The guideline it is the form of."""
        ...


class GuidelineVolume:
    """The form of one version of a guideline; nothing is compiled before it is asked for."""

    def __init__(self, policy: Policy, site: str) -> None:
        """Take the published row and the address of the installation."""
        self.policy = policy
        self.site = site
        self._made: dict[Label, Json] = {}

    @property
    def guideline(self) -> Guideline:
        """The guideline."""
        return guideline_of(self.policy)

    @property
    def program(self) -> Program:
        """The guideline, ready to run."""
        return program_for_policy(self.policy)

    @cached_property
    def package(self) -> Package:
        """The guideline's resources."""
        return Package(self.program, base=self.site)

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """How its resources are known."""
        return tuple(self._labels())

    @cached_property
    def _names(self) -> Mapping[Label, str]:
        return dict(zip(self.labels, (name for kind, name in self.package.names() if kind in KINDS), strict=True))

    def _labels(self) -> Iterator[Label]:
        g = self.guideline
        status = "active" if g.status == "published" else "draft"
        for kind, name in self.package.names():
            if kind in KINDS:
                url, version, identity, machine_name = self.package.identity(kind, name)
                title = g.title.en if kind == "Questionnaire" else name
                yield Label(kind, url, version, identity, machine_name, title, status)

    def resource(self, label: Label) -> Json:
        """Return one of its resources."""
        if label not in self._made:
            made = self.package.resource(label.kind, self._names[label])
            assert made is not None
            self._made[label] = made
        return self._made[label]

    def logic(self, form: Form) -> Logic:
        """Return the logic that fills the form: records may spell code systems in every known way."""
        places = self.package.places
        g = self.guideline
        sets = {places.url("ValueSet", slug(name)): expand(pairs) for name, pairs in g.value_sets.items()}
        return Logic(self.package.sources(), value_sets=sets, main=(places.faces, places.logic))


class UploadVolume:
    """A form that a payer wrote elsewhere, as it was loaded."""

    def __init__(self, policy: Policy) -> None:
        """Take the published row."""
        self.policy = policy

    @property
    def guideline(self) -> None:
        """None: no guideline stands behind it."""
        return

    @cached_property
    def upload(self) -> Upload:
        """Its resources."""
        body = orjson.loads(self.policy.body)
        return Upload(tuple(entry["resource"] for entry in body["entry"]))

    @cached_property
    def _by_label(self) -> Mapping[Label, Json]:
        found: dict[Label, Json] = {}
        for resource in self.upload.resources:
            kind, url = resource["resourceType"], resource.get("url")
            if kind in KINDS and isinstance(url, str) and url:
                label = Label(
                    kind, url, str(resource.get("version", "")), _identity(self.policy, resource),
                    str(resource.get("name", "")), str(resource.get("title", "")), str(resource.get("status", "")),
                )  # fmt: skip
                found.setdefault(label, resource)
        return found

    @property
    def labels(self) -> tuple[Label, ...]:
        """How its resources are known; the form first."""
        return tuple(self._by_label)

    def resource(self, label: Label) -> Json:
        """Return one of its resources, under our own id."""
        return self._by_label[label] | {"id": label.id}

    def logic(self, form: Form) -> Logic:
        """Return the logic that fills the form."""
        return logic_of(self.upload.of_kind("Library"), self.upload.of_kind("ValueSet"), main=form.libraries)


def _identity(policy: Policy, resource: Json) -> str:
    """Name a resource by what it is, so that two payers' ids never meet."""
    told = f"{policy.digest}|{resource['resourceType']}|{resource.get('url')}|{resource.get('version', '')}"
    return f"{resource['resourceType'].lower()}-{hashlib.sha256(told.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class Found:
    """A resource on the shelf."""

    volume: Volume
    label: Label

    @property
    def resource(self) -> Json:
        """The resource itself."""
        return self.volume.resource(self.label)


class Shelf:
    """Everything that a plan's partners may be handed, found by address, id or words."""

    def __init__(self, volumes: tuple[Volume, ...], day: date) -> None:
        """Take the volumes, and the day that decides which version an address without one means."""
        self.volumes = volumes
        self._day = day
        self._by_url: dict[tuple[str, str], list[Found]] = {}
        self._by_id: dict[tuple[str, str], Found] = {}
        for volume in volumes:
            for label in volume.labels:
                found = Found(volume, label)
                self._by_url.setdefault((label.kind, label.url), []).append(found)
                self._by_id.setdefault((label.kind, label.id), found)

    def find(self, kind: str, canonical: str) -> Found | None:
        """Return the resource of an address: the version it names, else the one in force, else the newest."""
        url, _bar, version = canonical.partition("|")
        held = self._by_url.get((kind, url), [])
        if version:
            return next((one for one in held if one.label.version == version), None)
        in_force = [one for one in held if _holds(one.volume.policy, self._day)]
        return max(in_force or held, key=lambda one: one.volume.policy.effective_from, default=None)

    def by_id(self, kind: str, identity: str) -> Found | None:
        """Return the resource of an id, or None."""
        return self._by_id.get((kind, identity))

    def all_of(self, kind: str) -> Iterator[Found]:
        """Yield every resource of a type once, by address and version."""
        seen: set[str] = set()
        for (held, _url), group in sorted(self._by_url.items()):
            if held != kind:
                continue
            for found in group:
                if found.label.canonical not in seen:
                    seen.add(found.label.canonical)
                    yield found


def sandbox_form(shelf: Shelf, client: ApiClient, *, adaptive: bool) -> Found | None:
    """Return the form with which a sandbox that takes anybody answers for what it does not know; else None.

    So a first test sees a form, whatever it orders. It is a form loaded for the sandbox plan itself, the newest first.
    """
    if not (client.enrols_unknown and client.plan.is_sandbox):
        return None
    own = [
        one
        for one in shelf.all_of("Questionnaire")
        if one.volume.policy.plan_id == client.plan_id
        and one.label.url == one.volume.policy.key
        and read_form(one.resource).is_adaptive is adaptive
    ]
    return max(own, key=lambda one: one.volume.policy.pk, default=None)


def _holds(policy: Policy, day: date) -> bool:
    return policy.effective_from <= day and (policy.effective_to is None or day < policy.effective_to)


def shelf_for(plan: Plan, *, site: str, day: date) -> Shelf:
    """Return the shelf of a plan.

    Args:
        plan: whose partners ask.
        site: the address of the installation, without a slash at the end.
        day: the day of asking, in the zone of the plan.
    """
    return _shelf(plan.pk, site, day, last_publication())


@lru_cache(maxsize=32)
def _shelf(plan_id: int, site: str, day: date, stamp: str | None) -> Shelf:
    """Build once for the same facts; `stamp` names the last publication."""
    volumes: list[Volume] = []
    seen: set[tuple[str, str]] = set()
    for kind in (GUIDELINE, QUESTIONNAIRE):
        for policy in policies_of_kind(kind, stamp):
            if policy.plan_id in {None, plan_id} and (policy.key, policy.digest) not in seen:
                seen.add((policy.key, policy.digest))
                volumes.append(_volume(policy, site))
    return Shelf(tuple(volumes), day)


_VOLUMES: dict[tuple[object, ...], Volume] = {}


def _volume(policy: Policy, site: str) -> Volume:
    """Return a volume; what it made is kept from one shelf to the next.

    Two plans may publish the same form: the row counts, not only its content.
    """
    identity = (policy.pk, policy.plan_id, policy.published_at, policy.digest, site)
    if identity not in _VOLUMES:
        if len(_VOLUMES) >= _MOST_VOLUMES:
            _VOLUMES.clear()
        _VOLUMES[identity] = GuidelineVolume(policy, site) if policy.kind == GUIDELINE else UploadVolume(policy)
    return _VOLUMES[identity]


_MOST_VOLUMES = 500


@dataclass(frozen=True, slots=True)
class Ready:
    """A form that can be filled: read, with its logic compiled once."""

    form: Form
    logic: Logic
    value_sets: tuple[Json, ...]


_READY: dict[tuple[str, str, str], Ready] = {}


def ready(found: Found) -> Ready:
    """Return a form on the shelf ready to be filled in; made once per process."""
    identity = (found.volume.policy.digest, found.label.id, found.label.url)
    if identity not in _READY:
        if len(_READY) >= _MOST_VOLUMES:
            _READY.clear()
        form = read_form(found.resource)
        sets = tuple(found.volume.resource(label) for label in found.volume.labels if label.kind == "ValueSet")
        _READY[identity] = Ready(form, found.volume.logic(form), sets)
    return _READY[identity]


def published_at(found: Found) -> datetime:
    """Return when a form was published."""
    return found.volume.policy.published_at
