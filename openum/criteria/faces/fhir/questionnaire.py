"""The form of a guideline as a Questionnaire for Documentation Templates and Rules (Da Vinci DTR, SDC).

Each criterion is a group with its questions, filled from the record where the document names a definition for that.
Where one of several alternatives is enough, a yes-or-no alternative is asked first and the others only while it has
not settled the matter; which answer settles it is found by running the logic.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from html import escape

from openum.criteria.faces.fhir.addresses import Addresses, Resource, effective, header, told
from openum.criteria.faces.fhir.library import fill_name, unit_of
from openum.criteria.faces.fhir.valuesets import answer_set_name
from openum.criteria.facts import response_of
from openum.criteria.guideline import Answer, Guideline
from openum.criteria.program import Program, parameters_for
from openum.criteria.tree import Group, Leaf, Mode, Node, Text, groups_of
from openum.vocabulary.terms import FindingValue

_DTR = "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/"
PROFILE = f"{_DTR}dtr-std-questionnaire"
ADAPTIVE_PROFILE = f"{_DTR}dtr-questionnaire-adapt-search"
ADAPTIVE = "adaptive"
"""The name of the form that is asked question by question."""
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
_CONTEXTS = {"patient": "Patient", "user": "Practitioner", "encounter": "Encounter"}
_TYPES = {"yes-no": "boolean", "date": "date", "choice": "choice", "text": "text"}
_RULES = {
    Mode.ANY: Text("One of these is enough.", "Basta una de estas."),
    Mode.AT_LEAST: Text("At least {count} of these are needed.", "Se necesitan al menos {count} de estas."),
    Mode.NOT: Text("This must not be so.", "Esto no debe ser así."),
}

Settling = Mapping[str, tuple[str, bool]]
"""By key of a criterion: the one yes-or-no question it hangs on, and the answer that meets it."""


def settling_of(program: Program) -> dict[str, tuple[str, bool]]:
    """Find, by running the logic on a form with one answer, which alternatives one yes or no settles."""
    g = program.guideline
    found: dict[str, tuple[str, bool]] = {}
    for group in groups_of(g.root):
        if group.mode is not Mode.ANY:
            continue
        for leaf in group.children:
            if isinstance(leaf, Leaf) and len(leaf.answers) == 1 and g.answers[leaf.answers[0]].kind == "yes-no":
                link = leaf.answers[0]
                values = {said: _value(program, leaf, link, said=said) for said in (True, False)}
                for said in (True, False):
                    if values[said] is FindingValue.MET and values[not said] is not FindingValue.MET:
                        found[leaf.key] = (link, said)
    return found


def _value(program: Program, leaf: Leaf, link: str, *, said: bool) -> FindingValue:
    g = program.guideline
    day = g.effective_from
    patient: Resource = {"resourceType": "Patient", "id": "p"}
    result = program.run(
        [response_of({link: said}, subject="Patient/p", on=day), patient],
        parameters=parameters_for(request_date=day, code=g.scope.services[0][1], side=None),
        now=datetime.combine(day, time(12), UTC),
    )
    return result.answer(leaf.key).value


def questionnaire(places: Addresses, settling: Settling) -> Resource:
    """Return the form.

    Args:
        places: addresses of the version.
        settling: what `settling_of` found; empty: every question is always asked.
    """
    g = places.guideline
    resource = header(places, "Questionnaire")
    items = list(_Items(places, settling).of_root(g.root))
    resource["meta"] = {"profile": [PROFILE]}
    resource["text"] = {"status": "generated", "div": _narrative(g)}
    resource["extension"] = [
        *(_launch_context(name, kind) for name, kind in _CONTEXTS.items()),
        {"url": f"{_SDC}entryMode", "valueCode": "random"},
        {
            "url": "http://hl7.org/fhir/StructureDefinition/cqf-library",
            "valueCanonical": places.canonical("Library", places.faces),
        },
    ]
    told(resource, "title", g.title)
    resource["description"] = g.summary.en
    resource["subjectType"] = ["Patient"]
    resource["effectivePeriod"] = effective(places)
    resource["item"] = items
    return resource


def adaptive_questionnaire(places: Addresses) -> Resource:
    """Return the form that is asked question by question (`$next-question`): what it is about, and no questions."""
    g = places.guideline
    resource = header(places, "Questionnaire", ADAPTIVE)
    resource["meta"] = {"profile": [ADAPTIVE_PROFILE]}
    resource["text"] = {"status": "generated", "div": _narrative(g)}
    resource["extension"] = [
        {"url": f"{_SDC}questionnaireAdaptive", "valueBoolean": True},
        {
            "url": "http://hl7.org/fhir/StructureDefinition/cqf-library",
            "valueCanonical": places.canonical("Library", places.faces),
        },
    ]
    told(resource, "title", g.title)
    resource["description"] = g.summary.en
    resource["subjectType"] = ["Patient"]
    resource["effectivePeriod"] = effective(places)
    return resource


def question_item(places: Addresses, link: str) -> Resource:
    """Return one question of the form, as the whole form has it."""
    return _Items(places, {}).question(places.guideline.answers[link])


def _launch_context(name: str, kind: str) -> Resource:
    return {
        "url": f"{_SDC}launchContext",
        "extension": [
            {
                "url": "name",
                "valueCoding": {"system": "http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext", "code": name},
            },
            {"url": "type", "valueCode": kind},
        ],
    }


def _narrative(g: Guideline) -> str:
    """Tell the questions as XHTML, for systems that show only that."""
    rows = "".join(f"<li>{escape(leaf.key)}. {escape(leaf.question.en)}</li>" for leaf in g.leaves)
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(g.title.en)} ({escape(g.id)} {escape(g.version)})</p><ul>{rows}</ul></div>'  # fmt: skip


class _Items:
    """Builds the items; a question that two criteria share is asked once, where it comes first."""

    def __init__(self, places: Addresses, settling: Settling) -> None:
        self.places = places
        self.settling = settling
        self.asked: set[str] = set()

    def of_root(self, root: Node) -> Iterator[Resource]:
        children = root.children if isinstance(root, Group) and root.mode is Mode.ALL else (root,)
        for child in children:
            yield self.of(child, [])

    def of(self, node: Node, unless: list[tuple[str, bool]]) -> Resource:
        return self.of_leaf(node, unless) if isinstance(node, Leaf) else self.of_group(node, unless)

    def of_group(self, group: Group, unless: list[tuple[str, bool]]) -> Resource:
        item: Resource = {"linkId": f"group-{group.key}" if group.key else "group"}
        if group.key:
            item["prefix"] = group.key
        told(item, "text", group.label or Text("Criteria", "Criterios"))
        item["type"] = "group"
        _only_while(item, unless)
        inner: list[Resource] = []
        rule = _RULES.get(group.mode)
        if rule:
            words = Text(rule.en.format(count=group.count), rule.es.format(count=group.count))
            inner.append(told({"linkId": f"{item['linkId']}-rule"}, "text", words) | {"type": "display"})
        settled: list[tuple[str, bool]] = []
        for child in self._in_order(group):
            inner.append(self.of(child, list(settled)))
            if group.mode is Mode.ANY and child.key in self.settling:
                settled.append(self.settling[child.key])
        item["item"] = inner
        return item

    def _in_order(self, group: Group) -> list[Node]:
        """Ask first what one yes or no settles."""
        if group.mode is not Mode.ANY:
            return list(group.children)
        return sorted(group.children, key=lambda child: child.key not in self.settling)

    def of_leaf(self, leaf: Leaf, unless: list[tuple[str, bool]]) -> Resource:
        item: Resource = {"linkId": f"criterion-{leaf.key}", "prefix": leaf.key}
        told(item, "text", leaf.question)
        item["type"] = "group"
        _only_while(item, unless)
        item["item"] = [self._help(leaf)]
        for link in leaf.answers:
            if link not in self.asked and link in self.places.guideline.answers:
                self.asked.add(link)
                item["item"].append(self.question(self.places.guideline.answers[link]))
        return item

    def _help(self, leaf: Leaf) -> Resource:
        control = {
            "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
            "valueCodeableConcept": {
                "coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "help"}]
            },
        }
        item: Resource = {"extension": [control], "linkId": f"criterion-{leaf.key}-help"}
        return told(item, "text", leaf.to_satisfy) | {"type": "display"}

    def question(self, answer: Answer) -> Resource:
        places = self.places
        extensions: list[Resource] = []
        if answer.prefill:
            extensions.append({
                "url": f"{_SDC}initialExpression",
                "valueExpression": {
                    "language": "text/cql", "expression": f'"{places.faces}".{fill_name(answer.link)}',
                },
            })  # fmt: skip
        kind = _TYPES.get(answer.kind, "decimal")
        if answer.kind == "number" and answer.unit:
            kind = "quantity"
            extensions.append({
                "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption",
                "valueCoding": {
                    "system": "http://unitsofmeasure.org", "code": unit_of(answer), "display": answer.unit,
                },
            })  # fmt: skip
        item: Resource = {"extension": extensions} if extensions else {}
        item["linkId"] = answer.link
        told(item, "text", answer.label)
        item |= {"type": kind, "required": False, "repeats": False}
        if answer.kind == "choice":
            item["answerValueSet"] = places.canonical("ValueSet", answer_set_name(answer.link))
        return item


def _only_while(item: Resource, unless: list[tuple[str, bool]]) -> None:
    """Ask only while none of the answers that would settle the matter is given; no answer settles nothing."""
    if len(unless) == 1:
        link, said = unless[0]
        item["enableWhen"] = [
            {"question": link, "operator": "exists", "answerBoolean": False},
            {"question": link, "operator": "=", "answerBoolean": not said},
        ]
        item["enableBehavior"] = "any"
    elif unless:
        item["enableWhen"] = [{"question": link, "operator": "!=", "answerBoolean": said} for link, said in unless]
        item["enableBehavior"] = "all"
