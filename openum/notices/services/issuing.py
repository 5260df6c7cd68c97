"""Make one letter for one reader: typed facts, template, both forms, grade, row, event, road out."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings

from openum import audit
from openum.accounts.models import User
from openum.cases.models import Case, InformationRequest, Party, Request, ServiceLine
from openum.cases.sensitive import is_minor
from openum.clocks.queries import binding_clock
from openum.determination.models import Determination
from openum.notices import acronyms, reading_grade
from openum.notices.assembly.common import ASKED, Reading, Setting
from openum.notices.compose import compose, with_link
from openum.notices.content import Letter, LetterKind
from openum.notices.document import Document
from openum.notices.elements import COLUMN_OF, Audience
from openum.notices.events import NoticeHeld, NoticePrepared
from openum.notices.models import ELECTRONIC, Notice, NoticeFormat, NoticeState
from openum.notices.privacy import Copy, CopyFor, copies
from openum.notices.queries import PolicyTexts, policy_texts
from openum.notices.render import as_mapping, can_draw, render_html
from openum.notices.services.sending import send
from openum.notices.templates import Template
from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.reading import Grade
from openum.vocabulary.terms import PartyRole

POINTS = {NoticeFormat.PRINT: 12, NoticeFormat.LARGE_PRINT: 18}
"""Type sizes: never below 12 point, large print 18 (42 CFR 438.10(d)(6))."""


OWN_COPY = Copy(whose=CopyFor.MEMBER, hides=frozenset())


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One reader in one language.

    Attributes:
        copy: whose copy of a member's letter it is, and the lines it may not tell of.
        wanted: the member's language where no letter exists in it.
    """

    audience: Audience
    language: str
    recipient: Party | None = None
    copy: Copy = OWN_COPY
    wanted: str = ""


@dataclass(kw_only=True)
class Occasion:
    """What made letters due."""

    case: Case
    request: Request
    lines: tuple[ServiceLine, ...]
    event_id: UUID
    by: User
    at: datetime
    determination: Determination | None = None
    information_request: InformationRequest | None = None
    is_adverse: bool = False
    to_member_only: bool = False
    to_provider_only: bool = False
    representatives: tuple[Party, ...] = ()
    words: str = ""
    """What a person wrote for the member to read; empty where the letter's texts are ours alone."""
    kept_because: str = ""
    """Why those words stay although they are hard to read."""

    @cached_property
    def reading(self) -> Reading:
        """What all its letters read alike."""
        return Reading(case=self.case, request=self.request, lines=self.lines)

    def copies(self, texts: PolicyTexts) -> tuple[Copy, ...]:
        """List the copies of the member's letter: the member's own, and a parent's with what a parent may know."""
        member = self.case.member
        today = self.at.astimezone(ZoneInfo(self.case.product.time_zone)).date()
        is_a_minor = is_minor(member.birth_date, on=today, adult_from_years=texts.sensitive.adult_from_years)
        if not is_a_minor:
            return (OWN_COPY,)
        groups = {
            line.pk: texts.sensitive.group_of(
                code=line.code, diagnoses=list(line.diagnoses.values_list("code", flat=True))
            )
            for line in self.lines
        }
        return copies(is_a_minor=is_a_minor, is_confidential=member.is_confidential, groups=groups)

    @cached_property
    def share_of_time_left(self) -> float:
        """Which share of the time to answer is left, from 1 down to 0; 1 when no clock counts."""
        clock = binding_clock(self.case)
        if clock is None or clock.due_at is None:
            return 1.0
        whole = (clock.due_at - self.request.received_at).total_seconds()
        return max(0.0, (clock.due_at - self.at).total_seconds() / whole) if whole > 0 else 0.0


Build = Callable[[Setting, LetterKind], Letter]


