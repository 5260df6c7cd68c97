"""Read the letter files of `policies/notices`: templates with their blocks put in, rights, languages, taglines, contacts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openum.cases import sensitive
from openum.notices import languages
from openum.notices.templates import expand, parse
from openum.notices.wording import parse_reasons
from openum.vocabulary.packs import read_yaml

TEMPLATE, RIGHTS, TAGLINES, CONTACTS, REASONS = (
    "notice-template", "appeal-rights", "taglines", "notice-contacts", "reasons",
)  # fmt: skip
"""Kinds of policy row without which no letter is made."""

LANGUAGE, SENSITIVE, READING = "notice-language", sensitive.KIND, "reading-aim"
"""Kinds of policy row that add to letters: further languages, services that only the member hears of, how hard to read."""

REASONS_VERSION = "2026.1"


@dataclass(frozen=True, kw_only=True)
class PackFile:
    """One text to publish as a policy row."""

    kind: str
    key: str
    version: str
    effective_from: date
    effective_to: date | None
    source: str
    source_verified: bool
    body: str


def read(root: Path) -> Iterator[PackFile]:
    """Read every letter file, each checked.

    Args:
        root: the directory `policies`.

    Raises:
        TemplateFaulty: a template cannot be used as written.
    """
    reasons = (root / "reasons.csv").read_text("utf-8")
    first = min(row.effective_from for row in parse_reasons(reasons))
    yield PackFile(
        kind=REASONS, key="reasons", version=REASONS_VERSION, effective_from=first, effective_to=None,
        source="policies/reasons.csv; a source stands on every row", source_verified=False, body=reasons,
    )  # fmt: skip
    root = root / "notices"
    blocks = {
        path.name.removesuffix(".yaml"): path.read_text("utf-8") for path in sorted((root / "blocks").glob("*.yaml"))
    }
    for path in sorted((root / "templates").glob("*.yaml")):
        body = expand(path.read_text("utf-8"), blocks)
        template = parse(body)
        yield PackFile(
            kind=TEMPLATE, key=template.policy_key, version=template.version, effective_from=template.effective_from,
            effective_to=template.effective_to, source=template.source, source_verified=template.source_verified,
            body=body,
        )  # fmt: skip
    for path in sorted((root / "languages").glob("*.yaml")):
        body = path.read_text("utf-8")
        catalogue = languages.parse(body)
        yield PackFile(
            kind=LANGUAGE, key=catalogue.language, version=catalogue.version, effective_from=catalogue.effective_from,
            effective_to=catalogue.effective_to, source=catalogue.source, source_verified=False, body=body,
        )  # fmt: skip
    for kind, paths in (
        (RIGHTS, sorted((root / "appeal-rights").glob("*.yaml"))),
        (TAGLINES, [root / "taglines.yaml"]),
        (CONTACTS, [root / "contacts.yaml"]),
        (SENSITIVE, [root / "sensitive.yaml"]),
        (READING, [root / "reading.yaml"]),
    ):
        for path in paths:
            body = path.read_text("utf-8")
            raw = read_yaml(body)
            language = f".{raw['language']}" if "language" in raw else ""
            yield PackFile(
                kind=kind, key=f"{raw['key']}{language}", version=raw["version"], effective_from=raw["effective_from"],
                effective_to=raw.get("effective_to"), source=raw["source"], source_verified=raw["source_verified"],
                body=body,
            )  # fmt: skip
