"""Reads a guideline document: one Markdown file with front matter, prose, CQL and a criteria tree. Pure.

The file that a clinician reads is the one the machine runs. Everything that can be wrong is reported with its line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

from openum.criteria.faults import Lined, Reader
from openum.criteria.front import (
    STATUSES,
    effective_dates,
    read_answers,
    read_authorities,
    read_front_matter,
    read_scope,
    read_source,
    read_text,
    read_value_sets,
)
from openum.criteria.guideline import Guideline
from openum.criteria.nodes import read_node
from openum.criteria.patients import PatientBlock
from openum.criteria.tree import Leaf, Node

_DEFINE = re.compile(r'^\s*define\s+(?:(?:public|private)\s+)?(?:"([^"]+)"|([A-Za-z_]\w*))\s*:', re.MULTILINE)
_VALUE_SET = re.compile(r'^\s*valueset\s+(?:"([^"]+)"|([A-Za-z_]\w*))\s*:', re.MULTILINE)
_INCLUDE = re.compile(r'^\s*include\s+"?([\w.]+)"?', re.MULTILINE)
_LIBRARY = re.compile(r'^\s*library\s+"?([\w.]+)"?', re.MULTILINE)
_CARRIED = re.compile(r"^```cql library\nlibrary \"?([\w.]+)", re.MULTILINE)
_LINK_ID = re.compile(r"'([a-z]+\.[a-z0-9-]+)'")
_BLOCKS = frozenset({"cql", "criteria", "patients"})
_SHARED_LOGIC = "## Shared logic"
_TEST_PATIENTS = "## Test patients"
_BUILT_IN_LIBRARIES = frozenset({"FHIRHelpers"})


def parse_guideline(
    text: str, *, file: str, libraries: Mapping[str, str] | None = None, patients: str = ""
) -> Guideline:
    """Read a guideline document.

    The test patients are read when they are asked for: what runs a published guideline never needs them.

    Args:
        text: the Markdown file.
        file: its name, for messages.
        libraries: shared CQL by library name, where the document does not carry it itself.
        patients: the sibling file with more test patients, where the document does not carry them itself.

    Raises:
        DocumentInvalid: with every fault found, each with its line and what to do.
    """
    reader = Reader(file)
    front = read_front_matter(reader, text)
    fences = _fences(reader, text)
    if patients:
        fences.patients += _patient_blocks(patients, file=_sibling_name(file))
    reader.stop_if_faulty()
    assert front is not None
    tree_text, tree_line = fences.tree
    tree = reader.yaml(tree_text, first_line=tree_line)
    reader.stop_if_faulty()
    root = read_node(reader, tree, tree_line, depth=0)
    guideline = _guideline(reader, front, fences, root, {**(libraries or {}), **fences.libraries})
    reader.stop_if_faulty()
    assert guideline is not None
    _check_against_cql(reader, guideline, tree_line, front)
    reader.stop_if_faulty()
    return guideline


@dataclass(frozen=True, slots=True)
class Heading:
    """What the front matter says a document is."""

    id: str
    version: str
    status: str


def heading_of(text: str, *, file: str) -> Heading:
    """Return id, version and status from the front matter; the rest of the document is not read.

    Raises:
        DocumentInvalid: there is no readable front matter, or it lacks one of them.
    """
    reader = Reader(file)
    front = read_front_matter(reader, text)
    reader.stop_if_faulty()
    assert front is not None
    said = {name: reader.text(front, name, what="the front matter") for name in ("id", "version", "status")}
    reader.stop_if_faulty()
    return Heading(**said)


def assemble(text: str, *, libraries: Mapping[str, str], file: str, patients: str = "") -> str:
    """Return the document with its sibling file and the shared CQL it includes, so that one content hash covers all.

    Raises:
        DocumentInvalid: the document is faulty or a library is missing.
    """
    guideline = parse_guideline(text, file=file, libraries=libraries)
    absent = sorted(set(guideline.libraries) - set(_CARRIED.findall(text)))
    if not absent and not patients:
        return text
    parts = [text.rstrip("\n"), ""]
    if patients:
        parts += [_TEST_PATIENTS, "", *_patient_fences(patients)]
    if absent:
        parts += [_SHARED_LOGIC, ""]
    for name in absent:
        parts += ["```cql library", guideline.libraries[name].rstrip("\n"), "```", ""]
    return "\n".join(parts)


def disassemble(body: str) -> tuple[str, dict[str, str]]:
    """Return the document of a published body without the shared CQL it carries, and that CQL by library name."""
    text, heading, carried = body.rpartition(f"\n{_SHARED_LOGIC}\n")
    if not heading:
        return body, {}
    reader = Reader("published")
    return text.rstrip("\n") + "\n", _fences(reader, f"---\n---\n{carried}").libraries


def with_settings(text: str, **settings: str) -> str:
    """Return a document whose front matter says otherwise, for example `status="published"`; all else stays."""
    for name, value in settings.items():
        text = re.sub(rf"^{name}:[^\n]*$", f"{name}: {value}", text, count=1, flags=re.MULTILINE)
    return text


def _from_library_line(source: str) -> str:
    """Drop the comment above the library statement; it is for readers of the file. So the same text runs everywhere."""
    found = _LIBRARY.search(source)
    return source[found.start() if found else 0 :].strip("\n") + "\n"


def _patient_blocks(text: str, *, file: str) -> list[PatientBlock]:
    """Return the ```patients blocks of a file."""
    return [
        PatientBlock(file, token.map[0] + 2, token.content)
        for token in MarkdownIt("commonmark").parse(text)
        if token.type == "fence" and token.map is not None and token.info.split() == ["patients"]
    ]


def _patient_fences(text: str) -> list[str]:
    parts: list[str] = []
    for block in _patient_blocks(text, file=""):
        parts += ["```patients", block.text.rstrip("\n"), "```", ""]
    return parts


def sibling_of(file: Path) -> Path:
    """Return the file that may hold more test patients of a document: `v1.md` has `v1.patients.md`."""
    return file.with_name(_sibling_name(file.name))


def _sibling_name(file: str) -> str:
    return f"{file.removesuffix('.md')}.patients.md"


@dataclass
class _Fences:
    cql: tuple[str, int] = ("", 0)
    tree: tuple[str, int] = ("", 0)
    libraries: dict[str, str] = field(default_factory=dict)
    patients: list[PatientBlock] = field(default_factory=list)
    prose: str = ""


def _fences(reader: Reader, text: str) -> _Fences:
    fences = _Fences()
    lines = text.split("\n")
    end_of_front = next((i for i, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), 0)
    body = "\n".join([""] * (end_of_front + 1) + lines[end_of_front + 1 :])
    body_lines = body.split("\n")
    dropped: set[int] = set()
    for token in MarkdownIt("commonmark").parse(body):
        if token.type != "fence" or token.map is None:
            continue
        words = token.info.split()
        line = token.map[0] + 2  # the first line inside the fence, from 1
        if body_lines[token.map[1] - 1].strip() != token.markup and words and words[0] in _BLOCKS:
            reader.fault(line - 1, f"The ```{token.info} block has no end; add a line “```” after it.")
        if words == ["cql"]:
            if fences.cql[1]:
                reader.fault(line - 1, "There is a second ```cql block; put everything into one.")
            fences.cql = (token.content, line)
        elif words == ["criteria"]:
            if fences.tree[1]:
                reader.fault(line - 1, "There is a second ```criteria block; a guideline has one tree.")
            fences.tree = (token.content, line)
        elif words == ["patients"]:
            fences.patients.append(PatientBlock(reader.file, line, token.content))
        elif words == ["cql", "library"]:
            found = _LIBRARY.search(token.content)
            if found is None:
                reader.fault(line, "A ```cql library block must begin with “library NAME version '…'”.")
            else:
                fences.libraries[found.group(1)] = token.content
        else:
            continue
        dropped.update(range(token.map[0], token.map[1]))
    if not fences.cql[1]:
        reader.fault(len(lines), "There is no ```cql block. Add the logic between “```cql” and “```”.")
    if not fences.tree[1]:
        reader.fault(len(lines), "There is no ```criteria block. Add the tree between “```criteria” and “```”.")
    kept = [line for index, line in enumerate(body_lines) if index not in dropped]
    fences.prose = "\n".join(kept).strip("\n")
    while (prose := fences.prose.removesuffix(_SHARED_LOGIC).removesuffix(_TEST_PATIENTS).strip("\n")) != fences.prose:
        fences.prose = prose
    return fences


