"""Questionnaire/$questionnaire-package: the forms with all they need, and a draft already filled as far as we can."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from openum.accounts.models import ApiClient
from openum.adapters.fhir.dtr.adaptive import Asked as Round
from openum.adapters.fhir.dtr.adaptive import advanced
from openum.adapters.fhir.dtr.asked import Asked, read_asked
from openum.adapters.fhir.dtr.held import Held, records_of
from openum.adapters.fhir.dtr.responses import About, response_of
from openum.adapters.fhir.dtr.shaping import written
from openum.adapters.fhir.dtr.shelf import Found, Label, Shelf, published_at, ready, shelf_for
from openum.adapters.fhir.dtr.versions import DTR, Version
from openum.adapters.fhir.dtr.wanted import Want, Wanted, wanted_for
from openum.adapters.fhir.elements import rows, text
from openum.adapters.fhir.outcome import Issue, MessageRefused, operation_outcome
from openum.forms.answers import Filled, Origin
from openum.forms.logic import Session
from openum.forms.populate import choices_of, enabling_of, populate
from openum.forms.services import note_handed_out
from openum.vocabulary.identifiers import new_uuid7

Json = dict[str, Any]

BUNDLE_PROFILE = f"{DTR}DTR-QPackageBundle"


def questionnaire_package(
    data: object, *, version: Version, client: ApiClient, site: str, base_url: str, at: datetime,
    faults: Iterable[Issue] = (),
) -> Json:  # fmt: skip
    """Return Parameters with the packages and, where there is something to say, an OperationOutcome.

    Args:
        data: the Parameters of the operation.
        version: of the guide.
        client: who asks.
        site: the address of the installation.
        base_url: the FHIR base that was called.
        at: the instant.
        faults: what is wrong with the message and does not hinder; told beside the packages.

    Raises:
        MessageRefused: 400, not the input of the operation; 422, nothing that was asked for could be found.
    """
    asked = read_asked(data, version)
    shelf = shelf_for(client.plan, site=site, day=at.astimezone(ZoneInfo(client.plan.time_zone)).date())
    wanted = wanted_for(asked, shelf, version=version, client=client, site=site, at=at)
    if not wanted.is_answered:
        raise _nothing_found(wanted.issues)
    chosen = [want for want in wanted.wants.values() if _is_new(want, asked)]
    if wanted.wants and not chosen:
        wanted.issues.append(Issue(
            severity="information", code="informational", path="Parameters.parameter(changedsince)",
            text="Nothing that was asked for has changed since then.",
        ))  # fmt: skip
    held = _held(asked, wanted, client, at) if chosen else None
    bundles = [
        _bundle(want, asked, held, shelf, version=version, client=client, base_url=base_url, at=at)
        for want in chosen if held is not None
    ]  # fmt: skip
    note_handed_out(
        plan=client.plan, member=wanted.member, forms=tuple(want.found.label.canonical for want in chosen),
        way="package", by=client.user, at=at,
    )  # fmt: skip
    return _answer(bundles, [*wanted.issues, *faults], version)


def _held(asked: Asked, wanted: Wanted, client: ApiClient, at: datetime) -> Held:
    return records_of(asked.resources, patient=asked.patient, member=wanted.member, client=client, at=at)


def _nothing_found(issues: Sequence[Issue]) -> MessageRefused:
    first = issues[0] if issues else Issue(code="not-found", text="Nothing was found.")
    cure = first.cure or "Send the order, the canonical of a form we hold, or the context as we answered it."
    return MessageRefused(Issue(code=first.code, path=first.path, text=first.text, cure=cure), http_status=422)


def _is_new(want: Want, asked: Asked) -> bool:
    return asked.changed_since is None or published_at(want.found) > asked.changed_since


def _answer(bundles: list[Json], issues: Sequence[Issue], version: Version) -> Json:
    parameters: list[Json] = [{"name": version.package_name, "resource": one} for one in bundles]
    if issues:
        parameters.append({"name": version.outcome_name, "resource": operation_outcome(issues)})
    return {"resourceType": "Parameters", "parameter": parameters}


def _bundle(
    want: Want, asked: Asked, held: Held, shelf: Shelf, *, version: Version, client: ApiClient, base_url: str,
    at: datetime,
) -> Json:  # fmt: skip
    """Return one package: the form first, what it needs, and the draft response last."""
    entries: list[Json] = [
        {
            "fullUrl": f"{base_url}/{one.label.kind}/{one.label.id}",
            "resource": written(one, version, base_url=base_url),
        }
        for one in [want.found, *parts_of(want.found, shelf)]
    ]
    response = draft(want.found, asked, held, orders=want.orders, purposes=want.purposes, version=version,
                     client=client, at=at)  # fmt: skip
    if "item" not in response and version.draft_needs_items and ready(want.found).form.is_adaptive:
        begun = Round(response=response, contained={}, canonical=want.found.label.canonical, is_wrapped=False)
        today = at.astimezone(ZoneInfo(client.plan.time_zone)).date()
        response = advanced(begun, want.found, version=version, base_url=base_url, today=today)
    entries.append({"fullUrl": f"urn:uuid:{response['id']}", "resource": response})
    return {
        "resourceType": "Bundle",
        "id": str(new_uuid7()),
        "meta": {"profile": [BUNDLE_PROFILE]},
        "type": "collection",
        "timestamp": at.isoformat(timespec="seconds"),
        "entry": entries,
    }


def parts_of(found: Found, shelf: Shelf) -> Iterator[Found]:
    """Yield the libraries a form reaches, each once, then the value sets that it or they use."""
    libraries: dict[Label, Found] = {}
    sets: dict[Label, Found] = {}
    waiting = list(_named_by_form(found.resource))
    while waiting:
        kind, canonical = waiting.pop(0)
        held = _in_volume(found, kind, canonical) or shelf.find(kind, canonical)
        if held is None or held.label in libraries or held.label in sets:
            continue
        if kind == "Library":
            libraries[held.label] = held
            for one in rows(held.resource.get("relatedArtifact")):
                address = text(one.get("resource"))
                if one.get("type") == "depends-on" and address:
                    waiting += [("Library", address), ("ValueSet", address)]
            for one in rows(held.resource.get("dataRequirement")):
                chosen = (text(each.get("valueSet")) for each in rows(one.get("codeFilter")))
                waiting += [("ValueSet", address) for address in chosen if address]
        else:
            sets[held.label] = held
    yield from libraries.values()
    yield from sets.values()


def _in_volume(found: Found, kind: str, canonical: str) -> Found | None:
    """Return what came with the form itself; it stands above what other forms brought under the same address."""
    url, _bar, version = canonical.partition("|")
    for label in found.volume.labels:
        if label.kind == kind and label.url == url and (not version or label.version in {version, ""}):
            return Found(found.volume, label)
    return None


def _named_by_form(questionnaire: Json) -> Iterator[tuple[str, str]]:
    for one in rows(questionnaire.get("extension")):
        if text(one.get("url")).endswith("/cqf-library"):
            yield "Library", text(one.get("valueCanonical"))
    yield from _named_by_items(questionnaire.get("item"))


def _named_by_items(items: object) -> Iterator[tuple[str, str]]:
    for item in rows(items):
        if text(item.get("answerValueSet")):
            yield "ValueSet", item["answerValueSet"]
        for one in rows(item.get("extension")):
            if text(one.get("url")).endswith("/questionnaire-unitValueSet"):
                yield "ValueSet", text(one.get("valueCanonical"))
        yield from _named_by_items(item.get("item"))


def draft(
    found: Found, asked: Asked, held: Held, *, orders: Sequence[str], purposes: Sequence[str], version: Version,
    client: ApiClient, at: datetime,
) -> Json:  # fmt: skip
    """Return the draft response: what our records and the resources of the call already answer."""
    made = ready(found)
    zone = ZoneInfo(client.plan.time_zone)
    session = Session(made.logic, held.resources, now=at.astimezone(zone), context=held.context)
    choices = choices_of(made.form, made.value_sets, session)
    filled = populate(made.form, session, choices, origin=Origin.AUTO_SERVER) if made.form.items else Filled()
    coverage = asked.coverages[0]
    identity = text(coverage.get("id"))
    about = About(
        subject={"reference": asked.patient} if asked.patient else {"display": "The patient of the coverage"},
        coverage={"reference": f"Coverage/{identity}"} if identity else {"display": "The coverage that was sent"},
        orders=orders or list(_references(asked.orders)),
        purposes=purposes,
    )
    return response_of(
        made.form, filled, about, version=version, identity=str(new_uuid7()), status="in-progress",
        is_enabled=enabling_of(made.form, filled, session), at=at.astimezone(zone),
    )  # fmt: skip


def _references(orders: Iterable[Json]) -> Iterator[str]:
    for order in orders:
        if text(order.get("id")):
            yield f"{order['resourceType']}/{order['id']}"


def to_bytes(resource: Json | orjson.Fragment) -> bytes:
    """Write an answer; resources already written are taken in as they are."""
    return orjson.dumps(resource)
