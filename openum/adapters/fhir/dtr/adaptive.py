"""Questionnaire/$next-question: what still has to be asked, given the answers so far.

For a guideline that is what can still change the outcome (`criteria.asking`); for a form that a payer wrote elsewhere,
the next stage of it. Earlier questions and answers stay; when nothing is left to ask, the response is completed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from openum.accounts.models import ApiClient
from openum.adapters.fhir.dtr.parameters import resources
from openum.adapters.fhir.dtr.shaping import facts_of_use
from openum.adapters.fhir.dtr.shelf import Found, GuidelineVolume, Shelf, UploadVolume, sandbox_form
from openum.adapters.fhir.dtr.versions import DTR, Version
from openum.adapters.fhir.elements import rows, text
from openum.adapters.fhir.outcome import Issue, MessageRefused
from openum.criteria.asking import questions
from openum.criteria.faces.fhir.addresses import told
from openum.criteria.faces.fhir.library import answer_system
from openum.criteria.faces.fhir.questionnaire import question_item
from openum.criteria.program import parameters_for
from openum.criteria.tree import Leaf
from openum.forms.answers import Filled, read_response
from openum.forms.enabling import Enabling
from openum.forms.items import Item, every, read_form
from openum.forms.services import note_handed_out
from openum.forms.uploads import stages_of
from openum.vocabulary.terms import FindingValue

Json = dict[str, Any]

ADAPTIVE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-questionnaireAdaptive"
_CONTAINED_PROFILE = f"{DTR}dtr-questionnaire-adapt"
_NEEDS = (
    "Send the QuestionnaireResponse with the adaptive Questionnaire contained, bare or as “questionnaire-response”."
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A round: the response so far, and whether it came in Parameters."""

    response: Json
    contained: Json
    canonical: str
    is_wrapped: bool


def next_question(
    data: object, shelf: Shelf, *, version: Version, client: ApiClient, base_url: str, at: datetime
) -> Json:
    """Return the response with the next questions, or completed.

    Raises:
        MessageRefused: 400, not the input of the operation; 404, we hold no such adaptive form.
    """
    asked = read_round(data)
    answer = asked.response
    if text(asked.response.get("status")) not in {"completed", "amended"}:
        found = _form(asked, shelf, client)
        today = at.astimezone(ZoneInfo(client.plan.time_zone)).date()
        answer = advanced(asked, found, version=version, base_url=base_url, today=today)
        note_handed_out(
            plan=client.plan, member=None, forms=(found.label.canonical,), way="next-question", by=client.user, at=at
        )
    if asked.is_wrapped and version.next_question_keeps_shape:
        return {"resourceType": "Parameters", "parameter": [{"name": "return", "resource": answer}]}
    return answer


def read_round(data: object) -> Asked:
    """Read the response so far, in either shape.

    Raises:
        MessageRefused: 400.
    """
    is_wrapped = isinstance(data, dict) and data.get("resourceType") == "Parameters"
    response = data
    if isinstance(data, dict) and is_wrapped:
        response = next(resources(data, "questionnaire-response", "questionnaireResponse"), None)
    if not isinstance(response, dict) or response.get("resourceType") != "QuestionnaireResponse":
        raise _refused("QuestionnaireResponse", "There is no QuestionnaireResponse.")
    named = text(response.get("questionnaire"))
    if not named:
        raise _refused("QuestionnaireResponse.questionnaire", "The form is not named.")
    contained = next(
        (
            one
            for one in rows(response.get("contained"))
            if one.get("resourceType") == "Questionnaire" and named.lstrip("#") in (one.get("id"), one.get("url"))
        ),
        {},
    )
    if named.startswith("#") and not contained:
        raise _refused("QuestionnaireResponse.contained", "The contained Questionnaire that it names is missing.")
    return Asked(response=response, contained=contained, canonical=_canonical(contained, named), is_wrapped=is_wrapped)


def _canonical(contained: Json, named: str) -> str:
    """Return the address of the adaptive form: what the contained one is derived from, else its own."""
    derived = contained.get("derivedFrom")
    for one in derived if isinstance(derived, list) else ():
        if text(one):
            return str(one)
    url, version = text(contained.get("url")), text(contained.get("version"))
    return (f"{url}|{version}" if version else url) if url else named.lstrip("#")


