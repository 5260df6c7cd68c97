"""What all letters about a case share: plan, member, request, services, in the reader's language."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F

from openum.cases.models import Case, Party, Request, ServiceLine
from openum.determination.automation import automation_rows, disclosures
from openum.directory.models import Code
from openum.notices.compose import date_words, moment_words
from openum.notices.content import Letter
from openum.notices.elements import Audience
from openum.notices.facts import (
    AppealRights,
    MemberFacts,
    PlanContact,
    Recipient,
    RequestFacts,
    ServiceFacts,
    Software,
)
from openum.notices.languages import enriched
from openum.notices.models import Translation
from openum.notices.privacy import Copy, CopyFor
from openum.notices.queries import PolicyTexts
from openum.notices.wording import assistance
from openum.vocabulary.terms import LineOfBusiness, PartyRole, Standing

NATIONAL_RELAY = "711"
"""The number of the telecommunications relay service everywhere in the United States (47 CFR 64.601)."""

ASKED = (PartyRole.REQUESTER, PartyRole.ORDERING, PartyRole.TREATING)
GIVES = (PartyRole.SERVICING, PartyRole.FACILITY, PartyRole.TREATING, PartyRole.ORDERING, PartyRole.REQUESTER)


def digest_of_text(text: str) -> str:
    """Name a text by its content, for the look-up of its translation."""
    return hashlib.sha256(text.strip().encode()).hexdigest()


@dataclass(kw_only=True)
class Reading:
    """What the letters of one occasion read alike, read once: parties, providers of the lines, words of the codes."""

    case: Case
    request: Request
    lines: tuple[ServiceLine, ...]

    @cached_property
    def parties(self) -> list[Party]:
        """Everybody who takes part in the request."""
        return list(self.request.parties.select_related("practitioner", "facility", "organization").order_by("pk"))

    @cached_property
    def _providers(self) -> dict[int, list[Party]]:
        by_pk = {party.pk: party for party in self.parties}
        found: dict[int, list[Party]] = {}
        links = ServiceLine.providers.through.objects.filter(serviceline__in=self.lines).order_by("party_id")
        for line_id, party_id in links.values_list("serviceline_id", "party_id"):
            if party_id in by_pk:
                found.setdefault(line_id, []).append(by_pk[party_id])
        return found

    def providers_of(self, line: ServiceLine) -> list[Party]:
        """The parties named on one line."""
        return self._providers.get(line.pk, [])

    @cached_property
    def codes(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Our wording of each code, English and Spanish; the latest of several validity periods."""
        rows = Code.objects.filter(code__in={line.code for line in self.lines}).exclude(wording="")
        listed = rows.order_by(F("valid_from").asc(nulls_first=True), "pk")
        return {
            (system, code): (english, spanish)
            for system, code, english, spanish in listed.values_list(
                "code_list__system", "code", "wording", "wording_es"
            )
        }

    @cached_property
    def translations(self) -> dict[tuple[str, str], str]:
        """The human translations of this case's texts, by language and digest."""
        rows = Translation.objects.filter(case=self.case).values_list("language", "source_digest", "text")
        return {(language, digest): text for language, digest, text in rows}


