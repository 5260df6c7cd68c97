"""Policy texts that fill the legal parts of letters: appeal rights, contacts, taglines, reasons. Pure parsers."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar

from openum.notices.elements import Audience
from openum.notices.facts import AppealRights, Assistance, Continuation, PlanContact, Tagline
from openum.notices.languages import Catalogue, enriched, is_right_to_left
from openum.vocabulary.errors import Missing
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import LineOfBusiness, ReasonClass


class SentenceMissing(Missing):
    """The plan's published sentences are older than the letter that needs one."""

    code: ClassVar[str] = "sentence-not-published"


@dataclass(frozen=True, kw_only=True)
class RightsText:
    """The appeal rights of a line of business in one language, before dates and addresses."""

    key: str
    language: str
    version: str
    lines_of_business: frozenset[LineOfBusiness]
    is_reviewed: bool
    deadline_days: int
    member: Mapping[str, str]
    provider: Mapping[str, str]
    continuation: Mapping[str, str] | None
    untranslated: tuple[str, ...] = ()

    @classmethod
    def parse(cls, body: str) -> "RightsText":
        """Read one appeal-rights file."""
        raw = read_yaml(body)
        return cls(
            key=raw["key"],
            language=raw["language"],
            version=raw["version"],
            lines_of_business=frozenset(LineOfBusiness(word) for word in raw["lines_of_business"]),
            is_reviewed=raw["translation"]["status"] != "unreviewed",
            deadline_days=raw["deadline"]["days"],
            member=raw["member"],
            provider=raw["provider"],
            continuation=raw.get("continuation"),
        )

    def translated(self, catalogue: Catalogue) -> "RightsText":
        """Return these rights in another language; what the catalogue lacks stays English and is in `untranslated`."""
        texts = [*self.member.values(), *self.provider.values(), *(self.continuation or {}).values()]
        said = {text: catalogue.of(text) or text for text in texts}
        return replace(
            self,
            language=catalogue.language,
            is_reviewed=catalogue.status == "reviewed",
            member={key: said[text] for key, text in self.member.items()},
            provider={key: said[text] for key, text in self.provider.items()},
            continuation={key: said[text] for key, text in self.continuation.items()} if self.continuation else None,
            untranslated=tuple(
                text
                for text in dict.fromkeys([*self.member.values(), *(self.continuation or {}).values()])
                if catalogue.of(text) is None
            ),
        )

    def rights(
        self, audience: Audience, *, dated: date, where: tuple[str, ...], phone: str, help_offices: tuple[str, ...]
    ) -> AppealRights:
        """Bind the rights to the date of the letter and the plan's addresses."""
        text = self.member if audience is Audience.MEMBER else self.provider
        return AppealRights(
            right=text["right"],
            how=text["how"],
            where_lines=where,
            phone=phone,
            deadline=dated + timedelta(days=self.deadline_days),
            deadline_words=text["deadline_words"],
            standard_time=text["standard_time"],
            expedited_right=text["expedited_right"],
            expedited_time=text["expedited_time"],
            next_level=text["next_level"],
            court=text.get("court", ""),
            representative=text["representative"],
            help_offices=help_offices,
        )

    def keep_benefit(self) -> Continuation | None:
        """Give the text about keeping a benefit during the appeal, where the law has one."""
        return Continuation(**self.continuation) if self.continuation else None