def _form(asked: Asked, shelf: Shelf, client: ApiClient) -> Found:
    found = shelf.find("Questionnaire", asked.canonical) or sandbox_form(shelf, client, adaptive=True)
    if found is None:
        raise MessageRefused(
            Issue(
                code="not-found", path="QuestionnaireResponse.contained.derivedFrom",
                text="We hold no adaptive form of this address and version.",
                cure="Get the form by $questionnaire-package and contain it as it came.",
            ),
            http_status=404,
        )  # fmt: skip
    if not read_form(found.resource).is_adaptive:
        raise MessageRefused(
            Issue(
                code="not-supported", path="QuestionnaireResponse.questionnaire",
                text="This form has all its questions at once.",
                cure="Fill it in without $next-question, or ask for its adaptive form.",
            )
        )  # fmt: skip
    return found


def advanced(asked: Asked, found: Found, *, version: Version, base_url: str, today: date) -> Json:
    """Return the response one round further: more questions, or completed."""
    volume = found.volume
    if isinstance(volume, GuidelineVolume):
        items, is_done = _next_of_guideline(asked, volume, today)
    else:
        assert isinstance(volume, UploadVolume)
        items, is_done = _next_of_upload(asked, found, volume)
    contained = _contained(asked, found, items, version=version, base_url=base_url)
    response = dict(asked.response)
    others = [one for one in rows(response.get("contained")) if one is not asked.contained]
    response["contained"] = [contained, *others]
    response["questionnaire"] = f"#{contained['id']}"
    response["status"] = "completed" if is_done else "in-progress"
    held = response.get("item")
    response["item"] = _with_places(list(held) if isinstance(held, list) else [], items)
    if not response["item"]:
        del response["item"]
    return response


def _contained(asked: Asked, found: Found, items: list[Json], *, version: Version, base_url: str) -> Json:
    """Return the form with the questions so far."""
    whole = found.resource
    made: Json = {
        "resourceType": "Questionnaire",
        "id": text(asked.contained.get("id")) or "asked",
        "meta": {"profile": [_CONTAINED_PROFILE]},
        "text": whole.get("text") or _narrative(whole),
        "extension": [
            {"url": one["url"], "valueUrl": base_url} if one.get("url") == ADAPTIVE else one
            for one in rows(whole.get("extension"))
            if one.get("url") in {ADAPTIVE, "http://hl7.org/fhir/StructureDefinition/cqf-library"}
        ],
    }
    if version.nests_adaptive_url:
        own = text(asked.contained.get("url")) if asked.contained.get("derivedFrom") else ""
        made["url"] = own or f"{found.label.url}/asked"
    if version.has_facts_of_use:
        made["extension"] += facts_of_use(whole, questions=len(list(_links(items))))
    for element in ("version", "name", "title", "_title", "date", "publisher"):
        if whole.get(element):
            made[element] = whole[element]
    made.setdefault("title", found.label.name or "Form")
    is_known = asked.canonical.partition("|")[0] == found.label.url and "|" not in asked.canonical
    canonical = found.label.canonical if is_known else asked.canonical
    made |= {"derivedFrom": [canonical], "status": whole.get("status", "active"), "subjectType": ["Patient"]}
    if items:
        made["item"] = items
    return made


def _narrative(questionnaire: Json) -> Json:
    title = escape(text(questionnaire.get("title")) or text(questionnaire.get("name")) or "Form")
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{title}</p></div>'}


def _with_places(held: list[Json], items: list[Json]) -> list[Json]:
    """Return the answers so far with a place for each new question; nothing that was answered is moved or lost."""
    places = {text(one.get("linkId")): one for one in rows(held)}
    made = list(held)
    for item in items:
        link = item["linkId"]
        if item["type"] == "display":
            continue
        if link not in places:
            made.append(_place(item))
        elif item["type"] == "group":
            known = places[link]
            inner = known.get("item")
            grown = {**known, "item": _with_places(list(inner) if isinstance(inner, list) else [], item["item"])}
            made[next(index for index, one in enumerate(made) if one is known)] = grown
    return made


def _place(item: Json) -> Json:
    place: Json = {"linkId": item["linkId"]} | ({"text": item["text"]} if item.get("text") else {})
    inner = [_place(one) for one in item.get("item", ()) if one["type"] != "display"]
    if inner and item["type"] == "group":
        place["item"] = inner
    return place


