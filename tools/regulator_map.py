"""The regulator's map: each rule with its law, where it is encoded, what proves it, and whether its source was compared.

Drawn from the policy packs, the letters and the citations in the code, so that it cannot say what the product does not do.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
UNCHECKED = "no"
CHECKED = "yes"
_CITATION = re.compile(
    r"\d+ CFR (?:part )?\d+(?:\.\d+)?(?:-\d+)?(?:\([a-z0-9]+\))*|\d+ U\.?S\.?C\.? \d+\w*|SSA \d+\(\w\)(?:\(\w+\))*"
)


def regulator_map(made: str) -> str:
    """Return the map as Markdown. `made` says how to make it anew."""
    proofs = Proofs.read(ROOT / "tests")
    parts = [
        "# Regulator map",
        "",
        made,
        "*Source compared* says whether a person has held the row against the text of the law (`source_verified`). A row that",
        "says *no* rests on an uncertain source: have counsel check it before it decides about anybody.",
        "",
        *_section(
            "Time limits",
            "Shown by the clock chip and the ladder of a case, the letters, the worklists, `openum clocks compute` and the"
            " replay of any past instant. Encoded in `policies/deadlines/`.",
            ("row", "law", "obligation", "lines of business", "states", "in force", "source compared", "file", "tests"),
            _deadlines(proofs),
        ),
        *_section(
            "What a letter must state",
            "A letter that lacks an element cannot be signed. `tests/notices/test_elements.py` takes every element away once"
            " and finds each in the text of each letter. Encoded in `openum/notices/content*.py` and `facts*.py`.",
            ("element", "letters", "reader", *_columns()),
            _elements(),
        ),
        *_section(
            "Who may decide against a service",
            "Checked before a signature; the case file keeps what was checked. Encoded in `policies/deciders/` and"
            " `openum/determination/rules.py`.",
            ("row", "law", "lines of business", "states", "in force", "licence", "source compared", "tests"),
            _deciders(proofs),
        ),
        *_section(
            "Whom the law protects from a no",
            "Checked whenever somebody says no or approves less; the answers about the person are kept with the decision and"
            " shown on the case. Encoded in `policies/deciders/protections.yaml` and `openum/determination/protections.py`.",
            ("row", "law", "what it protects", "lines of business", "states", "in force", "source compared", "tests"),
            _protections(proofs),
        ),
        *_section(
            "No pay for a no",
            "Affirmed by everybody who decides, on `/safeguards/statement/`. Encoded in `policies/deciders/incentives.yaml`"
            " and `openum/determination/affirming.py`.",
            ("row", "law", "what is affirmed", "what it does", "in force", "source compared", "tests"),
            _incentives(proofs),
        ),
        *_section(
            "Software in review",
            "Software approves, asks or passes to a person, everywhere; the database holds no refusal by a machine. The words"
            " of disclosure stand on `/automation/`; each suggestion stands in the machine ledger of its case. Encoded in"
            " `policies/automation/` and `openum/accounts/rules.py`.",
            (
                "row",
                "law",
                "what software never does",
                "lines of business",
                "states",
                "in force",
                "source compared",
                "tests",
            ),
            _automation(proofs),
        ),
        *_section(
            "What is never reviewed, never excluded, and told instead",
            "Answered the same by CRD, the portal and `openum needs`. Encoded in `policies/requirements/`.",
            ("row", "law", "what holds", "source compared", "tests"),
            _requirements(proofs),
        ),
        *_section(
            "What criteria rest on",
            "Shown on each public policy page. Encoded in the front matter of `policies/guidelines/`.",
            ("guideline", "kind", "reference", "section", "source compared", "test patients"),
            _authorities(),
        ),
        *_section(
            "Citations in the code",
            "Where the program names a law, and the tests that import it, or the package that offers it.",
            ("law", "where", "what", "tests"),
            _citations(proofs),
        ),
    ]
    return "\n".join(parts).rstrip() + "\n"


@dataclass(frozen=True)
class Proofs:
    """The tests by file, and what each of them imports."""

    texts: Mapping[str, str]
    imports: Mapping[str, frozenset[str]]

    @classmethod
    def read(cls, folder: Path) -> "Proofs":
        """Read the test files of a folder."""
        texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}
        return cls(texts, {name: frozenset(_imported(ast.parse(text))) for name, text in texts.items()})

    def naming(self, word: str) -> str:
        """Return the tests that name a row."""
        return _files(name for name, text in self.texts.items() if f'"{word}"' in text)

    def using(self, name: str) -> str:
        """Return the tests that import a name, else its module, else the package that offers it."""
        while name != "openum":
            if found := [file for file, names in self.imports.items() if name in names]:
                return _files(found)
            name = name.rpartition(".")[0]
        return _files(())


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(names: Iterable[str]) -> str:
    found = sorted(name.removeprefix("tests/") for name in names)
    more = f" and {len(found) - 3} more" if len(found) > 4 else ""
    return ", ".join(found[:3] if more else found) + more or "none by name"


def _section(title: str, about: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"## {title}", "", about, "", _row(head), _row("---" for _ in head), *map(_row, rows), ""]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") or "–" for cell in cells) + " |"


def _checked(value: object) -> str:
    return CHECKED if value else UNCHECKED


def _listed(values: Iterable[object]) -> str:
    return ", ".join(sorted(str(value) for value in values))


def _deadlines(proofs: Proofs) -> Iterator[tuple[str, ...]]:
    from openum.clocks.books import pack_directory, pack_names, rows_of_packs
    from openum.clocks.rules.rows import rule_from_row

    for pack in pack_names(pack_directory()):
        for entry in rows_of_packs(pack_directory(), [pack]):
            row = rule_from_row(entry)
            span = f"from {row.effective_from}" + (f" to {row.effective_to}" if row.effective_to else "")
            yield (
                f"{row.id} v{row.version}", row.law, row.title, _listed(row.line_of_business), _listed(row.states),
                span, _checked(row.source_verified), f"{pack}.yaml", proofs.naming(row.id),
            )  # fmt: skip


def _columns() -> tuple[str, ...]:
    from openum.notices.elements import Column

    return tuple(Column)


def _elements() -> Iterator[tuple[str, ...]]:
    from openum.notices.elements import BOTH, Column, Element
    from openum.notices.letters import LETTERS
    from openum.register.queries import declared_elements

    letters: dict[str, list[str]] = defaultdict(list)
    found: dict[str, Element] = {}
    for kind, letter in LETTERS.items():
        for path, element in declared_elements(letter):
            letters[path].append(kind.value)
            found[path] = element
    for path, element in sorted(found.items()):
        kinds = "every letter" if len(letters[path]) == len(LETTERS) else ", ".join(letters[path])
        reader = "both" if element.audiences == BOTH else _listed(element.audiences)
        if element.states:
            reader = f"{reader}, in {_listed(element.states)}"
        unsure = " (source not compared)" if element.is_unsure else ""
        laws = (element.laws.get(column, "") for column in Column)
        yield (f"{element.name} (`{path}`)", kinds, reader, *(f"{law}{unsure}" if law else "" for law in laws))


def _packs(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((ROOT / "policies" / folder).glob("*.yaml")):
        yield path.stem, yaml.safe_load(path.read_text(encoding="utf-8"))


def _deciders(proofs: Proofs) -> Iterator[tuple[str, ...]]:
    for name, pack in _packs("deciders"):
        for row in pack["rows"] if pack.get("kind", "deciders") == "deciders" else ():
            licence = " or ".join(row["licence_kinds"]) + (
                " licensed in the product's state" if row["must_hold_product_state"] else ""
            )
            yield (
                f"{name}/{row['key']}", row["citation"], _listed(row["lines_of_business"]), _listed(row.get("states", ())),
                _span(row, pack), licence, _checked(pack["source_verified"]), proofs.naming(row["key"]),
            )  # fmt: skip


def _span(row: Mapping[str, Any], pack: Mapping[str, Any]) -> str:
    ends = f" to {row['effective_to']}" if row.get("effective_to") else ""
    return f"from {row.get('effective_from', pack['effective_from'])}{ends}"


def _protections(proofs: Proofs) -> Iterator[tuple[str, ...]]:
    for name, pack in _packs("deciders"):
        for row in pack["rows"] if pack.get("kind") == "protections" else ():
            numbers = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in row.get("numbers", {}).items())
            grounds = _listed(ground.replace("_", " ") for ground in row.get("grounds", ()))
            holds = "; ".join(
                filter(None, [row["law"].replace("_", " "), numbers, grounds, _listed(row.get("bodies", ()))])
            )
            yield (
                f"{name}/{row['key']}", row["citation"], holds, _listed(row.get("lines_of_business", ())),
                _listed(row.get("states", ())), _span(row, pack), _checked(row["source_verified"]),
                proofs.using("openum.determination.protections"),
            )  # fmt: skip


def _incentives(proofs: Proofs) -> Iterator[tuple[str, ...]]:
    for name, pack in _packs("deciders"):
        for row in pack["rows"] if pack.get("kind") == "incentives" else ():
            does = "refuses a no without it" if row["blocks_a_no"] else "reminds; a plan's own row may refuse a no"
            yield (
                f"{name}/{row['key']}", row["citation"], f"every {row['months']} months: {row['text']['en']}", does,
                _span(row, pack), _checked(pack["source_verified"]), proofs.using("openum.determination.affirming"),
            )  # fmt: skip


def _automation(proofs: Proofs) -> Iterator[tuple[str, ...]]:
    for name, pack in _packs("automation"):
        for row in pack["rows"]:
            yield (
                f"{name}/{row['key']}", row["citation"], _listed(verb.replace("_", " ") for verb in row["never"]),
                _listed(row.get("lines_of_business", ())), _listed(row.get("states", ())), _span(row, pack),
                _checked(pack["source_verified"]), proofs.using("openum.determination.automation"),
            )  # fmt: skip


def _requirements(proofs: Proofs) -> Iterator[tuple[str, ...]]:
    from openum.needs.shapes import in_english

    for name, pack in _packs("requirements"):
        for part in ("never_reviewed", "never_excluded", "formal_determination"):
            for number, block in enumerate(pack.get(part, ()), start=1):
                row = in_english(block, {})
                key = row.get("key", f"{part}-{number}")
                said = row.get("reason") or row["text"]
                tests = proofs.naming(key) if "key" in row else proofs.using("openum.needs.queries")
                yield f"{name}/{key}", row["citation"], said, _checked(pack["source_verified"]), tests


def _authorities() -> Iterator[tuple[str, ...]]:
    from openum.criteria.document import parse_guideline
    from openum.criteria.pack import guideline_files

    for file in guideline_files(ROOT / "policies"):
        guideline = parse_guideline(file.text, file=file.name, libraries=file.libraries, patients=file.patients)
        for one in guideline.authorities:
            yield (
                f"{guideline.id} {guideline.version}", one.kind, one.name, one.section, _checked(one.verified),
                str(len(guideline.patients)),
            )  # fmt: skip


def _citations(proofs: Proofs) -> Iterator[tuple[str, ...]]:
    rows = []
    for path in sorted((ROOT / "openum").rglob("*.py")):
        if "migrations" in path.parts:
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for name, text in _documented(ast.parse(path.read_text(encoding="utf-8"))):
            laws = sorted(set(_CITATION.findall(text)))
            if laws:
                where = f"{module}.{name}" if name else module
                rows.append(
                    (", ".join(laws), f"`{where}`", text.strip().split("\n", maxsplit=1)[0], proofs.using(where))
                )
    yield from sorted(rows)


def _documented(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield what has a docstring: the module under an empty name, its classes, functions and methods."""
    yield "", ast.get_docstring(tree) or ""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name, ast.get_docstring(node) or ""
        if isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            yield from ((f"{node.name}.{each.name}", ast.get_docstring(each) or "") for each in methods)
