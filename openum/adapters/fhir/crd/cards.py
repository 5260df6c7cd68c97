"""Cards: links to the rule, instructions, alternatives, further orders, the form to fill, the Coverage to mend."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import NAMESPACE_URL, uuid5

from openum.accounts.models import Plan
from openum.adapters.fhir.crd.discovery import MOST_CARDS, OPTIONS
from openum.adapters.fhir.crd.orders import Order
from openum.adapters.fhir.crd.people import Covered
from openum.adapters.fhir.crd.suggestions import companion_order, exchange, is_taken, mended_coverage, task_for
from openum.adapters.fhir.crd.versions import Version
from openum.adapters.fhir.elements import Json
from openum.needs.queries import Assessment
from openum.needs.rules import Alternative, Companion, Service

_TITLES = {option.code: option.topic for option in OPTIONS}
_ORDER = (
    "therapy-alternatives-req", "claim", "insurance", "guideline", "network", "therapy-alternatives-opt",
    "clinical-reminder", "coverage-info",
)  # fmt: skip
_MOST_SUMMARY = 139


class Desk:
    """Makes the cards of one answer.

    Args:
        site: address of the installation, without a slash at the end.
        form_app: launch address of the SMART app for forms; empty: forms are offered as a Task only.
        patient: the Patient as `Type/id`.
    """

    def __init__(
        self, *, plan: Plan, site: str, instance: str, version: Version, form_app: str, patient: str, on: date
    ) -> None:
        self.payer = {"name": plan.name, "npi": plan.npi}
        self.site, self.instance, self.version = site, instance, version
        self.form_app, self.patient, self.on = form_app, patient, on
        self._made = 0

    def card(self, topic: str, summary: str, *, detail: str = "", about: str = "", indicator: str = "info") -> Json:
        """Return a card without links or suggestions: instructions."""
        made: Json = {
            "uuid": self.uuid(),
            "summary": _cut(summary),
            "indicator": indicator,
            "source": {
                "label": self.payer["name"],
                "url": self.site,
                "topic": {"system": self.version.topics, "code": topic, "display": _TITLES[topic]},
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

    def of(
        self, order: Order, found: Assessment, *, ordered: Iterable[Service], forms: tuple[str, ...], context: str
    ) -> Iterator[Json]:
        """Yield the cards of one order.

        Args:
            ordered: every service that is being ordered in the call.
            forms: canonicals of the forms to fill, where a form may be offered.
            context: the assertion id under which a form is opened.
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
            if not is_taken(order, alternative):
                yield self._alternative(order, alternative)
        for companion in need.companions:
            if companion.service not in ordered:
                yield self._companion(order, companion)
        for canonical in forms:
            yield self._form(order, canonical, context)

    def insurance(self, covered: Covered) -> Iterator[Json]:
        """Yield the card that mends the client's Coverage where our file says otherwise."""
        found = mended_coverage(covered, patient=self.patient, payer=self.payer)
        if found is None:
            return
        resource, differs = found
        is_new = "id" not in resource
        verb = "Add the coverage" if is_new else "Update the coverage"
        summary = f"{verb}: {', '.join(differs)}"
        action: Json = {"type": "create" if is_new else "update", "description": verb, "resource": resource}
        if is_new:
            search = f"Coverage?patient={self.patient}&subscriber-id={resource['subscriberId']}"
            action["extension"] = {"davinci-crd.if-none-exist": search}
        about = "" if is_new else f"Coverage/{resource['id']}"
        yield self._with_actions(self.card("insurance", summary, about=about), verb, [action])

    def _alternative(self, order: Order, alternative: Alternative) -> Json:
        topic = "therapy-alternatives-req" if alternative.is_required else "therapy-alternatives-opt"
        if alternative.npi and not alternative.is_required:
            topic = "network"
        made = self.card(topic, alternative.label, detail=alternative.label, about=order.reference)
        return self._with_actions(made, alternative.label, exchange(order, alternative))

    def _companion(self, order: Order, companion: Companion) -> Json:
        made = self.card("clinical-reminder", companion.label, detail=companion.label, about=order.reference)
        description = f"Order too: {companion.display}"
        resource = companion_order(order, companion, on=self.on)
        return self._with_actions(
            made, description, [{"type": "create", "description": description, "resource": resource}]
        )

    def _form(self, order: Order, canonical: str, context: str) -> Json:
        made = self.card("claim", "Fill the form of the plan for this order", about=order.reference)
        if self.form_app:
            link = {"label": "Fill the form", "url": self.form_app, "type": "smart", "appContext": context}
            made["links"] = [link]
        task = task_for(order, canonical, patient=self.patient, payer=self.payer, on=self.on, version=self.version)
        action = {"type": "create", "description": "Add a task for the form", "resource": task}
        return self._with_actions(made, "Fill the form", [action])

    def _with_actions(self, card: Json, label: str, actions: list[Json]) -> Json:
        if actions:
            card["suggestions"] = [{"label": _cut(label), "uuid": self.uuid(), "actions": actions}]
            card["selectionBehavior"] = "any"
        return card

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