def _next_of_guideline(asked: Asked, volume: GuidelineVolume, today: date) -> tuple[list[Json], bool]:
    """Return the questions so far and the next ones, and whether nothing is left that could change the outcome."""
    held = [item for item in rows(asked.contained.get("item")) if text(item.get("linkId")) and text(item.get("type"))]
    known = set(_links(held))
    leaf = next_leaf(volume, asked.response, known, today)
    if leaf is None:
        return held, True
    places = volume.package.places
    group: Json = {"linkId": f"criterion-{leaf.key}", "prefix": leaf.key}
    told(group, "text", leaf.question)
    group |= {"type": "group", "item": []}
    for link in leaf.answers:
        if link not in known and link in volume.guideline.answers:
            group["item"].append(_as_asked(question_item(places, link), volume, link))
    same = next((one for one in held if one["linkId"] == group["linkId"]), None)
    if same is not None:
        grown = {**same, "item": [*rows(same.get("item")), *group["item"]]}
        return [grown if one is same else one for one in held], False
    return [*held, group], False


def next_leaf(volume: GuidelineVolume, response: Json, known: set[str], today: date) -> Leaf | None:
    """Return the criterion to ask about next: the first that can still change the outcome and has a question left."""
    g = volume.guideline
    findings = findings_of(volume, response, today)
    left = {leaf.key: [link for link in leaf.answers if link not in known and link in g.answers] for leaf in g.leaves}
    costs = {key: float(max(len(links), 1)) for key, links in left.items()}
    for key in questions(g.root, findings, costs=costs):
        if left[key]:
            return g.leaf(key)
    return None


def findings_of(volume: GuidelineVolume, response: Json, today: date) -> dict[str, FindingValue]:
    """Answer each criterion from the response alone."""
    g = volume.guideline
    answered = {name: value for name, value in response.items() if name not in {"contained", "subject"}}
    patient: Json = {"resourceType": "Patient", "id": "p"}
    result = volume.program.run(
        [answered | {"subject": {"reference": "Patient/p"}}, patient],
        parameters=parameters_for(request_date=today, code=g.scope.services[0][1], side=None),
        now=datetime.combine(today, datetime.min.time(), ZoneInfo("UTC")),
    )
    return {answer.leaf.key: answer.value for answer in result.answers}


def _as_asked(item: Json, volume: GuidelineVolume, link: str) -> Json:
    """Return a question with its answers in it: a contained form brings no value sets."""
    answer = volume.guideline.answers[link]
    if answer.kind != "choice":
        return item
    system = answer_system(volume.package.places, link)
    made = {name: value for name, value in item.items() if name != "answerValueSet"}
    made["answerOption"] = [
        {"valueCoding": {"system": system, "code": code, "display": words.en}} for code, words in answer.options
    ]
    return made


def _links(items: Iterable[Json]) -> Iterator[str]:
    for item in items:
        yield text(item.get("linkId"))
        yield from _links(rows(item.get("item")))


def _next_of_upload(asked: Asked, found: Found, volume: UploadVolume) -> tuple[list[Json], bool]:
    """Return what is asked up to the first stage that holds something new, and whether everything was asked.

    A stage is entered when every required question before it is answered.
    """
    stages = stages_of(found.label.url, volume.upload.of_kind("Questionnaire"))
    shown = set(_links(rows(asked.contained.get("item"))))
    items: list[Json] = []
    for stage in stages:
        items, form_items, filled = _asked_of(stage, asked.response)
        if any(link not in shown for link in _links(items)):
            return items, False
        if _waits(form_items, filled):
            return items, False
    return items, True


def _asked_of(stage: list[Json], response: Json) -> tuple[list[Json], list[Item], Filled]:
    """Return the items of a stage that are asked, without their conditions, which no longer need to be told."""
    form = read_form({"resourceType": "Questionnaire", "item": stage})
    filled = read_response(form, response)
    enabling = Enabling(form, filled)
    asked = [item for item in every(form.items) if enabling.is_enabled((item.link, ()))]
    return _only(stage, {item.link for item in asked}), asked, filled


def _only(items: list[Json], links: set[str]) -> list[Json]:
    made: list[Json] = []
    for item in items:
        if item.get("linkId") not in links:
            continue
        kept = {name: value for name, value in item.items() if name not in {"enableWhen", "enableBehavior"}}
        if isinstance(item.get("item"), list):
            kept["item"] = _only(item["item"], links)
        made.append(kept)
    return made


def _waits(items: list[Item], filled: Filled) -> bool:
    return any(item.is_required and item.is_question and not filled.answers.get((item.link, ())) for item in items)


def _refused(path: str, words: str) -> MessageRefused:
    return MessageRefused(Issue(code="structure", path=path, text=words, cure=_NEEDS))
