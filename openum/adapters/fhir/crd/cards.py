"""Cards: links to the rule, instructions, alternatives, and the form to fill."""

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from openum.adapters.fhir.crd.discovery import MOST_CARDS
from openum.adapters.fhir.crd.information import TEMP
from openum.adapters.fhir.crd.orders import Order
from openum.adapters.fhir.elements import Json
from openum.criteria.codes import address_of
from openum.needs.queries import Assessment
from openum.needs.rules import Alternative

_SDC = "http://hl7.org/fhir/uv/sdc/CodeSystem/temp"
_TASK = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/profile-taskquestionnaire"
_TITLES = {
    "coverage-info": "Coverage Information", "guideline": "Guideline", "claim": "Claim",
    "therapy-alternatives-opt": "Optional Therapy Alternatives",
    "therapy-alternatives-req": "Required Therapy Alternatives",
}  # fmt: skip
_ORDER = ("therapy-alternatives-req", "claim", "guideline", "therapy-alternatives-opt", "coverage-info")
_CODE_ELEMENTS = {"ServiceRequest": "code", "DeviceRequest": "codeCodeableConcept", "MedicationRequest": "medicationCodeableConcept"}  # fmt: skip
_MOST_SUMMARY = 139


class Desk:
    """Makes the cards of one answer.

    Args:
        label: the plan's name.
        site: address of the installation, without a slash at the end.
    """

    def __init__(self, *, label: str, site: str, instance: str) -> None:
        self.label = label
        self.site = site
        self.instance = instance
        self._made = 0

    def card(self, topic: str, summary: str, *, detail: str = "", about: str = "", indicator: str = "info") -> Json:
        """Return a card without links or suggestions: instructions."""
        made: Json = {
            "uuid": self.uuid(),
            "summary": _cut(summary),
            "indicator": indicator,
            "source": {
                "label": self.label,
                "url": self.site,
                "topic": {"system": TEMP, "code": topic, "display": _TITLES[topic]},
            },
        }
        if detail:
            made["detail"] = detail
        if about:
            made["extension"] = {"davinci-crd.associated-resource": [{"reference": about}]}
        return made

    def uuid(self) -> str:
        """Return an identifier that is new within the call and the same when the call is made again."""
        self._made += 1
        return str(uuid5(NAMESPACE_URL, f"{self.instance}#{self._made}"))

    def of(self, order: Order, found: Assessment, *, patient: str, with_form: tuple[str, ...]) -> Iterator[Json]:
        """Yield the cards of one order.

        Args:
            patient: the Patient as `Type/id`.
            with_form: canonicals of the forms to fill, where a form may be offered.
        """
        need = found.need
        links = [{"label": one.label, "url": self._url(one.url), "type": "absolute"} for one in need.references]
        if found.guideline is not None:
            path = f"/policies/{found.guideline.id}/{found.guideline.version}/"
            links.insert(0, {"label": found.guideline.title.en, "url": f"{self.site}{path}", "type": "absolute"})
        if links:
            yield {
                **self.card("guideline", f"Where this is written: {need.reason}", about=order.reference),
                "links": links,
            }
        for words in (need.instructions, need.how_to_ask):
            if words:
                yield self.card("claim", words, detail=words, about=order.reference)
        for one in found.exclusions:
            yield self.card("claim", f"Judged by {one.authority}", about=order.reference)
        for alternative in need.alternatives:
            yield self._alternative(order, alternative)
        for canonical in with_form:
            yield self._form(order, canonical, patient)

    def _alternative(self, order: Order, alternative: Alternative) -> Json:
        topic = "therapy-alternatives-req" if alternative.is_required else "therapy-alternatives-opt"
        made = self.card(topic, alternative.label, detail=alternative.label, about=order.reference)
        actions = self._exchange(order, alternative)
        if actions:
            made["suggestions"] = [{"label": _cut(alternative.label), "uuid": self.uuid(), "actions": actions}]
            made["selectionBehavior"] = "any"
        return made

    def _exchange(self, order: Order, alternative: Alternative) -> list[Json]:
        """Return how to change the order: another code means delete and create, another place an update."""
        resource = order.resource
        element = _CODE_ELEMENTS.get(resource["resourceType"], "")
        if alternative.service is not None and element and element in resource:
            system, code = alternative.service
            coding = {"system": address_of(system), "code": code, "display": alternative.display or alternative.label}
            other = {
                key: value
                for key, value in resource.items()
                if key not in {"id", "text", "extension", "identifier", "meta"}
            }
            other[element] = {"coding": [coding], "text": coding["display"]}
            return [
                {"type": "delete", "description": "Remove the order", "resourceId": order.reference},
                {"type": "create", "description": f"Order instead: {coding['display']}", "resource": other},
            ]
        if alternative.place and resource["resourceType"] == "ServiceRequest":
            system = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
            place = [{"coding": [{"system": system, "code": alternative.place}]}]
            return [
                {"type": "update", "description": "Change the place", "resource": {**resource, "locationCode": place}}
            ]
        return []

    def _form(self, order: Order, canonical: str, patient: str) -> Json:
        made = self.card("claim", "Fill the form of the plan for this order", about=order.reference)
        task: Json = {
            "resourceType": "Task",
            "meta": {"profile": [_TASK]},
            "status": "ready",
            "intent": "order",
            "code": {"coding": [{"system": _SDC, "code": "complete-questionnaire"}]},
            "description": "Complete the form of the plan",
            "basedOn": [{"reference": order.reference}],
            "for": {"reference": patient},
            "input": [
                {
                    "type": {"coding": [{"system": _SDC, "code": "questionnaire"}], "text": "questionnaire"},
                    "valueCanonical": canonical,
                }
            ],
        }
        action = {"type": "create", "description": "Add a task for the form", "resource": task}
        made["suggestions"] = [{"label": "Fill the form", "uuid": self.uuid(), "actions": [action]}]
        made["selectionBehavior"] = "any"
        return made

    def _url(self, url: str) -> str:
        return f"{self.site}{url}" if url.startswith("/") else url


def chosen(cards: list[Json], configuration: Json) -> list[Json]:
    """Return the cards that are wanted, the most important first, no more than asked for."""
    wanted = [card for card in cards if configuration.get(_topic(card)) is not False]
    wanted.sort(key=lambda card: (card["indicator"] != "warning", _ORDER.index(_topic(card))))
    most = configuration.get("max-cards")
    count = most if isinstance(most, int) and not isinstance(most, bool) and most >= 0 else MOST_CARDS
    return wanted[:count]


def _topic(card: Json) -> str:
    return str(card["source"]["topic"]["code"])


def _cut(words: str) -> str:
    return words if len(words) <= _MOST_SUMMARY else f"{words[: _MOST_SUMMARY - 1].rstrip()}…"
