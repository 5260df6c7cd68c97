"""One conversation from the order to the decision: CRD, DTR, PAS, notification. Each step is told as it happens."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from samples.ehr.chart import ORDER, Chart
from samples.ehr.claim import inquiry_bundle, request_bundle
from samples.ehr.form import Filled, fill, package_of
from samples.ehr.line import FHIR, PLAIN, Call, Reply
from samples.ehr.server import LISTENER, Mailbox
from samples.ehr.stories import Story

Json = dict[str, Any]

_INFORMATION = "/ext-coverage-information"
_TOPIC = "http://hl7.org/fhir/us/davinci-pas/SubscriptionTopic/PASSubscriptionTopic"
_BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step as a person reads it; `status` is that of its HTTP call, None when nothing was called."""

    name: str
    says: str
    status: int | None = None
    seconds: float = 0.0
    is_good: bool = True


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a conversation ended."""

    story: Story
    ended: str
    is_as_told: bool
    seconds: float


@dataclass(kw_only=True)
class Talk:
    """One conversation with a payer.

    Attributes:
        story: what is talked about.
        call: calls the payer.
        version: `2.0` or `2.2`.
        base: address of the record system's FHIR server.
        at: the instant of the order, aware.
        mailbox: where notifications arrive; None: the decision is asked for instead.
        listener: address of the mailbox.
        patience: seconds to wait for a later decision.
        pause: lets seconds pass before a later decision is asked for again.
    """

    story: Story
    call: Call
    version: str
    base: str
    at: datetime
    mailbox: Mailbox | None = None
    listener: str = ""
    patience: float = 30.0
    pause: Callable[[float], object] = time.sleep
    steps: list[Step] = field(default_factory=list)
    chart: Chart = field(init=False)

    def __post_init__(self) -> None:
        """Open the chart."""
        self.chart = self.story.chart(self.at)

    def run(self) -> Iterator[Step]:
        """Yield each step as it happens; the last one tells how it ended."""
        for step in self._steps():
            self.steps.append(step)
            yield step

    @property
    def outcome(self) -> Outcome:
        """How it ended, once it has run."""
        ended = self.steps[-1].says if self.steps else ""
        return Outcome(
            story=self.story, ended=ended, is_as_told=bool(self.steps) and self.steps[-1].is_good,
            seconds=sum(step.seconds for step in self.steps),
        )  # fmt: skip

    def _steps(self) -> Iterator[Step]:
        said = self.call("GET", f"/crd/{self.version}/cds-services", None, PLAIN)
        hooks = [one.get("hook") for one in (said.content or {}).get("services", [])] if said.is_good else []
        yield _step("discovery", f"services: {', '.join(hooks) or 'none'}", said)
        if "order-sign" not in hooks:
            yield _end("The payer offers no order-sign service.", is_good=False)
            return
        signed = self.call("POST", f"/crd/{self.version}/cds-services/order-sign", self._hook(), PLAIN)
        information = _information(signed.content)
        yield _step("order-sign", _told(information), signed)
        if not signed.is_good:
            yield _end("The order could not be judged.", is_good=False)
            return
        if information.get("pa-needed") in {"no-auth", "satisfied"}:
            yield _end(f"No request is sent: {information['pa-needed']}.", is_good=not self.story.ends)
            return
        filled = None
        if information.get("questionnaire"):
            step, filled = self._form(information)
            yield step
        if self.story.arms is not None:
            armed = self.call("PUT", "/sandbox/api/next-answer", self.story.arms, PLAIN)
            yield _step("arm", f"next answer: {self.story.arms['answer']}", armed)
        subscribed = False
        if self.story.waits and self.mailbox is not None:
            step = self._subscribe()
            subscribed = step.is_good
            yield step
        yield from self._request(filled, subscribed=subscribed)

    def _hook(self) -> Json:
        patient = self.chart.one("Patient")
        order = {**(self.chart.get(ORDER) or {}), "status": "draft"}
        return {
            "hook": "order-sign",
            "hookInstance": str(uuid4()),
            "fhirServer": self.base,
            "context": {
                "userId": f"Practitioner/{self.chart.one('Practitioner')['id']}",
                "patientId": patient["id"],
                "draftOrders": _bundle([order]),
            },
            "prefetch": {
                "patient": patient,
                "coverage": _bundle([*self.chart.of("Coverage"), *self.chart.of("Organization")]),
                "practitioners": _bundle(list(self.chart.of("Practitioner"))),
            },
        }

    def _form(self, information: Json) -> tuple[Step, Filled | None]:
        asked = {
            "resourceType": "Parameters",
            "parameter": [
                {"name": "coverage", "resource": self.chart.one("Coverage")},
                {"name": "order", "resource": self.chart.get(ORDER)},
                {"name": "questionnaire", "valueCanonical": information["questionnaire"]},
                {"name": "context", "valueString": information.get("coverage-assertion-id", "")},
            ],
        }
        path = f"/fhir/{self.version}/Questionnaire/$questionnaire-package"
        said = self.call("POST", path, asked, FHIR)
        package = package_of(said.content) if said.is_good and isinstance(said.content, dict) else None
        if package is None:
            return _step("form", "the payer sent no form", said), None
        filled = fill(package, self.chart, by_hand=self.story.by_hand, at=self.at)
        words = (
            f"{filled.asked} questions: {len(filled.by_record)} filled from the record, {len(filled.by_hand)} by hand"
        )
        return _step("form", words, said), filled

    def _subscribe(self) -> Step:
        requester = self.chart.one("Practitioner")["identifier"][0]["value"]
        content = "full-resource" if self.version == "2.2" else "id-only"
        said = self.call("POST", f"/fhir/{self.version}/Subscription", {
            "resourceType": "Subscription",
            "meta": {"profile": [f"{_BACKPORT}backport-subscription"]},
            "status": "requested",
            "reason": "Decisions on requests of this practice",
            "criteria": _TOPIC,
            "_criteria": {"extension": [{
                "url": f"{_BACKPORT}backport-filter-criteria", "valueString": f"orgIdentifier={requester}",
            }]},
            "channel": {
                "type": "rest-hook", "endpoint": f"{self.listener}{LISTENER}", "payload": FHIR,
                "_payload": {"extension": [{
                    "url": f"{_BACKPORT}backport-payload-content", "valueCode": content,
                }]},
            },
        }, FHIR)  # fmt: skip
        words = "decisions will be told here" if said.is_good else "the payer takes no subscription; it will be asked"
        return _step("subscription", words, said)

    def _request(self, filled: Filled | None, *, subscribed: bool) -> Iterator[Step]:
        asked = request_bundle(
            self.chart, base=self.base, version=self.version, identifier=str(uuid4()), at=self.at,
            response=filled.response if filled else None,
        )  # fmt: skip
        said = self.call("POST", f"/fhir/{self.version}/Claim/$submit", asked, FHIR)
        answer = claim_response(said.content)
        action = action_of(answer)
        yield _step("request", _decided(answer), said)
        if self.story.waits and action == "A4":
            yield from self._later(asked, subscribed=subscribed)
            return
        yield _end(_decided(answer), is_good=said.is_good and action == self.story.ends)

    def _later(self, asked: Json, *, subscribed: bool) -> Iterator[Step]:
        if subscribed and self.mailbox is not None:
            letters = self._letters(self.mailbox)
            words = ", ".join(letters) if letters else "none arrived in time; the payer is asked"
            yield Step(name="notification", says=words, is_good="event-notification" in letters)
        left = self.patience
        while True:
            said = self.call("POST", f"/fhir/{self.version}/Claim/$inquire", inquiry_bundle(asked), FHIR)
            answer = claim_response(said.content)
            if action_of(answer) != "A4" or left <= 0:
                break
            self.pause(1.0)
            left -= 1.0
        yield _step("inquiry", _decided(answer), said)
        yield _end(_decided(answer), is_good=action_of(answer) == self.story.ends)

    def _letters(self, mailbox: Mailbox) -> list[str]:
        """Wait for the event; return the kinds of notification that arrived, in order."""
        kinds: list[str] = []
        while "event-notification" not in kinds:
            letters = mailbox.wait(more_than=len(kinds), seconds=self.patience)
            if len(letters) == len(kinds):
                break
            kinds = [kind_of(letter) for letter in letters]
        return kinds


def _bundle(resources: list[Json]) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def _step(name: str, says: str, reply: Reply) -> Step:
    words = says if reply.is_good else f"{says} ({_trouble(reply.content)})"
    return Step(name=name, says=words, status=reply.status, seconds=reply.seconds, is_good=reply.is_good)


def _end(says: str, *, is_good: bool) -> Step:
    return Step(name="end", says=says, is_good=is_good)


def _trouble(content: Any) -> str:
    issues = content.get("issue", []) if isinstance(content, dict) else []
    words = [one.get("details", {}).get("text") or one.get("diagnostics", "") for one in issues]
    return "; ".join(words) or (content.get("message", "") if isinstance(content, dict) else "") or "no reason is told"


def _information(answer: Any) -> Json:
    """Return the coverage information of the first order, by the names of its parts."""
    for action in (answer or {}).get("systemActions", []):
        for extension in action.get("resource", {}).get("extension", []):
            if extension.get("url", "").endswith(_INFORMATION):
                return {
                    part["url"]: next((value for key, value in part.items() if key.startswith("value")), None)
                    for part in extension["extension"]
                }
    return {}


def _told(information: Json) -> str:
    words = [str(information.get("covered", "nothing is said of coverage"))]
    words += [str(information[name]) for name in ("pa-needed", "questionnaire") if information.get(name)]
    return ", ".join(words)


def claim_response(content: Any) -> Json:
    """Return the ClaimResponse of an answer, in a Bundle or in Parameters of Bundles; empty where there is none."""
    if not isinstance(content, dict):
        return {}
    if content.get("resourceType") == "Parameters":
        held = (one.get("resource") for one in content.get("parameter", []))
        return next((found for one in held if (found := claim_response(one))), {})
    resources = (entry.get("resource", {}) for entry in content.get("entry", []))
    return next((one for one in resources if one.get("resourceType") == "ClaimResponse"), {})


def action_of(response: Json) -> str:
    """Return the review action of the first item, `error`, or nothing."""
    if response.get("outcome") == "error":
        return "error"
    for item in response.get("item", []):
        for adjudication in item.get("adjudication", []):
            for review in adjudication.get("extension", []):
                for part in review.get("extension", []):
                    if part.get("url", "").endswith("reviewActionCode"):
                        return str(part["valueCodeableConcept"]["coding"][0]["code"])
    return ""


def _decided(response: Json) -> str:
    action = action_of(response)
    notes = [note["text"] for note in response.get("processNote", [])]
    if action == "error":
        codes = [one["code"]["coding"][0]["code"] for one in response.get("error", [])]
        return f"error {', '.join(codes)}"
    number = response.get("preAuthRef", "")
    period = response.get("preAuthPeriod", {})
    days = f", {period.get('start', '?')} to {period.get('end', '?')}" if period else ""
    told = f", {len(notes)} notes" if notes else ""
    return f"{action or 'no decision'}{f' {number}' if number else ''}{days}{told}"


def kind_of(letter: Json) -> str:
    """Return what a notification is: handshake, heartbeat, event-notification."""
    for entry in letter.get("entry", []):
        resource = entry.get("resource", {})
        if resource.get("resourceType") == "SubscriptionStatus":
            return str(resource.get("type", ""))
        for part in resource.get("parameter", []):
            if part.get("name") == "type":
                return str(part.get("valueCode", ""))
    return "unknown"
