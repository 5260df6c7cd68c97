"""Letters in more languages: a catalogue says each standard text of the English letters in another language. Pure.

English is the source and Spanish has its own files. Every other language is one catalogue, `policies/notices/languages`:
English text → the same in that language, with the same placeholders. A text that the catalogue does not have stays
English and is listed for staff: never silently.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, Final

import yaml
from django.utils.translation import get_language_info

from openum.notices.templates import PLACEHOLDER, Template
from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml

_WRITTEN: Final = {"zh": "zh-hans"}
"""The writing of a language of ours that is told without it."""
RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ps", "ur", "yi"})
STATES: Final = frozenset({"reviewed", "unreviewed"})


class CatalogueFaulty(Invalid):
    """A language catalogue cannot be used as written."""

    code: ClassVar[str] = "catalogue-faulty"


def name_of(language: str) -> str:
    """Return what the people who read a language call it; its code where nobody told us."""
    try:
        return str(get_language_info(_WRITTEN.get(language, language))["name_local"]).capitalize()
    except KeyError:
        return language


def is_right_to_left(language: str) -> bool:
    """Say whether a language is written from right to left."""
    return language.split("-", maxsplit=1)[0] in RIGHT_TO_LEFT


@dataclass(frozen=True, kw_only=True, eq=False)
class Catalogue:
    """The standard texts in one language; `texts` maps the English text to its translation."""

    language: str
    name: str
    version: str
    effective_from: date
    effective_to: date | None
    status: str
    reviewer: str
    source: str
    texts: Mapping[str, str] = field(default_factory=dict)

    def of(self, english: str) -> str | None:
        """Return a text in this language; what is only names, numbers and placeholders needs no translation."""
        if not PLACEHOLDER.sub("", english).strip(" .,;:()_"):
            return english
        return self.texts.get(english)


def parse(source: str) -> Catalogue:
    """Read a catalogue.

    Raises:
        CatalogueFaulty: a missing header, an empty text, or a translation with other placeholders than the English text.
    """
    try:
        raw = read_yaml(source)
        found = Catalogue(
            language=str(raw["language"]),
            name=str(raw["name"]),
            version=str(raw["version"]),
            effective_from=raw["effective_from"],
            effective_to=raw.get("effective_to"),
            status=str(raw["translation"]["status"]),
            reviewer=str(raw["translation"].get("reviewed_by", "")),
            source=str(raw["source"]),
            texts={str(english): str(text) for english, text in raw["texts"].items()},
        )
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise CatalogueFaulty(f"The language catalogue cannot be read: {error}.") from error
    if found.status not in STATES or (found.status == "reviewed" and not found.reviewer):
        raise CatalogueFaulty(
            f"Translation status of {found.language}: {sorted(STATES)}; a reviewed one names its reviewer."
        )
    for english, text in found.texts.items():
        if not text.strip() or sorted(_placeholders(english)) != sorted(_placeholders(text)):
            raise CatalogueFaulty(f"The {found.language} text for {english!r} is empty or has other placeholders.")
    return found


def _placeholders(text: str) -> Iterable[str]:
    return PLACEHOLDER.findall(text)


def without(language: str) -> Catalogue:
    """Return a catalogue that has nothing: every text stays English and is listed."""
    return Catalogue(
        language=language, name=language, version="0", effective_from=date.min, effective_to=None,
        status="unreviewed", reviewer="", source="",
    )  # fmt: skip


TEXTS: Final = frozenset({"heading", "text", "callout", "title", "source", "caption", "head"})
"""Keys of template blocks whose value is one text of ours; a quote is the words of a rule or guideline."""


def translated(template: Template, catalogue: Catalogue) -> Template:
    """Return an English template in another language; `untranslated` lists what stayed English."""
    missing: dict[str, None] = {}

    def say(text: str) -> str:
        found = catalogue.of(text)
        if found is None:
            missing[text] = None
        return text if found is None else found

    def block(value: Mapping[str, Any]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, part in value.items():
            if key in TEXTS:
                out[key] = say(str(part))
            elif key in {"blocks", "columns"}:
                out[key] = [block(each) for each in part]
            elif key == "list":
                out[key] = [say(str(each)) for each in part]
            elif key == "facts":
                out[key] = [[say(str(label)), say(str(text))] for label, text in part]
            else:
                out[key] = part
        return out

    return replace(
        template,
        language=catalogue.language,
        version=f"{template.version} {catalogue.language} {catalogue.version}",
        translation=catalogue.status,
        translation_reviewer=catalogue.reviewer,
        title=say(template.title),
        page_words=say(template.page_words),
        link_words=say(template.link_words) if template.link_words else "",
        reference=tuple((say(label), say(text)) for label, text in template.reference),
        body=tuple(block(each) for each in template.body),
        untranslated=tuple(missing),
    )


def enriched(value: Any, catalogues: Iterable[Catalogue]) -> Any:
    """Return standard sentences with every catalogue's language beside `en` and `es`, where the catalogue has the text."""
    known = tuple(catalogues)
    if isinstance(value, Mapping):
        if "en" not in value:
            return {key: enriched(each, known) for key, each in value.items()}
        out = dict(value)
        for each in known:
            text = _say_all(value["en"], each)
            if text is not None:
                out.setdefault(each.language, text)
        return out
    return value


def _say_all(english: Any, catalogue: Catalogue) -> Any:
    if isinstance(english, list):
        parts = [catalogue.of(str(each)) for each in english]
        return None if None in parts else parts
    return catalogue.of(str(english))