def readers_of(occasion: Occasion, texts: PolicyTexts) -> Iterator[Reader]:
    """List who gets the letter: the member (or a minor's parent) in the member's language and in English, the provider.

    Who acts for the member gets the member's letter too. A dispute is the provider's own: the member gets no letter. A no goes also to the clinician who treats, when a laboratory or supplier asked (NCQA UM 7). Never the subscriber.
    """
    member = occasion.case.member
    languages = {"en"} | ({member.language} & texts.languages)
    wanted = "" if member.language in texts.languages else member.language
    for copy in () if occasion.to_provider_only else occasion.copies(texts):
        for language in sorted(languages, reverse=True):
            yield Reader(audience=Audience.MEMBER, language=language, copy=copy, wanted=wanted)
    for representative in occasion.representatives:
        yield Reader(audience=Audience.MEMBER, language="en", recipient=representative)
    if occasion.to_member_only:
        return
    parties = occasion.reading.parties
    asked = next((party for role in ASKED for party in parties if party.role == role), None)
    if asked is None and occasion.case.organization is None:
        return
    yield Reader(audience=Audience.PROVIDER, language="en", recipient=asked)
    if occasion.is_adverse and asked is not None:
        for party in parties:
            if party.role in {PartyRole.TREATING, PartyRole.ORDERING} and party.npi and party.npi != asked.npi:
                yield Reader(audience=Audience.PROVIDER, language="en", recipient=party)
                return


def issue_all(occasion: Occasion, build: Build, kinds: Callable[[Setting], tuple[LetterKind, ...]]) -> list[Notice]:
    """Make the letters of an occasion for every reader; sandbox plans send none.

    Raises:
        LetterIncomplete: a mandatory element has no fact; the caller's transaction must not commit.
        TextsNotPublished: there is no template or no appeal rights for this law.
    """
    if occasion.case.plan.is_sandbox:
        return []
    Case.objects.select_for_update().get(pk=occasion.case.pk)
    due = list(settings_for(occasion, kinds))
    with audit.batch():
        return [issue(occasion, build, kind, reader, setting) for kind, reader, setting in due]


def settings_for(
    occasion: Occasion, kinds: Callable[[Setting], tuple[LetterKind, ...]], *, is_preview: bool = False
) -> Iterator[tuple[LetterKind, Reader, Setting]]:
    """Give each letter of an occasion: its kind, its reader and an empty setting with its number."""
    texts = _texts(occasion)
    count = Notice.objects.filter(case=occasion.case).count()
    for reader in readers_of(occasion, texts):
        for kind in kinds(_setting(occasion, reader, texts, "")):
            count += 1
            number = f"{occasion.case.number}-L{count}" + ("?" if is_preview else "")
            yield kind, reader, _setting(occasion, reader, texts, number)


def _texts(occasion: Occasion) -> PolicyTexts:
    today = occasion.at.astimezone(ZoneInfo(occasion.case.product.time_zone)).date()
    return policy_texts(plan=occasion.case.plan, on=today)


def _setting(occasion: Occasion, reader: Reader, texts: PolicyTexts, number: str) -> Setting:
    return Setting(
        reading=occasion.reading,
        audience=reader.audience,
        language=reader.language,
        recipient=reader.recipient,
        copy=reader.copy,
        is_private=_is_private(reader, occasion, texts),
        texts=texts,
        number=number,
        at=occasion.at,
    )


def _is_private(reader: Reader, occasion: Occasion, texts: PolicyTexts) -> bool:
    """Say whether the household must not see the letter: the member asked, or is a minor who decides this alone."""
    if reader.audience is not Audience.MEMBER or reader.copy.whose is CopyFor.GUARDIAN:
        return False
    today = occasion.at.astimezone(ZoneInfo(occasion.case.product.time_zone)).date()
    member = occasion.case.member
    return member.is_confidential or is_minor(
        member.birth_date, on=today, adult_from_years=texts.sensitive.adult_from_years
    )


@dataclass(frozen=True, kw_only=True)
class Made:
    """A composed letter before it is stored."""

    letter: Letter
    template: Template
    template_id: int
    document: Document
    mapping: dict[str, Any]
    grade: Grade | None
    gate_of_reading: str
    gate: str


