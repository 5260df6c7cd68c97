"""The input of $questionnaire-package, read: coverages, orders, canonicals, context, and what the orders refer to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from openum.adapters.fhir.crd.call import Call, Pool
from openum.adapters.fhir.crd.discovery import HOOKS, ORDER_TYPES
from openum.adapters.fhir.crd.remote import Remote
from openum.adapters.fhir.dtr.versions import Version
from openum.adapters.fhir.elements import day, part, rows, text
from openum.adapters.fhir.outcome import Issue, MessageRefused

Json = dict[str, Any]

MOST_ORDERS = 50
MOST_FORMS = 50
_ORDERS = frozenset({*ORDER_TYPES, "Appointment", "Encounter", "SupplyRequest", "ImmunizationRecommendation"})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked for.

    Attributes:
        coverages: the coverages, as sent.
        orders: the orders, as sent.
        others: what else came along: resources that the orders refer to.
        canonicals: the forms asked for by address.
        context: a coverage-assertion-id, or the number of a request that waits for documents; empty: none.
        changed_since: only what is newer is wanted.
    """

    coverages: tuple[Json, ...]
    orders: tuple[Json, ...] = ()
    others: tuple[Json, ...] = ()
    canonicals: tuple[str, ...] = ()
    context: str = ""
    changed_since: datetime | None = None

    @property
    def patient(self) -> str:
        """The client's reference to the person, or empty."""
        for coverage in self.coverages:
            found = text(part(coverage, "beneficiary").get("reference"))
            if found:
                return found
        for order in self.orders:
            for element in ("subject", "patient"):
                found = text(part(order, element).get("reference"))
                if found:
                    return found
        return ""

    @property
    def resources(self) -> tuple[Json, ...]:
        """Everything that came along."""
        return (*self.coverages, *self.orders, *self.others)

    def as_call(self) -> Call:
        """Return the orders as a call of CRD, which reads the same resources to answer whether documents are needed."""
        pool = Pool(Remote({}))
        for resource in self.resources:
            pool.add(resource)
            for inner in rows(resource.get("contained")):
                pool.add(inner)
        identity = self.patient.rsplit("/", 1)[-1]
        return Call(hook=HOOKS["order-sign"], context={}, pool=pool, patient_id=identity, targets=self.orders)


def read_asked(data: object, version: Version) -> Asked:
    """Read the Parameters.

    Raises:
        MessageRefused: 400, it is not the input of this operation; the issue says where and how to mend it.
    """
    if not isinstance(data, dict) or data.get("resourceType") != "Parameters":
        raise _refused(
            "Parameters", "structure", "The body is not a FHIR Parameters resource.",
            "Send Parameters with coverage and at least one of order, questionnaire and context.",
        )  # fmt: skip
    parameters = list(_named(data))
    coverages = tuple(_resources(parameters, "coverage", frozenset({"Coverage"})))
    if not coverages:
        raise _refused(
            "Parameters.parameter(coverage)", "required", "The coverage is missing.",
            "Add a parameter “coverage” whose resource is the Coverage of the patient.",
        )  # fmt: skip
    if version.one_coverage and len(coverages) > 1:
        raise _refused(
            "Parameters.parameter(coverage)", "multiple-matches", "More than one coverage was sent.",
            "Ask for each coverage by itself (DTR 2.2).",
        )  # fmt: skip
    orders = tuple(_resources(parameters, "order", _ORDERS))
    asked = Asked(
        coverages=coverages,
        orders=orders,
        others=tuple(_resources(parameters, "referenced", None)),
        canonicals=tuple(_texts(parameters, "questionnaire", "valueCanonical", "valueUri", "valueUrl", "valueString")),
        context=next(iter(_texts(parameters, "context", "valueString", "valueId")), ""),
        changed_since=_changed_since(parameters),
    )
    if not (asked.orders or asked.canonicals or asked.context):
        raise _refused(
            "Parameters.parameter", "required", "Neither an order, nor a questionnaire, nor a context was sent.",
            "Add at least one of the parameters order, questionnaire and context (invariant dtr-1).",
        )  # fmt: skip
    if len(asked.orders) > MOST_ORDERS or len(asked.canonicals) > MOST_FORMS:
        raise _refused(
            "Parameters.parameter", "too-long", f"More than {MOST_ORDERS} orders or {MOST_FORMS} forms were sent.",
            "Ask in several calls.",
        )  # fmt: skip
    return asked


def _named(data: Json) -> Iterator[tuple[int, Json]]:
    for number, one in enumerate(data["parameter"] if isinstance(data.get("parameter"), list) else ()):
        if isinstance(one, dict) and text(one.get("name")):
            yield number, one


def _resources(parameters: list[tuple[int, Json]], name: str, kinds: frozenset[str] | None) -> Iterator[Json]:
    for number, one in parameters:
        if one["name"] != name:
            continue
        resource = one.get("resource")
        kind = text(resource.get("resourceType")) if isinstance(resource, dict) else ""
        if not isinstance(resource, dict) or not kind or (kinds is not None and kind not in kinds):
            wanted = "any resource" if kinds is None else ", ".join(sorted(kinds))
            raise _refused(
                f"Parameters.parameter[{number}].resource", "invalid",
                f"The parameter “{name}” holds no such resource.", f"It takes: {wanted}.",
            )  # fmt: skip
        yield resource


def _texts(parameters: list[tuple[int, Json]], name: str, *elements: str) -> Iterator[str]:
    for number, one in parameters:
        if one["name"] != name:
            continue
        found = next((text(one.get(element)).strip() for element in elements if text(one.get(element)).strip()), "")
        if not found:
            raise _refused(
                f"Parameters.parameter[{number}].value", "invalid", f"The parameter “{name}” has no usable value.",
                f"Send it as {elements[0]}.",
            )  # fmt: skip
        yield found


def _changed_since(parameters: list[tuple[int, Json]]) -> datetime | None:
    for moment in _texts(parameters, "changedsince", "valueInstant", "valueDateTime"):
        try:
            found = datetime.fromisoformat(moment)
        except ValueError:
            only = day(moment)
            if only is None:
                raise _refused(
                    "Parameters.parameter(changedsince).value", "value", "The instant cannot be read.",
                    "Write it as 2030-02-28T12:00:00Z.",
                ) from None  # fmt: skip
            found = datetime.combine(only, time(), UTC)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _refused(path: str, code: str, words: str, cure: str) -> MessageRefused:
    return MessageRefused(Issue(code=code, path=path, text=words, cure=cure))
