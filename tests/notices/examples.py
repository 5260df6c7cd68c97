"""Complete letters of every kind from plain facts; invented people, codes used as bare identifiers."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openum
from openum.notices import pack
from openum.notices.content import TELLS_OF_SOFTWARE, Adverse, ApprovalLetter, DenialLetter, Letter, LetterKind
from openum.notices.content_of_appeals import AppealUpheldLetter, ClaimFindingLetter, DisputeLetter
from openum.notices.elements import COLUMN_OF, Audience, Column
from openum.notices.facts import (
    AppealDismissed,
    AppealFacts,
    ApprovedService,
    Benefits,
    Complaint,
    ContinuationEnded,
    CriterionGap,
    Disclosure,
    Dispute,
    EarlierDecision,
    Extension,
    Lateness,
    MemberFacts,
    MoreTime,
    NextLevel,
    PlanContact,
    Reason,
    Recipient,
    RequestedItem,
    RequestFacts,
    ReviewerContact,
    RuleReliedOn,
    SentOn,
    ServiceFacts,
    Software,
    SpeedRefused,
    Withdrawal,
)
from openum.notices.facts_of_claims import ClaimReviewed
from openum.notices.facts_of_stays import (
    Change,
    Continued,
    Conversation,
    EndOfCoverage,
    Explanation,
    HospitalRights,
    Observation,
    OutsideDecision,
    QualityOrganization,
)
from openum.notices.letters import LETTERS
from openum.notices.templates import Template, parse
from openum.notices.wording import Contacts, RightsText, Taglines, assistance
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import LineOfBusiness

ROOT = Path(openum.__file__).parent.parent / "policies"
DATED = date(2026, 12, 2)

PLAN = PlanContact(
    name="Lumen Harbor Health Plan", phone="1-800-555-0142", tty="711", hours="We are here 8 a.m. to 8 p.m., every day.",
    address_lines=("PO Box 4100", "Bayline, EX 00100"), fax="1-800-555-0143",
)  # fmt: skip
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "service": "Knee replacement surgery, right knee", "quantity": "1 surgery", "place": "Bayline Surgery Pavilion",
        "reason": "We saw 8 therapy visits over 7 weeks for your right knee. The rule asks for 12 weeks of care first, "
        "or a note that says why you cannot do therapy. We did not see that note.",
        "label": "Not shown to be medically necessary",
        "quoted": "Were at least twelve weeks of care without surgery tried in the last twelve months?",
        "guideline": "Total knee replacement", "seen": "8 visits over 7 weeks, from October to November.",
        "missing": "5 more weeks of care, or a note that says why you cannot do therapy.",
        "to_satisfy": "Dates of at least twelve weeks of therapy, home exercise or regular medicine within the last "
        "twelve months, or the reason therapy was stopped.",
        "rule": "Your plan pays for care that is medically necessary. We use the guideline named here to judge that.",
        "extend": "Ask your doctor to send us a new request before the end date.", "none": "None.",
        "changed": "Your surgeon told us that therapy had to stop because your knee kept swelling. That meets the rule.",
        "what": "X-ray report of the right knee", "why": "It shows how worn the joint is.",
        "awaited": "We wait for the X-ray report from your doctor.",
        "circumstances": "We need more time because papers are missing.",
        "standards": "The plan pays for this surgery when the X-ray shows severe wear and other care was tried.",
        "open_points": "We do not know how worn the joint is.",
        "grievance": "You can file a fast complaint if you do not agree that we take more time.",
        "not_approved": "We did not approve 4 of the 12 visits.", "by": "Your doctor", "channel": "by telephone",
        "dates": "December 17, 2026",
    },
    "es": {
        "service": "Cirugía de reemplazo de rodilla, derecha", "quantity": "1 cirugía", "place": "Bayline Surgery Pavilion",
        "reason": "Vimos 8 visitas de terapia en 7 semanas para su rodilla derecha. La regla pide antes 12 semanas de "
        "atención, o una nota que diga por qué no puede hacer terapia. No vimos esa nota.",
        "label": "No se mostró que sea médicamente necesario",
        "quoted": "¿Se probaron al menos doce semanas de tratamiento sin cirugía en los últimos doce meses?",
        "guideline": "Reemplazo total de rodilla", "seen": "8 visitas en 7 semanas, de octubre a noviembre.",
        "missing": "5 semanas más de atención, o una nota que diga por qué no puede hacer terapia.",
        "to_satisfy": "Fechas de al menos doce semanas de terapia, ejercicio en casa o medicina regular en los últimos "
        "doce meses, o la razón por la que se suspendió la terapia.",
        "rule": "Su plan paga la atención que es médicamente necesaria. Para juzgarlo usamos la guía que se nombra aquí.",
        "extend": "Pida a su médico que nos envíe una nueva solicitud antes de la fecha final.", "none": "Ninguna.",
        "changed": "Su cirujano nos dijo que la terapia se suspendió porque la rodilla se hinchaba. Eso cumple la regla.",
        "what": "Informe de la radiografía de la rodilla derecha", "why": "Muestra cuánto se gastó la articulación.",
        "awaited": "Esperamos el informe de la radiografía de su médico.",
        "circumstances": "Necesitamos más tiempo porque faltan papeles.",
        "standards": "El plan paga esta cirugía si la radiografía muestra un desgaste grave y se probó otra atención.",
        "open_points": "No sabemos cuánto se gastó la articulación.",
        "grievance": "Puede poner una queja rápida si no está de acuerdo con que tomemos más tiempo.",
        "not_approved": "No aprobamos 4 de las 12 visitas.", "by": "Su médico", "channel": "por teléfono",
        "dates": "17 de diciembre de 2026",
    },
}  # fmt: skip


FORMS = {Column.MEDICARE, Column.PART_D}
"""Bodies of law whose denial to a member is a government form."""


def told_of_software(key: str) -> Mapping[str, str]:
    """Give the words of one row about software in review."""
    rows = read_yaml((ROOT / "automation" / "states.yaml").read_text("utf-8"))["rows"]
    return next(row["text"] for row in rows if row["key"] == key)


@cache
def files() -> tuple[pack.PackFile, ...]:
    """Read the pack once."""
    return tuple(pack.read(ROOT))


@cache
def templates() -> tuple[Template, ...]:
    """Give every template of the pack, parsed once."""
    return tuple(parse(each.body) for each in files() if each.kind == pack.TEMPLATE)


def template(key: str, language: str = "en") -> Template:
    """Give one template of the pack."""
    return next(each for each in templates() if each.policy_key == f"{key}.{language}")


def body(kind: str, key: str) -> str:
    """Give the text of one other file of the pack."""
    return next(each.body for each in files() if each.kind == kind and each.key == key)


def rights_text(lob: LineOfBusiness, language: str) -> RightsText:
    """Find the appeal rights of a line of business."""
    found = (RightsText.parse(each.body) for each in files() if each.kind == pack.RIGHTS)
    return next(each for each in found if each.language == language and lob in each.lines_of_business)


def letter(
    kind: LetterKind,
    audience: Audience = Audience.MEMBER,
    *,
    lob: LineOfBusiness = LineOfBusiness.COMMERCIAL_STATE,
    language: str = "en",
    **changes: Any,
) -> Letter:
    """Make a complete letter of any kind."""
    words = WORDS[language]
    contacts = Contacts.parse(body(pack.CONTACTS, "contacts"))
    facts: dict[str, Any] = {
        "audience": audience, "language": language, "line_of_business": lob, "number": "C-26-0000317-L2", "dated": DATED,
        "recipient": Recipient(name="Rosa Alvarez", address_lines=("12 Harbor Street", "Bayline, EX 00102"))
        if audience is Audience.MEMBER
        else Recipient(name="Dr. Tobias Lindqvist", address_lines=("Bayline Orthopaedics",)),
        "plan": PLAN, "member": MemberFacts(name="Rosa Alvarez", number="LHC-2000317"),
        "request": RequestFacts(
            number="C-26-0000317", received_on=date(2026, 11, 24), requested_by="Dr. Tobias Lindqvist",
            treating="Dr. Tobias Lindqvist",
        ),
        "services": (
            ServiceFacts(
                words=words["service"], code="27447-RT", dates=words["dates"], provider="Dr. Tobias Lindqvist",
                quantity=words["quantity"], place=words["place"],
            ),
        ),
        "assistance": assistance(Taglines.parse(body(pack.TAGLINES, "taglines")).of(""), contacts, PLAN, language)
        if audience is Audience.MEMBER
        else None,
    }  # fmt: skip
    cls = LETTERS[kind]
    facts |= _particulars(cls, audience, lob, language, contacts)
    return cls(**facts | changes)


def _particulars(
    cls: type[Letter], audience: Audience, lob: LineOfBusiness, language: str, contacts: Contacts
) -> dict[str, Any]:
    words = WORDS[language]
    names = {name for each in cls.__mro__ if hasattr(each, "__annotations__") for name in each.__annotations__}
    text = rights_text(lob, language)
    everything: dict[str, Any] = {
        "approved": (
            ApprovedService(
                words=words["service"], code="27447-RT", quantity=words["quantity"],
                authorization_number="A-26-0000041", provider="Dr. Tobias Lindqvist", starts_on=date(2026, 12, 4),
                ends=date(2027, 3, 3), conditions=words["none"], how_to_extend=words["extend"], place=words["place"],
            ),
        ),
        "earlier": EarlierDecision(decided_on=date(2026, 12, 2), what_changed=words["changed"]),
        "items": (RequestedItem(what=words["what"], why=words["why"], criterion="2"),),
        "how_to_send": contacts.say("records", language), "send_by": date(2027, 1, 16),
        "otherwise": contacts.say("otherwise", language),
        "extension": Extension(
            circumstances=words["circumstances"], decide_by=date(2026, 12, 24), grievance=words["grievance"],
            standards=words["standards"], open_points=words["open_points"], respond_by=date(2027, 1, 16),
        ),
        "lateness": Lateness(due_on=date(2026, 12, 1), awaited=words["awaited"]),
        "speed": SpeedRefused(
            decide_by=date(2026, 12, 1), ask_again=contacts.say("expedite.ask_again", language),
            grievance=contacts.say("expedite.grievance", language),
        ),
        "benefits": Benefits(
            both=contacts.say("integrated.both", language), finding=words["awaited"],
            takes_effect=contacts.say("integrated.from_day", language, day="2026-12-02"),
        )
        if lob is LineOfBusiness.INTEGRATED_DUAL and audience is Audience.MEMBER
        else None,
        "withdrawal": Withdrawal(by=words["by"], on=date(2026, 12, 1), channel=words["channel"]),
        "rights": text.rights(
            audience, dated=DATED, where=contacts.appeals_address(PLAN, language), phone="1-800-555-0144",
            help_offices=contacts.help_offices(lob, language),
        ),
        "software": Software(
            law="Tex. Ins. Code 4201.156", text=told_of_software("texas")[language]
        )
        if cls.kind in TELLS_OF_SOFTWARE and audience is Audience.MEMBER and not (cls is DenialLetter and COLUMN_OF[lob] in FORMS)
        else None,
    }  # fmt: skip
    everything |= _of_appeals(language, lob, audience, contacts) | _of_stays(language, contacts)
    if issubclass(cls, DisputeLetter):
        everything |= {
            "send_more": contacts.say("dispute.send_more", language),
            "result": contacts.say("dispute.result.stays", language),
            "further": contacts.say("dispute.further", language, phone=PLAN.phone),
        }
    if issubclass(cls, ClaimFindingLetter):
        everything |= {
            "finding": ClaimReviewed(
                number="C-26-0000317-F1",
                claim=contacts.say("claim_review.claim", language, claim="77103", line="1"),
                words=words["reason"],
                pages=contacts.say("claim_review.page", language, title=words["label"], page="2"),
                supports="99213",
                reply_by=date(2026, 12, 19),
            ),
            "nature": contacts.say("claim_review.nature", language),
            "how_to_answer": contacts.say("claim_review.how_to_answer", language, phone=PLAN.phone),
            "member_right": contacts.say("claim_review.member_right", language),
            "late_request": contacts.say("claim_review.late_request.yes", language),
        }
    if issubclass(cls, Adverse | AppealUpheldLetter):
        everything |= {
            "decided_on": DATED,
            "reason": Reason(label=words["label"], specific=words["reason"]),
            "gaps": (
                CriterionGap(
                    guideline=words["guideline"], version="v2026.2", node="3a", quoted=words["quoted"],
                    seen=words["seen"], missing=words["missing"], to_satisfy=words["to_satisfy"],
                ),
            ),
            "rule": RuleReliedOn(text=words["rule"], citation=f"{words['guideline']} (KNEE-ARTH), v2026.2"),
            "rationale": words["reason"] if audience is Audience.PROVIDER else "",
            "disclosure": Disclosure(
                free_copies=contacts.say("copies.right", language),
                how_to_ask=contacts.say("copies.how", language, phone=PLAN.phone),
            ),
            "continuation": (text.keep_benefit() if issubclass(cls, Adverse) else contacts.say("appeal.continuation_after", language))
            if audience is Audience.MEMBER
            else (None if issubclass(cls, Adverse) else ""),
            "reviewer": ReviewerContact(
                name="Grace Lin, MD", credentials="internal medicine, licence EX", phone="1-800-555-0145",
                how=contacts.say("peer_to_peer.how", language), until="December 16, 2026",
            )
            if audience is Audience.PROVIDER
            else None,
            "diagnosis_on_request": contacts.say("copies.codes", language),
            "not_approved": words["not_approved"],
        }  # fmt: skip
    known = names if not issubclass(cls, ApprovalLetter) else names | {"approved"}
    return {name: value for name, value in everything.items() if name in known}


def _of_appeals(language: str, lob: LineOfBusiness, audience: Audience, contacts: Contacts) -> dict[str, Any]:
    words, say = WORDS[language], contacts.say
    return {
        "appeal": AppealFacts(
            number="C-26-0000317-AP1", received_on=date(2026, 12, 10), filed_by="Rosa Alvarez",
            level=say("appeal.levels.plan", language),
        ),
        "decide_by": date(2027, 1, 9), "send_more": say("appeal.send_more", language),
        "file_copy": say("appeal.file_copy", language, phone=PLAN.phone),
        "reviewed_by": say("appeal.reviewed_by", language, field=say("fields.orthopaedics", language)),
        "experts": say("appeal.experts", language),
        "next_level": NextLevel(
            what=say("appeal.next.external.what", language),
            how=say("appeal.next.external.how", language, phone=PLAN.phone),
            when=say("appeal.next.external.when", language, until=words["dates"]),
            court=say("appeal.court", language), help_offices=contacts.help_offices(lob, language),
        ),
        "dismissal": AppealDismissed(
            why=words["circumstances"], review=say("appeal.dismissal_review.plan", language, until=words["dates"]),
            take_back=say("appeal.take_back", language),
        ),
        "sent": SentOn(
            to="Alder Independent Review", why=say("appeal.sent_because.asked", language),
            send_more=say("appeal.send_more_outside", language), answer=say("appeal.outside_answer.timed", language),
        ),
        "result": say("appeal.checked.complete", language),
        "what_now": say("appeal.what_now.complete", language, organization="Alder Independent Review"),
        "complaint": Complaint(
            number="G-26-0000012", received_on=date(2026, 12, 10), filed_by="Rosa Alvarez",
            about=say("grievance.about.service", language),
        ),
        "answer_by": date(2027, 1, 9),
        "appeal_is_other": say("grievance.appeal_is_other", language, phone=PLAN.phone),
        "offers_second": True, "voluntary": say("appeal.voluntary", language, phone=PLAN.phone),
        "more_time": MoreTime(
            because=words["circumstances"], decide_by=date(2027, 1, 23),
            grievance=words["grievance"] if audience is Audience.MEMBER else "",
        ),
        "ended": ContinuationEnded(
            because=say("appeal.continuation_ended.no_hearing_asked", language), last_day=date(2027, 1, 23),
            cost=say("appeal.continuation_cost", language),
            what_now=say("appeal.continuation_what_now", language, phone=PLAN.phone),
        ),
        "because": say("appeal.review_taken_back.because", language),
        "file": say("appeal.review_taken_back.not_sent", language),
        "complain": say("appeal.review_taken_back.complain", language) if audience is Audience.MEMBER else "",
        "is_about_care": True, "quality_review": say("grievance.quality_review", language),
        "dispute": Dispute(
            number="C-26-0000317-D1", received_on=date(2026, 12, 10), filed_by="Bayline Orthopaedics"
        ),
        "member_right": say("dispute.member_right", language),
        "answer": words["circumstances"], "answered_by": "Grace Lin, MD",
        "found": words["awaited"], "done": words["circumstances"],
        "further": say("grievance.further", language, phone=PLAN.phone),
    }  # fmt: skip


def _of_stays(language: str, contacts: Contacts) -> dict[str, Any]:
    words, say = WORDS[language], contacts.say
    quality = QualityOrganization(name=say("quality.name", language), phone=contacts.raw["quality"]["phone"])
    return {
        "change": Change(
            what=say("reduction.ends", language, day=words["dates"]), before=words["quantity"],
            after=say("reduction.nothing_left", language), last_day=date(2027, 1, 4),
            why_lawful=say("reduction.grounds.good_cause", language),
        ),
        "end": EndOfCoverage(
            last_day=date(2026, 12, 6), cost=say("stays.cost", language), fast_appeal=say("stays.fast_appeal", language),
            ask_by=say("stays.ask_by", language, day=words["dates"]), after=say("stays.too_late", language), quality=quality,
        ),
        "last_day": date(2026, 12, 6),
        "explanation": Explanation(
            facts=words["seen"], why=words["reason"], rule="42 CFR 409.33", copies=say("copies.right", language)
        ),
        "admitted_on": date(2026, 11, 30), "discharge": say("stays.discharge", language, day=words["dates"]),
        "hospital": HospitalRights(
            care=say("stays.hospital_care", language), plan_for_leaving=say("stays.hospital_plan", language),
            appeal=say("stays.hospital_appeal", language), ask_by=say("stays.hospital_ask_by", language),
            cost=say("stays.hospital_cost", language), quality=quality,
        ),
        "observation": Observation(
            began="December 1, 2026, 10:15 PM", status=say("stays.observed", language), why=words["reason"],
            cost=say("stays.observed_cost", language), afterwards=say("stays.observed_afterwards", language),
            medicines=say("stays.observed_medicines", language),
            questions=say("stays.observed_questions", language, phone=PLAN.phone),
        ),
        "talk": Conversation(
            why=say("talk.why", language), points=(words["quoted"],), phone=PLAN.phone, how=say("talk.how", language),
            until=words["dates"], in_writing=say("talk.in_writing", language),
        ),
        "continued": Continued(
            answer=say("continued.granted", language), until=say("continued.until_answer", language),
            cost=say("continued.cost", language),
        ),
        "disclosure": Disclosure(
            free_copies=contacts.say("copies.right", language), how_to_ask=contacts.say("copies.how", language, phone=PLAN.phone)
        ),
        "decision": OutsideDecision(
            by="Alder Independent Review", answer=say("outside.upheld", language), why=words["reason"],
            reference="IRO-2026-17", what_now=say("outside.no_more", language, phone=PLAN.phone),
        ),
    }  # fmt: skip


@cache
def readers() -> tuple[tuple[LetterKind, Audience], ...]:
    """List who reads which kind of letter: what the pack has a template for."""
    known = {(each.kind, each.audience) for each in templates()}
    return tuple((kind, audience) for kind in LetterKind for audience in Audience if (kind, audience) in known)


def law_for(kind: LetterKind, audience: Audience, lob: LineOfBusiness) -> LineOfBusiness:
    """Return the line of business, or Medicare Advantage where only Medicare has this letter."""
    columns = {
        column for each in templates() if (each.kind, each.audience) == (kind, audience) for column in each.columns
    }
    return lob if COLUMN_OF[lob] in columns and kind is not LetterKind.INSERT else LineOfBusiness.MEDICARE_ADVANTAGE


def fitting(kind: LetterKind, audience: Audience, lob: LineOfBusiness, language: str) -> Template:
    """Find the template of the pack for a letter."""
    return next(
        each
        for each in templates()
        if (each.kind, each.audience, each.language) == (kind, audience, language) and COLUMN_OF[lob] in each.columns
    )