@dataclass(kw_only=True)
class Setting:
    """One reader, one language, one instant; collects the texts that nobody has translated yet.

    Attributes:
        untranslated: free texts that a person has to translate before the letter may go.
        copy: whose copy of a member's letter it is, and the lines it may not tell of.
        is_private: the household must not see the letter; only the member's other address will do.
        fallbacks: standard texts that stand in English because the language's catalogue lacks them; staff see them.
    """

    reading: Reading
    audience: Audience
    language: str
    recipient: Party | None
    texts: PolicyTexts
    number: str
    copy: Copy = Copy(whose=CopyFor.MEMBER, hides=frozenset())
    is_private: bool = False
    at: datetime
    untranslated: list[str] = field(default_factory=list)
    fallbacks: list[str] = field(default_factory=list)

    @property
    def case(self) -> Case:
        """The file."""
        return self.reading.case

    @property
    def request(self) -> Request:
        """What arrived."""
        return self.reading.request

    def hides(self, line_id: int) -> bool:
        """Say whether this copy may not tell of a line."""
        return line_id in self.copy.hides

    @property
    def lines(self) -> tuple[ServiceLine, ...]:
        """The lines this copy tells of."""
        return tuple(line for line in self.reading.lines if not self.hides(line.pk))

    @property
    def line_of_business(self) -> LineOfBusiness:
        """The law of the product."""
        return self.case.product.law

    @property
    def today(self) -> date:
        """The day of the letter in the product's zone."""
        return self.day_of(self.at)

    def day_of(self, instant: datetime) -> date:
        """Return the day of an instant in the product's zone."""
        return instant.astimezone(ZoneInfo(self.case.product.time_zone)).date()

    def moment_of(self, instant: datetime) -> str:
        """Write the day and hour of an instant in the product's zone."""
        return moment_words(instant.astimezone(ZoneInfo(self.case.product.time_zone)), self.language)

    def say(self, path: str, **values: str) -> str:
        """Return a standard sentence in the reader's language; one that the language lacks stays English and is noted."""
        self.fallbacks += self.texts.contacts.missing(path, self.language)
        return self.texts.contacts.say(path, self.language, **values)

    def say_or(self, path: str, key: str, otherwise: str) -> str:
        """Return a standard word of a list, or the given one where the list has none."""
        listed: Any = self.texts.contacts.raw[path].get(key)
        return self.of(listed) if listed else otherwise

    def of(self, words: Mapping[str, str]) -> str:
        """Return one of the published wordings of a text; English, and noted, where the language has none."""
        if self.language not in words:
            self.fallbacks.append(words["en"])
        return str(words.get(self.language, words["en"]))

    def speak(self, text: str, other: str = "") -> str:
        """Return a free text in the reader's language.

        Args:
            text: the English text, as a person wrote it.
            other: its Spanish wording where a published file has it.

        A text that nobody has translated yet stays English and is noted; a letter with such a text waits for a person.
        """
        if self.language == "en" or not text.strip():
            return text
        if other and self.language == "es":
            return other
        stored = self.reading.translations.get((self.language, digest_of_text(text)))
        if stored:
            return stored
        self.untranslated.append(text)
        return text

    def party_name(self, roles: tuple[PartyRole, ...]) -> str:
        """Name the first party that plays one of the roles, the first role first."""
        for role in roles:
            for party in self.reading.parties:
                if party.role == role and name_of(party):
                    return name_of(party)
        return ""

    @cached_property
    def plan(self) -> PlanContact:
        """The plan as the reader meets it."""
        plan = self.case.plan
        return PlanContact(
            name=plan.name,
            phone=plan.phone,
            tty=plan.tty or NATIONAL_RELAY,
            hours=self.say("hours"),
            address_lines=lines_of(plan.address),
        )

    def base(self) -> dict[str, Any]:
        """Return the fields that every letter has."""
        return {
            "audience": self.audience,
            "language": self.language,
            "line_of_business": self.line_of_business,
            "state": self.case.product.state,
            "number": self.number,
            "dated": self.today,
            "recipient": self.addressee(),
            "plan": self.plan,
            "member": MemberFacts(name=self.case.member.full_name, number=self.case.member.member_number),
            "request": RequestFacts(
                number=self.case.number,
                received_on=self.day_of(self.request.received_at),
                requested_by=self.requester_name(),
                treating=self.party_name((PartyRole.TREATING, PartyRole.ORDERING)),
            ),
            "services": tuple(self.service(line) for line in self.lines),
            "assistance": assistance(
                self.texts.taglines.of(self.case.product.state), self.texts.contacts, self.plan, self.language
            )
            if self.audience is Audience.MEMBER
            else None,
        }

    def requester_name(self) -> str:
        """Say who asked: the practice, or the member."""
        if self.request.standing == Standing.MEMBER:
            return self.case.member.full_name
        if self.request.standing == Standing.REPRESENTATIVE:
            return self.party_name((PartyRole.REPRESENTATIVE,))
        organization = self.case.organization
        return self.party_name(ASKED) or (organization.name if organization else "")

    def addressee(self) -> Recipient:
        """Return name and address: the member's confidential address before any other (45 CFR 164.522(b))."""
        if self.audience is Audience.MEMBER and self.recipient is not None:
            return Recipient(name=name_of(self.recipient), address_lines=lines_of(self.recipient.address))
        if self.audience is Audience.MEMBER:
            member = self.case.member
            if self.copy.whose is CopyFor.GUARDIAN:
                return Recipient(
                    name=self.say("guardian", name=member.full_name), address_lines=lines_of(member.address)
                )
            return Recipient(
                name=member.full_name,
                address_lines=lines_of(member.alternative_address or ("" if self.is_private else member.address)),
            )
        party = self.recipient
        if party is None:
            organization = self.case.organization
            return Recipient(
                name=organization.name if organization else "",
                address_lines=lines_of(organization.address if organization else ""),
            )
        place = party.practitioner or party.facility or party.organization
        return Recipient(name=name_of(party), address_lines=lines_of(place.address if place else ""))

    def service(self, line: ServiceLine) -> ServiceFacts:
        """Describe one requested service."""
        return ServiceFacts(
            words=self.service_words(line),
            code=code_of(line),
            dates=self.dates_of(line),
            provider=self.provider_of(line),
            quantity=self.quantity(line.requested_units, line.unit, line.frequency),
            place=self.place_words(line.place),
        )

    def service_words(self, line: ServiceLine) -> str:
        """Say the service in plain words, with the side; a service that no list knows is named by its code."""
        listed, spanish = self.reading.codes.get((line.code_system, line.code), ("", ""))
        english = line.wording or listed
        words = self.speak(english, spanish) if english else self.say("service_with_code", code=line.code)
        sides = [side for side in (self.say_or("sides", str(each), "") for each in line.modifiers) if side]
        return ", ".join([words, *sides])

    def words_of_code(self, system: str, code: str) -> str:
        """Say a service by its code alone, in the latest wording of a loaded list."""
        rows = Code.objects.filter(code=code, code_list__system=system).exclude(wording="")
        found = rows.order_by(F("valid_from").asc(nulls_first=True), "pk").last()
        return self.speak(found.wording, found.wording_es) if found else self.say("service_with_code", code=code)

    def dates_of(self, line: ServiceLine) -> str:
        """Write the service dates, the last day included."""
        if line.service_from is None:
            return self.say("no_date")
        first = date_words(line.service_from, self.language)
        last = line.service_to - timedelta(days=1) if line.service_to else line.service_from
        return first if last <= line.service_from else f"{first} – {date_words(last, self.language)}"

    def provider_of(self, line: ServiceLine) -> str:
        """Name who would give the service."""
        own = self.reading.providers_of(line)
        for role in GIVES:
            for party in own:
                if party.role == role and name_of(party):
                    return name_of(party)
        return self.party_name(GIVES) or self.say("no_provider")

    def quantity(self, units: Decimal | None, unit: str, frequency: str) -> str:
        """Write an amount, for example `12 visits`."""
        if units is None:
            return self.say("as_asked")
        listed: Any = self.texts.contacts.raw["units"].get(unit or "UN")
        words = unit
        if listed:
            self.fallbacks += self.texts.contacts.missing(f"units.{unit or 'UN'}", self.language)
            words = listed.get(self.language, listed["en"])[units != 1]
        return f"{units.normalize():f} {words}" + (f", {frequency}" if frequency else "")

    def place_words(self, place: str) -> str:
        """Say the place in words; a number that no list knows is left out, because it tells a reader nothing."""
        return self.say_or("places", place, "" if place.isdecimal() else place)

    def software(self) -> Software | None:
        """Say what the law of the place tells of software in review; None where no row asks for it in a letter."""
        product, today = self.case.product, self.today
        rows = disclosures(
            automation_rows([self.case.plan], on=today), line_of_business=product.line_of_business,
            state=product.state, on=today,
        )  # fmt: skip
        told = [row for row in rows if row.is_in_letters]
        if not told:
            return None
        catalogue = self.texts.catalogue(self.language)
        return Software(
            law="; ".join(row.citation for row in told),
            text=" ".join(self.of(enriched(row.text, [catalogue])) for row in told),
        )

    def help_offices(self) -> tuple[str, ...]:
        """List the offices that help."""
        self.fallbacks += self.texts.contacts.missing(f"help_offices.{self.line_of_business.value}", self.language)
        return self.texts.contacts.help_offices(self.line_of_business, self.language)

    def rights(self) -> AppealRights:
        """Bind the appeal rights to the day of the letter."""
        rights = self.texts.rights_for(self.line_of_business, self.language)
        self.fallbacks += rights.untranslated
        return rights.rights(
            self.audience,
            dated=self.today,
            where=self.texts.contacts.appeals_address(self.plan, self.language),
            phone=self.plan.phone,
            help_offices=self.help_offices(),
        )


def name_of(party: Party) -> str:
    """Name a party as a letter does."""
    if party.name:
        return party.name
    if party.practitioner:
        return party.practitioner.full_name
    if party.facility:
        return party.facility.name
    return party.organization.name if party.organization else ""


def code_of(line: ServiceLine) -> str:
    """Write a code with its modifiers, or a range."""
    code = f"{line.code}–{line.code_end}" if line.code_end else line.code
    return "-".join([code, *[str(each) for each in line.modifiers]])


def lines_of(address: str) -> tuple[str, ...]:
    """Split an address into lines."""
    return tuple(line.strip() for line in address.splitlines() if line.strip())


LetterFacts = dict[str, Any]
"""Keyword arguments of a letter."""

__all__ = ["Letter", "LetterFacts", "Setting", "code_of", "digest_of_text", "lines_of", "name_of"]