def make(
    occasion: Occasion, build: Build, kind: LetterKind, setting: Setting, *, public_id: UUID | None = None
) -> Made:
    """Build, check, compose and measure one letter; nothing is written.

    Args:
        public_id: of the letter, for the address that is printed for a member who has a login.

    Raises:
        LetterIncomplete: naming what is missing and the law that wants it.
    """
    letter = build(setting, kind)
    template, template_id = setting.texts.template_for(
        kind, setting.audience, setting.line_of_business, setting.language
    )
    document = compose(letter, template, text_points=POINTS[format_for(setting)])
    has_login = setting.audience is Audience.MEMBER and setting.case.member.user_id is not None
    if public_id is not None and has_login and settings.OPENUM_BASE_URL:
        document = with_link(document, f"{settings.OPENUM_BASE_URL}/letters/{public_id}/")
    grade = reading_grade.grade_of(document)
    gate = gate_of_reading = reading_grade.gate(
        grade,
        is_member_letter=setting.audience is Audience.MEMBER,
        is_government_form=template.is_form_of(COLUMN_OF[setting.line_of_business]),
        share_of_time_left=occasion.share_of_time_left,
        aim=setting.texts.reading_aim,
    )
    if setting.audience is Audience.MEMBER and not template.is_form_of(COLUMN_OF[setting.line_of_business]):
        gate = " ".join(part for part in (gate, acronyms.gate(reading_grade.own_texts(document))) if part)
    return Made(
        letter=letter, template=template, template_id=template_id, document=document, mapping=as_mapping(document),
        grade=grade, gate_of_reading=gate_of_reading, gate=gate,
    )  # fmt: skip


def format_for(setting: Setting) -> NoticeFormat:
    """Use the format the member asked for once, from then on (42 CFR 422.2267(a)(3))."""
    wants_large = setting.audience is Audience.MEMBER and setting.case.member.notice_format == NoticeFormat.LARGE_PRINT
    return NoticeFormat.LARGE_PRINT if wants_large else NoticeFormat.PRINT


def issue(occasion: Occasion, build: Build, kind: LetterKind, reader: Reader, setting: Setting) -> Notice:
    """Make, store and send one letter.

    Raises:
        LetterHardToRead: by what a person wrote, see `reading_grade.check_readable`.
    """
    public_id = new_uuid7()
    made = make(occasion, build, kind, setting, public_id=public_id)
    reading_grade.check_readable(
        made.grade, said=made.gate_of_reading, words=occasion.words, kept_because=occasion.kept_because,
        share_of_time_left=occasion.share_of_time_left, aim=setting.texts.reading_aim,
    )  # fmt: skip
    held = why_held(made, setting)
    notice = Notice(
        public_id=public_id,
        number=setting.number,
        case=occasion.case,
        kind=kind,
        audience=reader.audience,
        recipient=reader.recipient,
        language=reader.language,
        format=format_for(setting),
        copy_for=reader.copy.whose,
        is_private=setting.is_private,
        leaves_out=bool(reader.copy.hides),
        wanted_language=reader.wanted,
        template_id=made.template_id,
        determination=occasion.determination,
        request=occasion.request,
        information_request=occasion.information_request,
        cause_event=occasion.event_id,
        prepared_at=occasion.at,
        prepared_by=occasion.by,
        state=NoticeState.HELD if held else NoticeState.RENDERED,
        held_because=held,
        untranslated=list(dict.fromkeys(setting.untranslated)),
    )
    fill(notice, made, setting, at=occasion.at)
    notice.gate_kept = occasion.kept_because.strip() if made.gate_of_reading else ""
    notice.save()
    link = Notice.lines.through
    link.objects.bulk_create(link(notice=notice, serviceline=line) for line in occasion.lines)
    case_id, line_ids = occasion.case.public_id, tuple(line.public_id for line in occasion.lines)
    audit.record(
        NoticePrepared(
            case_id=case_id, line_ids=line_ids, cause=kind, notice_id=notice.public_id, audience=reader.audience,
            language=reader.language, caused_by=occasion.event_id,
        ),
        by=occasion.by,
        at=occasion.at,
    )  # fmt: skip
    if held:
        audit.record(
            NoticeHeld(
                case_id=case_id, line_ids=line_ids, notice_id=notice.public_id, audience=reader.audience, cause="held"
            ),
            by=occasion.by,
            at=occasion.at,
        )
    else:
        send(notice, by=occasion.by, at=occasion.at)
    return notice


