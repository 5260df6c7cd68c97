"""Whether a Questionnaire can be stored and filled in: every fault with its place and the cure. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openum.cql import fhirpath
from openum.forms.items import EXPRESSIONS, KINDS, MOST_DEPTH, SDC, Expression, Form, read_form
from openum.forms.logic import CQL, IDENTIFIER, PATH, Logic, logic_of

Json = dict[str, Any]

_OPERATORS = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})
_CHOICES = frozenset({"choice", "open-choice"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where, what, and how to mend it. A warning does not stand in the way."""

    path: str
    text: str
    cure: str
    severity: str = "error"

    def __str__(self) -> str:
        """Return it in one line."""
        return f"{self.path}: {self.text} {self.cure}".strip()


def faults_of(
    questionnaire: Json, stages: Sequence[Json], libraries: Sequence[Json], value_sets: Sequence[Json]
) -> list[Fault]:
    """Return what is wrong with a form and with those derived from it."""
    form = read_form(questionnaire)
    found = [*_head(questionnaire), *_frame(form, stages)]
    known = _known_sets(questionnaire, value_sets)
    for one in (questionnaire, *stages):
        found += _items(one.get("item"), "Questionnaire", 0)
        found += _links(one)
        found += _lists(one.get("item"), "Questionnaire", known | _known_sets(one, ()))
    forms = [form, *map(read_form, stages)]
    return [*found, *_logic(forms, libraries, value_sets)]


def _head(questionnaire: Json) -> Iterator[Fault]:
    url = questionnaire.get("url", "")
    if any(letter in url for letter in "|# "):
        yield Fault("Questionnaire.url", "The address has a bar, a hash or a space.", "Write it without them.")
    if questionnaire.get("status") not in {"draft", "active", "retired", "unknown"}:
        yield Fault("Questionnaire.status", "The status is missing or unknown.", "Say draft or active.")
    if questionnaire.get("status") == "retired":
        yield Fault("Questionnaire.status", "The form is retired.", "Load the version that took its place.")
    kinds = questionnaire.get("subjectType")
    if kinds is not None and kinds != ["Patient"]:
        yield Fault("Questionnaire.subjectType", "The form is not about a patient.", "Say Patient.", "warning")


def _frame(form: Form, stages: Sequence[Json]) -> Iterator[Fault]:
    if form.items or any(one.get("item") for one in stages):
        return
    if form.is_adaptive:
        yield Fault(
            "Questionnaire.item", "The adaptive form has no questions to ask.",
            "Load the Questionnaires that are derived from it (derivedFrom) together with it.",
        )  # fmt: skip
    else:
        yield Fault("Questionnaire.item", "The form asks nothing.", "Add its items.")


def _items(nodes: object, path: str, depth: int) -> Iterator[Fault]:
    for number, node in enumerate(nodes if isinstance(nodes, list) else ()):
        place = f"{path}.item[{number}]"
        if depth > MOST_DEPTH:
            yield Fault(place, "The items are nested too deeply.", f"Keep to {MOST_DEPTH} levels.")
            return
        if not isinstance(node, dict) or not isinstance(node.get("linkId"), str) or not node["linkId"]:
            yield Fault(place, "The item has no linkId.", "Give it one that no other item has.")
            continue
        kind = node.get("type")
        if kind not in KINDS:
            yield Fault(f"{place}.type", "The type is none of FHIR R4.", f"Use one of: {', '.join(sorted(KINDS))}.")
        if kind == "group" and not node.get("item"):
            yield Fault(place, "The group is empty.", "Give it items or leave it out.")
        if kind == "display" and (node.get("item") or node.get("required") or node.get("repeats")):
            yield Fault(place, "A text has items, or is required or repeated.", "Only groups and questions may.")
        conditions = node.get("enableWhen")
        if isinstance(conditions, list) and len(conditions) > 1 and node.get("enableBehavior") not in {"all", "any"}:
            yield Fault(f"{place}.enableBehavior", "Several conditions are not joined.", "Say all or any.")
        yield from _items(node.get("item"), place, depth + 1)


