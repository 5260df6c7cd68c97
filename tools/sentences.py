"""The sentences that rules and services say in English and that pages show in the reader's language.

A refusal is raised where no reader's language is known, with an f-string as a rule. Here the text of each is taken from the
code, what is filled in as a named hole, `{units}`: that is its entry in the catalogues, and the pages find a sentence by it
(`openum/design/telling.py`).
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOR_SYSTEMS = ("openum/cql/", "openum/adapters/")
"""Folders that speak with other systems: English is the language of their standards."""
FOR_PEOPLE = ("openum/adapters/sandbox/", "openum/adapters/fhir/dtr/client/")
REFUSAL = "OpenUMError"
MARK = "sentence"
TRANSLATING = frozenset({"_", "_t", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "pgettext", "pgettext_lazy"})
OF_THE_SCHEMA = frozenset({"help_text", "verbose_name", "name"})
SAYING: Mapping[str, tuple[int | str, ...]] = {
    MARK: (0,),
    "Guard": (1, 3, "words", "reason"),
    "make_task": ("title",),
    "Feature": (1,),
}
"""Callables whose arguments, by place or name, are sentences for people. Refusals need no entry: their first one is."""
EVERY_ONE = (
    "openum.accounts.connections.certified", "openum.accounts.connections.fetching", "openum.appeals.queries",
    "openum.appeals.rules", "openum.callers.services", "openum.clocks.rules.book", "openum.clocks.rules.rows",
    "openum.clocks.rules.rule", "openum.criteria.approval", "openum.criteria.checks", "openum.criteria.facts",
    "openum.criteria.document", "openum.criteria.front", "openum.criteria.guideline", "openum.criteria.minutes", "openum.criteria.patients", "openum.criteria.program", "openum.criteria.tree",
    "openum.criteria.simulation.services", "openum.determination.interests", "openum.determination.outreach",
    "openum.determination.services.climbing", "openum.determination.services.second_readings", "openum.forms",
    "openum.grievances.views", "openum.intake.rules", "openum.intake.services", "openum.needs", "openum.notices.acronyms",
    "openum.notices.reading_grade", "openum.notices.services.issuing", "openum.notices.templates",
    "openum.programme.rules.delegates", "openum.retrospective.rules", "openum.submission", "openum.work.rules.assigning",
    "openum.work.services",
)  # fmt: skip
"""Modules and packages that say nothing but sentences for people: each text there that reads like one is taken."""
LIKE_A_SENTENCE = re.compile(r"[A-Z“{][^\n]*[.?!)]")
LEAST_LETTERS = 8


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with its holes, and the file that says it."""

    text: str
    file: str


def collect() -> list[Sentence]:
    """Return every sentence of the code, each once, in the order of files."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "openum").rglob("*.py"))}
    refusals = _refusals(trees)
    found: dict[str, Sentence] = {}
    for path, tree in trees.items():
        file = path.relative_to(ROOT).as_posix()
        if file.startswith(FOR_SYSTEMS) and not file.startswith(FOR_PEOPLE):
            continue
        texts = [
            text
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            for argument in _said(node, refusals)
            for text in texts_of(argument, is_marked=_last(node.func) in SAYING)
        ]
        if f"{file.removesuffix('.py').replace('/', '.')}.".startswith(tuple(f"{name}." for name in EVERY_ONE)):
            texts += [text for text in _every_one(tree) if LIKE_A_SENTENCE.fullmatch(text)]
        for text in texts:
            found.setdefault(text, Sentence(text, file))
    return list(found.values())


def _every_one(tree: ast.Module) -> Iterator[str]:
    """Yield every text of a file but its docstrings, what is translated already, and parts of others."""
    aside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            aside |= {id(line.value) for line in node.body if isinstance(line, ast.Expr)}
        elif isinstance(node, ast.Call) and _last(node.func) in TRANSLATING:
            aside |= {id(inner) for inner in ast.walk(node)}
        elif isinstance(node, ast.JoinedStr):
            aside |= {id(value) for value in node.values}
        elif isinstance(node, ast.keyword) and node.arg in OF_THE_SCHEMA:
            aside |= {id(inner) for inner in ast.walk(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in aside:
            yield from texts_of(node)


def _refusals(trees: Mapping[Path, ast.Module]) -> set[str]:
    """Return the names of all refusals: every class that is one by its bases."""
    bases: dict[str, set[str]] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(_last(base) for base in node.bases)
    known = {REFUSAL}
    while more := {name for name, above in bases.items() if name not in known and above & known}:
        known |= more
    return known


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _said(call: ast.Call, refusals: set[str]) -> Iterator[ast.expr]:
    name = _last(call.func)
    places: tuple[int | str, ...] = (0,) if name in refusals else SAYING.get(name, ())
    for place in places:
        if isinstance(place, int):
            if place < len(call.args):
                yield call.args[place]
        else:
            yield from (keyword.value for keyword in call.keywords if keyword.arg == place)


def texts_of(node: ast.expr, *, is_marked: bool = False) -> Iterator[str]:
    """Yield what an expression can say: a text, an f-string with named holes, both sides of a choice.

    Args:
        is_marked: somebody marked it; else a name or a code is told from a sentence by its length and its blanks.
    """
    if isinstance(node, ast.IfExp):
        yield from texts_of(node.body, is_marked=is_marked)
        yield from texts_of(node.orelse, is_marked=is_marked)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from texts_of(value, is_marked=is_marked)
    elif isinstance(node, ast.Constant | ast.JoinedStr):
        parts = [node] if isinstance(node, ast.Constant) else node.values
        text = "".join(_parts(parts))
        own = re.sub(r"\{\w+\}", "", text)
        if is_marked or (" " in own.strip() and len(re.sub(r"[^a-z]", "", own)) >= LEAST_LETTERS):
            yield text


def _parts(parts: list[ast.expr] | list[ast.Constant]) -> Iterator[str]:
    taken: dict[str, str] = {}
    for part in parts:
        if isinstance(part, ast.Constant):
            yield str(part.value) if isinstance(part.value, str) else ""
        elif isinstance(part, ast.FormattedValue):
            source = ast.unparse(part)
            if source not in taken:
                name, number = _hole(part.value), 2
                base = name
                while name in taken.values():
                    name, number = f"{base}_{number}", number + 1
                taken[source] = name
            yield "{" + taken[source] + "}"


def _hole(node: ast.expr) -> str:
    """Return a name for what is filled in: the last name that the expression speaks of."""
    if isinstance(node, ast.Attribute):
        is_of_one = node.attr in {"value", "key", "__name__"} and isinstance(node.value, ast.Name | ast.Attribute)
        return _hole(node.value) if is_of_one else node.attr.lower().strip("_")
    if isinstance(node, ast.Name):
        return node.id.lower().strip("_")
    if isinstance(node, ast.Subscript):
        key = node.slice
        return str(key.value) if isinstance(key, ast.Constant) and isinstance(key.value, str) else _hole(node.value)
    if isinstance(node, ast.Call):
        if node.args and not (
            isinstance(node.func, ast.Attribute) and node.func.attr in {"isoformat", "lower", "upper"}
        ):
            return _hole(node.args[0])
        return _hole(node.func.value) if isinstance(node.func, ast.Attribute) else _last(node.func)
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        return _hole(node.generators[0].iter)
    inner = next((child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)), None)
    return _hole(inner) if inner is not None else "it"