def issue_again(notice: Notice, occasion: Occasion, build: Build) -> None:
    """Make a held letter again, now that what it waited for is there; it keeps its number."""
    kind, audience = LetterKind(notice.kind), Audience(notice.audience)
    texts = _texts(occasion)
    copy = next((each for each in occasion.copies(texts) if each.whose == notice.copy_for), OWN_COPY)
    reader = Reader(audience=audience, language=notice.language, recipient=notice.recipient, copy=copy)
    setting = _setting(occasion, reader, texts, notice.number)
    made = make(occasion, build, kind, setting, public_id=notice.public_id)
    fill(notice, made, setting, at=occasion.at)
    notice.template_id = made.template_id
    notice.held_because = why_held(made, setting)
    notice.untranslated = list(dict.fromkeys(setting.untranslated))
    notice.state = NoticeState.HELD if notice.held_because else NoticeState.RENDERED
    notice.save()
    if not notice.held_because:
        send(notice, by=occasion.by, at=occasion.at)


def fill(notice: Notice, made: Made, setting: Setting, *, at: datetime) -> None:
    """Put a composed letter into its row, with the policy rows it was made of; only before it was sent."""
    catalogue = setting.texts.catalogues.get(setting.language)
    notice.catalogue_id = catalogue[1] if catalogue else None
    notice.taglines_id = setting.texts.taglines_id if made.letter.assistance else None
    notice.fallbacks = list(dict.fromkeys([*made.template.untranslated, *setting.fallbacks]))
    notice.title = made.document.title
    notice.inputs = inputs_of(made.letter)
    notice.document = made.mapping
    notice.html = render_html(made.mapping)
    notice.rendered_at = at
    notice.reading_grade = made.grade.value if made.grade else None
    notice.reading_formula = made.grade.formula if made.grade else ""
    notice.gate = made.gate
    notice.not_for_production = unfit(made)


def inputs_of(letter: Letter) -> dict[str, Any]:
    """Give a letter's typed facts as JSON; of the taglines only their languages, the words stand in the document."""
    facts: dict[str, Any] = orjson.loads(orjson.dumps(asdict(letter)))
    if facts["assistance"]:
        facts["assistance"]["taglines"] = [each["language"] for each in facts["assistance"]["taglines"]]
    return facts


def unfit(made: Made) -> str:
    """Say why a letter may not leave outside demo plans; empty when it may."""
    return made.template.unfit_for_production(COLUMN_OF[made.letter.line_of_business])


def why_held(made: Made, setting: Setting) -> str:
    """Say why a letter waits for a person; empty when it may go."""
    if setting.untranslated:
        return f"A person has to translate {len(set(setting.untranslated))} text(s) of this letter first."
    if not settings.OPENUM_DEMO and unfit(made):
        return unfit(made)
    member = setting.case.member
    needs_address = setting.audience is Audience.MEMBER and member.notice_format != ELECTRONIC
    if needs_address and setting.is_private and setting.recipient is None and not member.alternative_address:
        return "This letter must not reach the household, and the member gave no other address. Ask the member where to write."
    if setting.audience is Audience.MEMBER and member.notice_format not in {ELECTRONIC, *NoticeFormat}:
        return (
            f"The member wants letters as {member.notice_format}, which is not made here. Have it made from this letter, or "
            "ask the member how to send it; then let it go (45 CFR 92.202)."
        )
    if setting.audience is Audience.MEMBER and not can_draw(made.mapping):
        return (
            f"No font here can print {setting.language}. The letter stands as a web page; install the extra `cjk`, "
            "or have it printed elsewhere."
        )
    return ""