def _guideline(
    reader: Reader, front: Lined, fences: _Fences, root: Node | None, libraries: Mapping[str, str]
) -> Guideline | None:
    what = "the front matter"
    status = reader.text(front, "status", what=what)
    if status and status not in STATUSES:
        reader.fault(front.lines["status"], f"The status “{status}” is none of: {', '.join(STATUSES)}.")
    start, end = effective_dates(reader, front)
    identity = {key: reader.text(front, key, what=what) for key in ("id", "version", "owner")}
    value_sets, code_lists = read_value_sets(reader, front, version=identity["version"])
    scope = read_scope(reader, front, value_sets)
    authorities = read_authorities(reader, front)
    sources = tuple(read_source(reader, entry, front) for entry in reader.items(front, "sources", what=what))
    if not sources:
        reader.fault(front.line, "The front matter needs “sources”: where the criteria come from.")
    answers = read_answers(reader, front)
    title = read_text(reader, front, "title", what=what)
    summary = read_text(reader, front, "summary", what=what)
    needed = _needed_libraries(reader, fences, libraries)
    if reader.faults or root is None or start is None or scope is None or title is None or summary is None:
        return None
    return Guideline(
        **identity,
        status=status,
        title=title,
        summary=summary,
        effective_from=start,
        effective_to=end,
        scope=scope,
        sources=sources,
        value_sets=value_sets,
        answers=answers,
        prose=fences.prose,
        cql=fences.cql[0],
        cql_line=fences.cql[1],
        root=root,
        libraries=needed,
        authorities=authorities,
        code_lists=code_lists,
        patient_blocks=tuple(fences.patients),
    )


