"""The six hooks, and the discovery document that tells clients of them."""

from dataclasses import dataclass

from openum.adapters.fhir.crd.versions import Version
from openum.adapters.fhir.elements import Json

ORDER_TYPES = (
    "CommunicationRequest", "DeviceRequest", "MedicationRequest", "NutritionOrder", "ServiceRequest",
    "VisionPrescription",
)  # fmt: skip
MOST_CARDS = 10


@dataclass(frozen=True, kw_only=True)
class Hook:
    """One service.

    Attributes:
        name: the hook, which is also the id of its service.
        is_primary: an answer holds coverage information for everything asked.
        needs: what `context` must hold, besides patientId.
        tells_documents: an answer may say which documents are needed.
    """

    name: str
    title: str
    is_primary: bool
    needs: tuple[str, ...] = ()
    tells_documents: bool = True


HOOKS = {
    hook.name: hook
    for hook in (
        Hook(name="appointment-book", title="Coverage of an appointment", is_primary=True, needs=("appointments",)),
        Hook(name="order-sign", title="Coverage of orders that are being signed", is_primary=True,
             needs=("draftOrders",)),
        Hook(name="order-dispatch", title="Coverage of orders for a chosen performer", is_primary=True),
        Hook(name="order-select", title="Early word on the coverage of selected orders", is_primary=False,
             needs=("draftOrders", "selections"), tells_documents=False),
        Hook(name="encounter-start", title="Coverage at the start of an encounter", is_primary=False,
             needs=("encounterId",)),
        Hook(name="encounter-discharge", title="Coverage at the end of an encounter", is_primary=False,
             needs=("encounterId",)),
    )
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Option:
    """A kind of cards that can be switched off; `topic` is the guide's word for it."""

    code: str
    topic: str
    name: str
    words: str


OPTIONS = (
    Option(code="coverage-info", topic="Coverage Information", name="Coverage information",
           words="Whether a service is covered, needs authorization, or documents."),
    Option(code="guideline", topic="Guideline", name="Guidelines",
           words="Links to the guideline or rule that decides."),
    Option(code="claim", topic="Claim", name="Instructions and forms",
           words="What to send, the form to fill, and how to ask for a decision that can be appealed."),
    Option(code="insurance", topic="Insurance", name="Coverage to mend",
           words="Where the plan's file says otherwise than the Coverage of the record."),
    Option(code="therapy-alternatives-opt", topic="Optional Therapy Alternatives", name="Alternatives",
           words="Services or places that the plan prefers."),
    Option(code="therapy-alternatives-req", topic="Required Therapy Alternatives", name="Required alternatives",
           words="Services that must come first."),
    Option(code="network", topic="Network", name="Preferred providers",
           words="Providers of the first tier who do the same."),
    Option(code="clinical-reminder", topic="Clinical Reminder", name="Further orders",
           words="Services that belong with an order and are not ordered yet."),
)  # fmt: skip
"""The cards that can be switched off."""
WHAT_IF = "unsolicited-determ"
"""The option that, switched off, asks what an order would need if nothing had been approved before."""


def services(version: Version) -> Json:
    """Return the discovery document of one version."""
    return {"services": [_service(hook, version) for hook in HOOKS.values()]}


def _service(hook: Hook, version: Version) -> Json:
    options: list[Json] = [
        {"code": one.code, "type": "boolean", "name": one.name, "description": one.words, "default": True}
        for one in OPTIONS
    ]
    options.append({
        "code": "max-cards", "type": "integer", "name": "Most cards",
        "description": "The most cards of one answer; the most important come first.", "default": MOST_CARDS,
    })  # fmt: skip
    if version.knows_what_if:
        options.append({
            "code": WHAT_IF, "type": "boolean", "name": "Approvals made for another request",
            "description": "Whether an authorization in force may satisfy the order. Off: what the order would need "
            "without it.",
            "default": True,
        })  # fmt: skip
    extension: Json = {"davinci-crd.configuration-options": options}
    if version.negotiates:
        extension["davinci-crd.version"] = list(version.negotiates)
    return {
        "hook": hook.name,
        "id": hook.name,
        "title": hook.title,
        "description": f"{hook.title}: covered or not, authorization, documents. Da Vinci CRD {version.guide}.",
        "prefetch": _by_path(hook) if version.prefetches_by_path else _by_search(hook),
        "extension": extension,
    }


def _by_search(hook: Hook) -> Json:
    """Return prefetch templates as searches, in the form of CRD 2.0."""
    found = {
        "patient": "Patient/{{context.patientId}}",
        "coverage": "Coverage?patient={{context.patientId}}&status=active",
    }
    if "draftOrders" in hook.needs:
        people = "&_include={0}:performer&_include={0}:requester&_include:iterate=PractitionerRole:organization"
        people += "&_include:iterate=PractitionerRole:practitioner"
        for kind in ("DeviceRequest", "ServiceRequest"):  # those that name performers
            found[f"{kind[0].lower()}{kind[1:]}Bundle"] = (
                f"{kind}?_id={{{{context.draftOrders.{kind}.id}}}}{people.format(kind)}"
            )
        found["medicationRequestBundle"] = (
            "MedicationRequest?_id={{context.draftOrders.MedicationRequest.id}}"
            "&_include=MedicationRequest:medication&_include=MedicationRequest:requester"
        )
        for kind, who in (("NutritionOrder", "provider"), ("VisionPrescription", "prescriber"),
                          ("CommunicationRequest", "requester")):  # fmt: skip
            found[f"{kind[0].lower()}{kind[1:]}Bundle"] = (
                f"{kind}?_id={{{{context.draftOrders.{kind}.id}}}}&_include={kind}:{who}"
            )
    if "appointments" in hook.needs:
        found["appointmentBundle"] = (
            "Appointment?_id={{context.appointments.Appointment.id}}&_include=Appointment:practitioner"
            "&_include=Appointment:location"
        )
    if hook.name == "order-dispatch":
        found |= {"order": "{{context.order}}", "performer": "{{context.performer}}"}
    elif hook.name.startswith("encounter-"):
        found["encounter"] = (
            "Encounter?_id={{context.encounterId}}&_include=Encounter:service-provider"
            "&_include=Encounter:practitioner&_include=Encounter:location"
        )
    else:
        found["encounter"] = "Encounter/{{context.encounterId}}"
    return found


_SOURCE = {"draftOrders": "context.draftOrders.entry.resource", "appointments": "context.appointments.entry.resource"}


def _by_path(hook: Hook) -> Json:
    """Return prefetch templates as FHIRPath with back references, in the form of CRD 2.2."""
    found = {
        "patient": "Patient/{{context.patientId}}",
        "encounter": "Encounter/{{context.encounterId}}",
        "coverage": "Coverage?patient={{context.patientId}}&status=active",
    }
    paths = ["%encounter.participant.individual"]
    if hook.name == "order-dispatch":
        for key, kind in (("serviceRequests", "ServiceRequest"), ("deviceRequests", "DeviceRequest"),
                          ("medicationRequests", "MedicationRequest")):  # fmt: skip
            found[key] = f"{kind}?_id={{{{context.dispatchedOrders.resolve().ofType({kind}).id}}}}"
            paths += [f"%{key}.entry.resource.performer", f"%{key}.entry.resource.requester"]
        paths.append("context.performer")
    for need in hook.needs:
        if need == "draftOrders":
            orders = _SOURCE[need]
            found["devices"] = f"Device?_id={{{{{orders}.ofType(DeviceRequest).code.resolve().id}}}}"
            found["medications"] = f"Medication?_id={{{{{orders}.ofType(MedicationRequest).medication.resolve().id}}}}"
            paths += [f"{orders}.performer", f"{orders}.requester"]
        elif need == "appointments":
            paths.append(f"{_SOURCE[need]}.participant.actor")
            found["serviceRequests"] = (
                f"ServiceRequest?_id={{{{{_SOURCE[need]}.basedOn.resolve().ofType(ServiceRequest).id}}}}"
            )
    for key, kind in (("practitionerRoles", "PractitionerRole"), ("practitioners", "Practitioner"),
                      ("organizations", "Organization"), ("locations", "Location")):  # fmt: skip
        ways = [f"{path}.resolve().ofType({kind}).id" for path in paths]
        if key in {"practitioners", "organizations"}:
            ways.insert(0, f"%practitionerRoles.entry.resource.{kind.lower()}.resolve().id")
        found[key] = f"{kind}?_id={{{{{'|'.join(ways)}}}}}"
    return found
