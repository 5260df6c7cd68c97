"""Forms that are answered already: the client's QuestionnaireResponses that belong to an order."""

from collections.abc import Collection, Iterator

from openum.adapters.fhir.crd.call import Call
from openum.adapters.fhir.elements import Json, part, rows, text

_CONTEXT = "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/qr-context"
_ANSWERED = frozenset({"completed", "amended"})
_SUPPORT = ("supportingInfo", "supportingInformation")
"""How the kinds of orders call what supports them."""


def answers_to(forms: Collection[str], order: Json, call: Call) -> dict[str, str]:
    """Return which of the forms are answered for an order: canonical to the reference of the newest answer.

    An answer counts when it is complete, about the patient, and tied to the order from either side. One that names a
    version answers that version only.
    """
    newest: dict[str, tuple[str, str]] = {}
    if not forms:
        return {}
    for reference, response in _responses(order, call):
        if text(response.get("status")) not in _ANSWERED or not _is_of_patient(response, call):
            continue
        address, _bar, version = text(response.get("questionnaire")).partition("|")
        for form in forms:
            wanted, _bar, wanted_version = form.partition("|")
            if address == wanted and version in {"", wanted_version}:
                newest[form] = max(newest.get(form, ("", "")), (text(response.get("authored")), reference))
    return {form: reference for form, (_authored, reference) in newest.items()}


def _responses(order: Json, call: Call) -> Iterator[tuple[str, Json]]:
    """Yield the responses that the order names, and those at hand that name the order."""
    for name in _SUPPORT:
        for one in rows(order.get(name)):
            address = text(one.get("reference"))
            if address.startswith("#") or "QuestionnaireResponse/" in address:
                found = call.pool.get(one, holder=order)
                if found is not None and found.get("resourceType") == "QuestionnaireResponse":
                    yield address, found
    own = f"{order['resourceType']}/{order['id']}"
    for one in call.pool.of_kind("QuestionnaireResponse"):
        context = (part(each, "valueReference") for each in rows(one.get("extension")) if each.get("url") == _CONTEXT)
        if any(_local(each) == own for each in (*rows(one.get("basedOn")), *context)):
            yield f"QuestionnaireResponse/{one['id']}", one


def _is_of_patient(response: Json, call: Call) -> bool:
    return _local(part(response, "subject")) in {"", f"Patient/{call.patient_id}"}


def _local(reference: Json) -> str:
    """Return the `Type/id` at the end of a reference, without a version."""
    return "/".join(text(reference.get("reference")).split("/_history/", 1)[0].rsplit("/", 2)[-2:])