def _needed_libraries(reader: Reader, fences: _Fences, libraries: Mapping[str, str]) -> dict[str, str]:
    needed: dict[str, str] = {}
    open_sources = [fences.cql[0]]
    while open_sources:
        for name in _INCLUDE.findall(open_sources.pop()):
            if name in _BUILT_IN_LIBRARIES or name in needed:
                continue
            if name not in libraries:
                reader.fault(
                    fences.cql[1], f"The library “{name}” is included but not found; add libraries/{name}.cql."
                )
                continue
            needed[name] = _from_library_line(libraries[name])
            open_sources.append(libraries[name])
    return needed


def _check_against_cql(reader: Reader, guideline: Guideline, tree_line: int, front: Lined) -> None:
    defined = {quoted or bare for quoted, bare in _DEFINE.findall(guideline.cql)}
    keys: set[str] = set()
    for key in _keys(guideline.root):
        if key in keys:
            reader.fault(tree_line, f"The key “{key}” stands twice in the tree; give each criterion its own.")
        keys.add(key)
    read = set(_LINK_ID.findall(guideline.cql))
    for leaf in guideline.leaves:
        for name in (leaf.definition, leaf.says, *(wanted.while_unknown for wanted in leaf.missing)):
            if name and name not in defined:
                reader.fault(tree_line, f"Criterion {leaf.key} names “{name}”; the CQL does not define it.")
        for answer in leaf.answers:
            if answer not in read:
                reader.fault(tree_line, f"Criterion {leaf.key} lists the answer “{answer}”; the CQL never reads it.")
            if answer not in guideline.answers:
                reader.fault(
                    tree_line, f"Criterion {leaf.key} lists “{answer}”; describe it under “answers” at the top."
                )
    listed = {answer for leaf in guideline.leaves for answer in leaf.answers}
    for answer, described in guideline.answers.items():
        if answer not in listed:
            reader.fault(front.lines["answers"], f"No criterion lists the answer “{answer}”; list it or remove it.")
        if described.prefill and described.prefill not in defined:
            reader.fault(
                front.lines["answers"], f"“{answer}” is filled by “{described.prefill}”; the CQL does not define it."
            )
    for answer in sorted(read - listed):
        reader.fault(
            guideline.cql_line, f"The CQL reads the answer “{answer}”; list it under “answers” of a criterion."
        )
    declared = {quoted or bare for quoted, bare in _VALUE_SET.findall(guideline.cql)}
    for name in sorted(declared - set(guideline.value_sets)):
        reader.fault(guideline.cql_line, f"The CQL declares the value set “{name}”; list its codes under “value_sets”.")
    for name in sorted(set(guideline.value_sets) - declared - set(guideline.scope.service_value_sets)):
        reader.fault(front.lines["value_sets"], f"The value set “{name}” is not used by the CQL; remove it.")


def _keys(node: Node) -> list[str]:
    if isinstance(node, Leaf):
        return [node.key]
    own = [node.key] if node.key else []
    return own + [key for child in node.children for key in _keys(child)]