@dataclass(frozen=True, kw_only=True)
class Contacts:
    """How to reach the plan about letters, and the plan's standard sentences."""

    raw: Mapping[str, Any]

    @classmethod
    def parse(cls, body: str) -> "Contacts":
        """Read the contacts file."""
        return cls(raw=read_yaml(body))

    def with_languages(self, catalogues: Iterable[Catalogue]) -> "Contacts":
        """Return the sentences with every catalogue's language beside English and Spanish."""
        return Contacts(raw=enriched(self.raw, catalogues))

    def missing(self, path: str, language: str) -> tuple[str, ...]:
        """Return the English texts at a path that a language lacks; empty when it has them."""
        at: Any = self.raw
        for name in path.split("."):
            at = at.get(name, {})
        if "en" not in at or language in at:
            return ()
        return tuple(at["en"]) if isinstance(at["en"], list) else (str(at["en"]),)

    def say(self, path: str, language: str, **values: str) -> str:
        """Return one sentence, for example `copies.how`, in a language; English where that language has none.

        Raises:
            SentenceMissing: the published row has no such sentence.
        """
        at: Any = self.raw
        for name in path.split("."):
            if name not in at:
                raise SentenceMissing(
                    f"The published sentences of letters are older than this program and lack “{path}”. "
                    "Publish policies/notices, then try again."
                )
            at = at[name]
        text: str = at.get(language, at["en"])
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def help_offices(self, line_of_business: LineOfBusiness, language: str) -> tuple[str, ...]:
        """List the offices that help members of a line of business."""
        offices = self.raw["help_offices"].get(line_of_business.value, {})
        return tuple(offices.get(language, offices.get("en", ())))

    @property
    def peer_to_peer_days(self) -> int:
        """Days after the decision in which a peer-to-peer talk is possible (plan policy)."""
        return int(self.raw["peer_to_peer"]["window_days"])

    def appeals_address(self, plan: PlanContact, language: str) -> tuple[str, ...]:
        """Give the lines to write on an envelope with an appeal."""
        unit = self.raw["appeals"]["unit"]
        return (f"{plan.name}, {unit.get(language, unit['en'])}", *plan.address_lines) if plan.address_lines else ()


@dataclass(frozen=True, kw_only=True)
class Taglines:
    """The offers of language help: those that stand everywhere, and the 15 most common languages of a state."""

    rows: Mapping[str, Tagline]
    everywhere: tuple[str, ...]
    states: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, body: str) -> "Taglines":
        """Read the taglines file; telephone and TTY are still open."""
        raw = read_yaml(body)
        rows = {
            row["language"]: Tagline(
                language=row["language"],
                name=row["name"],
                text=row["text"],
                is_right_to_left=is_right_to_left(row["language"]),
            )
            for row in raw["taglines"]
        }
        everywhere = tuple(raw.get("everywhere", rows))
        states = {state: tuple(each) for state, each in raw.get("states", {}).items()}
        return cls(rows=rows, everywhere=everywhere, states=states)

    def of(self, state: str) -> tuple[Tagline, ...]:
        """List the taglines of a state, English first; those that stand everywhere where a state has no list."""
        return self.named(("en", *self.states[state]) if state in self.states else self.everywhere)

    def named(self, languages: Iterable[str]) -> tuple[Tagline, ...]:
        """List the taglines of some languages, in their order."""
        return tuple(self.rows[language] for language in languages)


def assistance(taglines: tuple[Tagline, ...], contacts: Contacts, plan: PlanContact, language: str) -> Assistance:
    """Bind the taglines and the nondiscrimination notice to the plan's telephone."""
    return Assistance(
        nondiscrimination=contacts.say("nondiscrimination", language),
        taglines=tuple(
            replace(each, text=each.text.replace("{phone}", plan.phone).replace("{tty}", plan.tty)) for each in taglines
        ),
    )


@dataclass(frozen=True, kw_only=True)
class ReasonRow:
    """One published reason: its words for people and the rule behind it."""

    key: str
    reason_class: ReasonClass
    may_sign: str  # clinician, administrator or anyone
    label: Mapping[str, str]
    rule: Mapping[str, str]
    source: str
    source_verified: bool
    effective_from: date
    effective_to: date | None


def parse_reasons(text: str) -> tuple[ReasonRow, ...]:
    """Read reasons.csv."""
    return tuple(
        ReasonRow(
            key=row["key"],
            reason_class=ReasonClass(row["reason_class"]),
            may_sign=row["may_sign"],
            label={"en": row["label_en"], "es": row["label_es"]},
            rule={"en": row["rule_en"], "es": row["rule_es"]},
            source=row["source"],
            source_verified=row["source_verified"] == "true",
            effective_from=date.fromisoformat(row["effective_from"]),
            effective_to=date.fromisoformat(row["effective_to"]) if row["effective_to"] else None,
        )
        for row in csv.DictReader(io.StringIO(text))
    )
