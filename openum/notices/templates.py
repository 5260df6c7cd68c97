"""Letter templates: files of blocks with placeholders, checked against the elements a letter must state. Pure.

A template is data, not a program: a placeholder is a dotted path into the typed letter, `each` walks a tuple, `when`
prints a block only if a fact is there. A placeholder that names no field is refused when the template is read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, ClassVar, Final

import yaml

from openum.notices.content import LetterKind
from openum.notices.elements import STANDS_IN, Audience, Column
from openum.notices.letters import LETTERS
from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml

PLACEHOLDER: Final = re.compile(r"\{([a-z_][a-z_.]*)\}")
BLOCKS: Final = frozenset(
    {"heading", "text", "callout", "list", "facts", "table", "quote", "lines", "each", "taglines", "include"}
)
LETTERHEAD: Final = frozenset({"number", "dated", "recipient.name", "plan.name", "plan.phone"})
"""What stands on every letter, whatever its template says."""
TRANSLATION_STATES: Final = frozenset({"original", "reviewed", "unreviewed"})


class TemplateFaulty(Invalid):
    """A letter template cannot be used as written."""

    code: ClassVar[str] = "template-faulty"


@dataclass(frozen=True, kw_only=True, eq=False)
class Template:
    """One version of one letter in one language."""

    key: str
    language: str
    version: str
    kind: LetterKind
    audience: Audience
    columns: frozenset[Column]
    effective_from: date
    effective_to: date | None
    translation: str
    translation_reviewer: str
    not_for_production: Mapping[str, str]  # why, by body of law; ALL for every one
    government_form: frozenset[Column]
    source: str
    source_verified: bool
    title: str
    page_words: str
    link_words: str
    reference: tuple[tuple[str, str], ...]
    body: tuple[Mapping[str, Any], ...]
    untranslated: tuple[str, ...] = ()
    """Texts that stay English, because the language's catalogue does not have them."""

    @property
    def policy_key(self) -> str:
        """The stable key of its policy row, for example `denial-member.en`."""
        return f"{self.key}.{self.language}"

    def unfit_for_production(self, column: Column) -> str:
        """Why letters made from it may not leave outside demo and sandbox plans; empty when they may."""
        named = self.not_for_production.get(column.name) or self.not_for_production.get(
            STANDS_IN.get(column, column).name
        )
        marked = self.not_for_production.get("ALL") or named
        if marked:
            return marked
        if self.translation == "unreviewed":
            return "The translation has not been reviewed by a qualified person (45 CFR 92.201(c)(3))."
        return ""

    def is_form_of(self, column: Column) -> bool:
        """Say whether it is a government form under a body of law, whose words no plan changes."""
        return bool({column, STANDS_IN.get(column, column)} & self.government_form)

    def printed_paths(self) -> frozenset[str]:
        """List the letter fields the template prints, indexes dropped, for example `gaps.quoted`."""
        named = [self.title, *(text for _, text in self.reference)]
        return (
            LETTERHEAD
            | frozenset(_printed(self.body, ""))
            | frozenset(path for text in named for path in PLACEHOLDER.findall(text))
        )


def _printed(blocks: tuple[Mapping[str, Any], ...], item: str) -> Iterator[str]:
    for block in blocks:
        if "each" in block:
            yield from _printed(tuple(block["blocks"]), str(block["each"]))
        elif "table" in block:
            for column in block["columns"]:
                yield from _paths(column["cell"], str(block["table"]))
        elif "lines" in block:
            yield str(block["lines"])
        elif "taglines" in block:
            yield "assistance.taglines"
        else:
            yield from _paths(block, item)


def _paths(value: object, item: str) -> Iterator[str]:
    if isinstance(value, str):
        for path in PLACEHOLDER.findall(value):
            yield item + path.removeprefix("item") if path.startswith("item.") else path
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _paths(each, item)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _paths(each, item)


def expand(source: str, blocks: Mapping[str, str]) -> str:
    """Put included block files into a template, so that the published text stands alone.

    Args:
        source: the template file.
        blocks: block files by name, for example `rights.en`.
    """
    raw = read_yaml(source)
    raw["body"] = _include(raw["body"], str(raw["language"]), blocks)
    return yaml.safe_dump(raw, allow_unicode=True, sort_keys=False, width=120)


