"""One CDS Hooks call as received: its context, and every resource it brings or lets us fetch.

Prefetch may hold a resource, a Bundle, null, or nothing; what is missing is asked of the client's FHIR server when
that server is on the installation's list, within a few seconds, and otherwise done without.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openum.adapters.fhir.crd.discovery import Hook
from openum.adapters.fhir.crd.remote import Remote, Trouble
from openum.adapters.fhir.crd.versions import Version
from openum.adapters.fhir.elements import Json, day, part, rows, text
from openum.adapters.fhir.outcome import Issue, MessageRefused

MOST_ORDERS = 200


class Pool:
    """The resources at hand, by `Type/id`; absolute references are also found by their last two parts."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._held: dict[str, Json] = {}
        self._asked: set[str] = set()

    def add(self, value: object) -> None:
        """Take in a resource or a Bundle of them; anything else holds nothing."""
        if not isinstance(value, dict):
            return
        if value.get("resourceType") == "Bundle":
            for entry in rows(value.get("entry")):
                self.add(entry.get("resource"))
        elif text(value.get("resourceType")) and text(value.get("id")):
            self._held.setdefault(f"{value['resourceType']}/{value['id']}", value)

    def of_kind(self, kind: str) -> Iterator[Json]:
        """Yield the resources of a type."""
        return (one for one in list(self._held.values()) if one["resourceType"] == kind)

    def get(self, reference: object, *, holder: Json | None = None, may_ask: bool = True) -> Json | None:
        """Return what a Reference or a `Type/id` points at, asking the client's server once when it is not at hand."""
        address = text(reference.get("reference")) if isinstance(reference, dict) else text(reference)
        if address.startswith("#") and holder is not None:
            return next((one for one in rows(holder.get("contained")) if one.get("id") == address[1:]), None)
        local = _last_two(address)
        if not address or "/" not in local:
            return None
        if local not in self._held and may_ask:
            self.fetch(local)
        return self._held.get(local)

    def fetch(self, query: str) -> None:
        """Ask the client's server once for a query, and keep what it answers."""
        if query not in self._asked:
            self._asked.add(query)
            self.add(self._remote(query))

    @property
    def trouble(self) -> Trouble | None:
        """Why the client's server told nothing of what was asked last, or None."""
        return self._remote.trouble


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call that can be answered.

    Attributes:
        targets: the orders, appointments or encounter to judge, as received.
        drafts: everything that is being ordered, judged or not.
        unreadable: how many entries were no such resource.
        missing: references to orders that nobody gave us.
    """

    hook: Hook
    context: Json
    pool: Pool
    patient_id: str
    targets: tuple[Json, ...]
    drafts: tuple[Json, ...] = ()
    unreadable: int = 0
    missing: tuple[str, ...] = ()
    configuration: Json = field(default_factory=dict)
    chosen_performers: tuple[Json, ...] = ()
    tasks: tuple[Json, ...] = ()

    def planned_day(self, reference: str) -> date | None:
        """Return the day that a fulfilment task sets for an order."""
        for task in self.tasks:
            if _last_two(part(task, "focus").get("reference")) in {reference, ""}:
                restriction = part(part(task, "restriction"), "period")
                return day(part(task, "executionPeriod").get("start")) or day(restriction.get("start"))
        return None

    @property
    def patient(self) -> Json:
        """The patient, or nothing."""
        return self.pool.get(f"Patient/{self.patient_id}") or {}

    @property
    def encounter(self) -> Json:
        """The encounter in which this happens, or nothing."""
        name = text(self.context.get("encounterId"))
        return (self.pool.get(f"Encounter/{name.removeprefix('Encounter/')}") if name else None) or {}

    def is_on(self, option: str) -> bool:
        """Say whether a kind of card is wanted; a wrong value counts as not said."""
        return self.configuration.get(option) is not False


def read_call(data: Any, hook: Hook, version: Version, remote: Remote) -> Call:
    """Read a call.

    Raises:
        MessageRefused: 422, the JSON is no call of this hook; the issue says where and how to mend it.
    """
    if not isinstance(data, dict):
        raise _refused("", "The body is not a JSON object.", "Send the CDS Hooks request itself.")
    if data.get("hook") != hook.name:
        raise _refused(
            "hook", "The hook is not the one of this service.", f"Send hook {hook.name}, or call its own service."
        )
    if not text(data.get("hookInstance")):
        raise _refused("hookInstance", "The call has no hookInstance.", "Send a UUID that is new for each call.")
    context = part(data, "context")
    if not context:
        raise _refused("context", "The call has no context.", "Send the context of the hook.")
    patient_id = text(context.get("patientId")).removeprefix("Patient/")
    if not patient_id:
        raise _refused("context.patientId", "The patient is not named.", "Send the id of the Patient.")
    for name in hook.needs:
        if not context.get(name):
            raise _refused(f"context.{name}", f"The context has no {name}.", f"The hook {hook.name} needs it.")
    for name in ("draftOrders", "appointments"):
        if name in hook.needs and part(context, name).get("resourceType") != "Bundle":
            raise _refused(f"context.{name}", f"{name} is not a Bundle.", "Send a Bundle of the resources.")
    pool = Pool(remote)
    for value in part(data, "prefetch").values():
        pool.add(value)
    extension = part(data, "extension")
    wanted = extension.get("davinci-crd.requestedVersion")
    if wanted is not None and version.negotiates and wanted not in version.negotiates:
        raise _refused(
            "extension.davinci-crd.requestedVersion", "This version of the guide is not answered here.",
            f"Ask for one of: {', '.join(version.negotiates)}; version 2.0 is answered at /crd/2.0.",
        )  # fmt: skip
    return _with_targets(hook, context, pool, patient_id, part(extension, "davinci-crd.configuration"))


def _with_targets(hook: Hook, context: Json, pool: Pool, patient_id: str, configuration: Json) -> Call:
    targets: list[Json] = []
    missing: list[str] = []
    drafts: tuple[Json, ...] = ()
    unreadable = 0
    performers: list[Json] = []
    tasks = [one for one in (*rows(context.get("fulfillmentTasks")), part(context, "task")) if one]
    if hook.name == "order-dispatch":
        names = context.get("dispatchedOrders") or [context.get("order")]
        wanted = [name for name in names if text(name)] if isinstance(names, list) else []
        if not wanted:
            raise _refused("context.order", "No dispatched order is named.", "Send order, or dispatchedOrders.")
        for name in wanted:
            found = pool.get(name)
            targets += [found] if found else []
            missing += [] if found else [name]
        if text(context.get("performer")):
            performers.append({"reference": context["performer"]})
        else:
            performers += [part(task, "owner") for task in tasks if part(task, "owner")]
    elif hook.name.startswith("encounter-"):
        name = text(context.get("encounterId")).removeprefix("Encounter/")
        found = pool.get(f"Encounter/{name}")
        targets += [found] if found else []
        missing += [] if found else [f"Encounter/{name}"]
    else:
        bundle = part(context, "draftOrders" if "draftOrders" in hook.needs else "appointments")
        pool.add(bundle)
        entries = list(rows(bundle.get("entry")))
        targets = [one for entry in entries if text((one := part(entry, "resource")).get("resourceType"))]
        unreadable = len(entries) - len(targets)
        drafts = tuple(targets)
        if hook.name == "order-select":
            chosen = {text(one) for one in context["selections"]} if isinstance(context["selections"], list) else set()
            targets = [one for one in targets if f"{one['resourceType']}/{one.get('id')}" in chosen]
    if len(targets) > MOST_ORDERS:
        raise _refused("context", f"The call has more than {MOST_ORDERS} orders.", "Send fewer at a time.")
    return Call(
        hook=hook, context=context, pool=pool, patient_id=patient_id, targets=tuple(targets), unreadable=unreadable,
        drafts=drafts or tuple(targets), missing=tuple(missing), configuration=configuration,
        chosen_performers=tuple(performers), tasks=tuple(tasks),
    )  # fmt: skip


def _last_two(address: object) -> str:
    """Return the `Type/id` at the end of an address, without a version."""
    return "/".join(text(address).split("/_history/", 1)[0].rsplit("/", 2)[-2:])


def _refused(path: str, words: str, cure: str) -> MessageRefused:
    return MessageRefused(Issue(code="invalid", path=path, text=words, cure=cure), http_status=422)