def _links(questionnaire: Json) -> Iterator[Fault]:
    form = read_form(questionnaire)
    counts = Counter(item.link for item in form.all_items())
    for link, count in counts.items():
        if count > 1:
            yield Fault(f"Questionnaire.item({link})", "Two items have this linkId.", "Give each its own.")
    for item in form.all_items():
        for condition in item.conditions:
            place = f"Questionnaire.item({item.link}).enableWhen"
            if condition.question not in counts:
                yield Fault(place, f"There is no question “{condition.question}”.", "Name a question of this form.")
            if condition.operator not in _OPERATORS:
                yield Fault(place, "The operator is unknown.", f"Use one of: {', '.join(sorted(_OPERATORS))}.")
            if not condition.answer:
                yield Fault(place, "The condition has no answer to compare with.", "Add answer[x].")


def _known_sets(questionnaire: Json, value_sets: Iterable[Json]) -> frozenset[str]:
    held = questionnaire.get("contained")
    inner = {f"#{one.get('id')}" for one in held if isinstance(one, dict)} if isinstance(held, list) else set()
    return frozenset(inner | {str(one.get("url")) for one in value_sets})


def _lists(nodes: object, path: str, known: frozenset[str]) -> Iterator[Fault]:
    for node in nodes if isinstance(nodes, list) else ():
        if not isinstance(node, dict):
            continue
        place = f"Questionnaire.item({node.get('linkId')})"
        named = node.get("answerValueSet")
        if named and node.get("answerOption"):
            yield Fault(place, "It has both a list of answers and a value set.", "Keep one of them.")
        if isinstance(named, str) and named.partition("|")[0] not in known:
            yield Fault(
                f"{place}.answerValueSet", "The value set did not come with the form; its answers cannot be shown.",
                "Load the ValueSet together with it.", severity="warning",
            )  # fmt: skip
        computed = any(
            isinstance(one, dict) and one.get("url") in {f"{SDC}answerExpression", f"{SDC}candidateExpression"}
            for one in node.get("extension") or ()
        )
        if node.get("type") in _CHOICES and not (named or node.get("answerOption") or computed):
            yield Fault(place, "The choice offers no answers.", "Add answerOption or answerValueSet.", "warning")
        yield from _lists(node.get("item"), place, known)


def _logic(forms: Sequence[Form], libraries: Sequence[Json], value_sets: Sequence[Json]) -> Iterator[Fault]:
    main = [one for form in forms for one in form.libraries]
    logic = logic_of(libraries, value_sets, main=main)
    addresses = {str(one.get("url")) for one in libraries}
    for canonical in dict.fromkeys(main):
        if canonical.partition("|")[0] not in addresses:
            yield Fault(
                "Questionnaire.extension(cqf-library)", "The library did not come with the form.",
                "Load the Library together with it; until then nothing is filled in by itself.", severity="warning",
            )  # fmt: skip
    for name in logic.sources:
        if logic.library(name) is None:
            yield Fault(f"Library({name}).content", logic.trouble[name], "Correct the CQL.")
    for form in forms:
        for place, expression in _expressions(form):
            yield from _expression(place, expression, logic_has_libraries=bool(libraries), logic=logic)


def _expressions(form: Form) -> Iterator[tuple[str, Expression]]:
    for variable in form.variables:
        yield "Questionnaire.extension(variable)", variable
    for item in form.all_items():
        for name in EXPRESSIONS:
            if name in item.expressions:
                yield f"Questionnaire.item({item.link}).extension({name})", item.expressions[name]


def _expression(place: str, expression: Expression, *, logic_has_libraries: bool, logic: Logic) -> Iterator[Fault]:
    if expression.language == PATH:
        try:
            fhirpath.compile(expression.text)
        except fhirpath.FhirPathError as error:
            yield Fault(place, f"The FHIRPath does not compile: {error}", "Correct it.")
        return
    if expression.language not in {CQL, IDENTIFIER, "text/cql-expression", "text/cql.identifier"}:
        yield Fault(place, "The language is not run here.", f"Use {CQL} or {PATH}.", "warning")
        return
    named = logic.place_of(expression)
    if named is None:
        if logic_has_libraries and logic.inline(expression) is None:
            yield Fault(place, "The CQL does not compile.", 'Name a definition as "Library".definition.')
        return
    library = logic.library(named[0])
    if library is None and named[0] not in logic.sources:
        yield Fault(place, f"The library {named[0]} did not come with the form.", "Load it together.", "warning")
    elif library is not None and named[1] not in library.definitions:
        yield Fault(place, f"The library {named[0]} has no definition “{named[1]}”.", "Correct the name.")