def _include(body: list[dict[str, Any]], language: str, blocks: Mapping[str, str]) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for block in body:
        if "include" not in block:
            out.append(block)
            continue
        name = f"{block['include']}.{language}"
        if name not in blocks:
            raise TemplateFaulty(f"The template includes the block file {name}, which does not exist.")
        out.extend(_include(read_yaml(blocks[name]), language, blocks))
    return out


def parse(source: str) -> Template:
    """Read an expanded template.

    Raises:
        TemplateFaulty: a missing header, an unknown block, or a placeholder that names no field of the letter.
    """
    try:
        raw = read_yaml(source)
        template = Template(
            key=str(raw["key"]),
            language=str(raw["language"]),
            version=str(raw["version"]),
            kind=LetterKind(raw["kind"]),
            audience=Audience(raw["audience"]),
            columns=frozenset(Column[name] for name in raw["columns"]),
            effective_from=raw["effective_from"],
            effective_to=raw.get("effective_to"),
            translation=str(raw["translation"]["status"]),
            translation_reviewer=str(raw["translation"].get("reviewed_by", "")),
            not_for_production=dict(raw.get("not_for_production", {})),
            government_form=frozenset(Column[name] for name in raw.get("government_form", [])),
            source=str(raw["source"]),
            source_verified=bool(raw["source_verified"]),
            title=str(raw["title"]),
            page_words=str(raw["page"]),
            link_words=str(raw.get("link", "")),
            reference=tuple((str(label), str(text)) for label, text in raw["reference"]),
            body=tuple(raw["body"]),
        )
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise TemplateFaulty(f"The letter template cannot be read: {error}.") from error
    _check(template)
    return template


def _check(template: Template) -> None:
    if template.translation not in TRANSLATION_STATES:
        raise TemplateFaulty(f"Translation status {template.translation!r} is not one of {sorted(TRANSLATION_STATES)}.")
    if template.translation == "reviewed" and not template.translation_reviewer:
        raise TemplateFaulty("A reviewed translation names its reviewer (translation.reviewed_by).")
    for block in _every(template.body):
        if len(BLOCKS & block.keys()) != 1:
            raise TemplateFaulty(f"A block of {template.policy_key} needs exactly one of {sorted(BLOCKS)}: {block}.")
    known = field_paths(template.kind)
    conditions = {str(block[word]) for block in _every(template.body) for word in ("when", "unless") if word in block}
    conditions = {path for path in conditions if not path.startswith("item.")}
    unknown = sorted(path for path in template.printed_paths() | conditions if path not in known)
    if unknown:
        raise TemplateFaulty(f"{template.policy_key} names fields that the letter does not have: {', '.join(unknown)}.")


def _every(blocks: tuple[Mapping[str, Any], ...]) -> Iterator[Mapping[str, Any]]:
    for block in blocks:
        yield block
        if "each" in block:
            yield from _every(tuple(block["blocks"]))


@cache
def field_paths(kind: LetterKind) -> frozenset[str]:
    """List every path of a kind's typed letter, indexes dropped."""
    return frozenset(_field_paths(LETTERS[kind], ""))


def _field_paths(part: type, prefix: str) -> Iterator[str]:
    from dataclasses import fields, is_dataclass
    from typing import get_args, get_type_hints

    hints = get_type_hints(part)
    for each in fields(part):
        path = f"{prefix}{each.name}"
        yield path
        hint = hints[each.name]
        for inner in (hint, *get_args(hint)):
            if isinstance(inner, type) and is_dataclass(inner):
                yield from _field_paths(inner, f"{path}.")


def uncovered(template: Template, required: Mapping[str, str]) -> tuple[str, ...]:
    """Name the mandatory elements that a template never prints.

    Args:
        template: the parsed template.
        required: path without indexes → element name, from the slots of a complete letter.
    """
    printed = template.printed_paths()
    return tuple(
        name
        for path, name in required.items()
        if path not in printed and not any(other.startswith(f"{path}.") for other in printed)
    )
