"""Reads about letters: what an actor may open, and the published texts that letters are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import product
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import sampled_to, scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.cases.queries import cases_visible_to
from openum.cases.sensitive import NONE_LISTED, Sensitive
from openum.directory.models import Policy
from openum.notices import languages, pack
from openum.notices.content import LetterKind
from openum.notices.elements import Audience, columns_for
from openum.notices.languages import Catalogue
from openum.notices.models import Notice, NoticeState
from openum.notices.reading_grade import aim_of
from openum.notices.templates import Template, parse
from openum.notices.wording import Contacts, ReasonRow, RightsText, Taglines, parse_reasons
from openum.vocabulary.errors import Missing
from openum.vocabulary.reading import AIM
from openum.vocabulary.terms import LineOfBusiness, ReasonClass


class TextsNotPublished(Missing):
    """No letter can be made, because the texts of letters were never published."""

    code = "texts-not-published"


def notices_visible_to(user: User) -> QuerySet[Notice]:
    """Letters an actor may open: staff all of their cases, a practice those to providers, a member the own ones.

    A held letter is nobody's but the staff's.
    """
    scope = scope_of(user)
    practices = scope.organizations_with(Permission.SEE_ORGANIZATION_CASES)
    published = ~Q(state=NoticeState.HELD)
    opened = Q(case__plan_id__in=scope.plans_with(Permission.SEE_PLAN_CASES))
    if delegates := scope.organizations_with(Permission.SEE_PLAN_CASES):
        opened |= Q(case__delegate_id__in=delegates)
    if practices:
        to_practice = Q(recipient__isnull=True) | Q(recipient__organization_id__in=practices)
        to_practice |= Q(recipient__organization__isnull=True)
        opened |= published & Q(audience=Audience.PROVIDER, case__organization_id__in=practices) & to_practice
    if Permission.SEE_OWN_CASES in scope.permissions:
        opened |= published & Q(audience=Audience.MEMBER, recipient__isnull=True, case__member__user_id=user.pk)
    if files := sampled_to(user):
        opened |= Q(case__public_id__in=files)
    return Notice.objects.filter(opened, Exists(cases_visible_to(user).filter(pk=OuterRef("case_id"))))


def letters_of(case: Case, user: User) -> list[Notice]:
    """Return the letters of a case that an actor may open, newest first, without their bodies."""
    return list(
        notices_visible_to(user)
        .filter(case=case)
        .defer("html", "pdf", "inputs", "document")
        .prefetch_related("sendings")
        .order_by("-prepared_at", "-pk")
    )


@dataclass(frozen=True, kw_only=True)
class PolicyTexts:
    """The published texts in force on one date for one plan."""

    templates: Mapping[Template, int]
    rights: tuple[RightsText, ...]
    contacts: Contacts
    taglines: Taglines
    reasons: Mapping[str, ReasonRow]
    catalogues: Mapping[str, tuple[Catalogue, int]] = field(default_factory=dict)
    sensitive: Sensitive = NONE_LISTED
    taglines_id: int | None = None
    reading_aim: float = AIM

    def catalogue(self, language: str) -> Catalogue:
        """Return the published texts of a language; an empty catalogue where none is published."""
        known = self.catalogues.get(language)
        return known[0] if known else languages.without(language)

    def template_for(
        self, kind: LetterKind, audience: Audience, line_of_business: LineOfBusiness, language: str
    ) -> tuple[Template, int]:
        """Find the template of a letter and the primary key of its policy row.

        A language without an own template gets the English one in the words of its catalogue.

        Raises:
            TextsNotPublished: there is none for this kind, reader and law.
        """
        for column, wanted in product(columns_for(line_of_business), (language, "en")):
            for template, pk in self.templates.items():
                if (template.kind, template.audience, template.language) == (kind, audience, wanted) and (
                    column in template.columns
                ):
                    own = template if wanted == language else languages.translated(template, self.catalogue(language))
                    return own, pk
        raise TextsNotPublished(
            f"There is no published template for a {kind} letter to the {audience} under the law of this "
            "product. Publish one, then try again."
        )

    def rights_for(self, line_of_business: LineOfBusiness, language: str) -> RightsText:
        """Find the appeal rights of a line of business.

        Raises:
            TextsNotPublished: none is published for it.
        """
        for wanted in (language, "en"):
            for text in self.rights:
                if text.language == wanted and line_of_business in text.lines_of_business:
                    return text if wanted == language else text.translated(self.catalogue(language))
        raise TextsNotPublished(
            f"No appeal rights are published in {language} for {line_of_business}. Publish them, then try again."
        )

    def reason(self, key: str, reason_class: ReasonClass) -> ReasonRow | None:
        """Find a published reason by its key, else the first one of its class."""
        same_class = (row for row in self.reasons.values() if row.reason_class is reason_class)
        return self.reasons.get(key) or next(same_class, None)

    @property
    def languages(self) -> frozenset[str]:
        """The languages that have templates of their own or a catalogue."""
        return frozenset(template.language for template in self.templates) | frozenset(self.catalogues)


NEEDED = (pack.TEMPLATE, pack.RIGHTS, pack.TAGLINES, pack.CONTACTS, pack.REASONS)
KINDS = (*NEEDED, pack.LANGUAGE, pack.SENSITIVE, pack.READING)


def policy_texts(*, plan: Plan, on: date) -> PolicyTexts:
    """Return the texts in force on a date; a plan's own row outranks the common one, a later one the earlier.

    Raises:
        TextsNotPublished: nothing was published.
    """
    rows = (
        Policy.objects.filter(Q(plan__isnull=True) | Q(plan=plan), kind__in=KINDS, effective_from__lte=on)
        .filter(Q(effective_to__isnull=True) | Q(effective_to__gt=on))
        .order_by("effective_from", "pk")
        .values_list("pk", "plan_id", "kind", "key", "digest")
    )
    chosen: dict[tuple[str, str], tuple[int, int | None, str]] = {}
    for pk, plan_id, kind, key, digest in rows:
        known = chosen.get((kind, key))
        if known is None or known[1] is None or plan_id is not None:
            chosen[kind, key] = (pk, plan_id, digest)
    return _texts(tuple((kind, pk, digest) for (kind, _), (pk, _plan, digest) in sorted(chosen.items())))


@lru_cache(maxsize=32)
def _texts(rows: tuple[tuple[str, int, str], ...]) -> PolicyTexts:
    parsed: dict[str, list[tuple[int, Any]]] = {kind: [] for kind in KINDS}
    for kind, pk, digest in rows:
        parsed[kind].append((pk, _parsed(kind, pk, digest)))
    if not all(parsed[kind] for kind in NEEDED):
        empty = ", ".join(kind for kind in NEEDED if not parsed[kind])
        raise TextsNotPublished(f"The texts of letters are not published ({empty}). Publish policies/notices first.")
    catalogues = {found.language: (found, pk) for pk, found in parsed[pack.LANGUAGE]}
    known = [found for found, _ in catalogues.values()]
    return PolicyTexts(
        catalogues=catalogues,
        sensitive=next((found for _, found in parsed[pack.SENSITIVE]), NONE_LISTED),
        reading_aim=next((found for _, found in parsed[pack.READING]), AIM),
        taglines_id=parsed[pack.TAGLINES][0][0],
        templates={template: pk for pk, template in parsed[pack.TEMPLATE]},
        rights=tuple(text for _, text in parsed[pack.RIGHTS]),
        contacts=parsed[pack.CONTACTS][0][1].with_languages(known),
        taglines=parsed[pack.TAGLINES][0][1],
        reasons={
            row.key: replace(row, label=languages.enriched(row.label, known), rule=languages.enriched(row.rule, known))
            for _, table in parsed[pack.REASONS]
            for row in table
        },
    )


@lru_cache(maxsize=512)
def _parsed(kind: str, pk: int, digest: str) -> Any:
    body: str = Policy.objects.values_list("body", flat=True).get(pk=pk)
    if kind == pack.TEMPLATE:
        return parse(body)
    if kind == pack.RIGHTS:
        return RightsText.parse(body)
    if kind == pack.CONTACTS:
        return Contacts.parse(body)
    if kind == pack.LANGUAGE:
        return languages.parse(body)
    if kind == pack.SENSITIVE:
        return Sensitive.parse(body)
    if kind == pack.READING:
        return aim_of(body)
    if kind == pack.TAGLINES:
        return Taglines.parse(body)
    return parse_reasons(body)
