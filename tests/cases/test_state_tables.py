"""The tables of states against lists written by hand from the law: a lost or an added step shows itself here."""

from openum.appeals.rules.states import MAY_BECOME, OPEN_STATES, WITH_PLAN
from openum.cases.rules import (
    ADVERSE_STATUSES,
    MACHINE_MAY_SET,
    OPEN_STATUSES,
    REQUESTERS_OWN,
    STATUS_TABLE,
    case_status,
)
from openum.vocabulary.terms import LineStatus as S

PENDS = "pended_with_payer pended_with_physician pended_with_provider"
DECIDED = "approved denied partially_approved"
ENDED = "cancelled dismissed not_required transferred withdrawn"
LINE_STEPS = {
    "received": f"{PENDS} {DECIDED} {ENDED} voided_in_error",  # taken in at the wrong case
    "pended_with_payer": f"pended_with_physician pended_with_provider {DECIDED} {ENDED} voided_in_error",
    "pended_with_provider": f"pended_with_payer pended_with_physician {DECIDED} {ENDED} voided_in_error",
    "pended_with_physician": f"pended_with_payer pended_with_provider {DECIDED} {ENDED} voided_in_error",
    "reopened": f"{PENDS} {DECIDED} {ENDED}",
    # what was approved is never denied: it ends by its time, with notice, by the requester, or was entered by mistake
    "approved": "approved cancelled expired terminated_with_notice voided_in_error",
    "partially_approved": (
        "approved cancelled expired partially_approved reopened terminated_with_notice voided_in_error"
    ),
    "denied": "approved partially_approved reopened voided_in_error",
    "dismissed": "approved partially_approved reopened",  # its dismissal may be reviewed, and an appeal may undo it
    "terminated_with_notice": "approved partially_approved reopened",  # an appeal may undo it
    "withdrawn": "", "cancelled": "", "not_required": "", "voided_in_error": "", "expired": "", "transferred": "",
}  # fmt: skip
APPEAL_ENDS = "dismissed made_complaint sent_elsewhere withdrawn"
APPEAL_STEPS = {
    "waiting_for_form": f"late_filing open preliminary to_be_sent {APPEAL_ENDS}",
    "late_filing": f"open preliminary to_be_sent {APPEAL_ENDS}",
    "open": f"assigned decided {APPEAL_ENDS}",
    "assigned": f"assigned decided open {APPEAL_ENDS}",
    "preliminary": "decided dismissed to_be_sent withdrawn",
    "to_be_sent": "decided outside taken_back withdrawn",
    "outside": "decided taken_back withdrawn",
    "decided": "closed",
    "dismissed": "open preliminary to_be_sent waiting_for_form",
    "closed": "", "withdrawn": "", "sent_elsewhere": "", "made_complaint": "", "taken_back": "",
}  # fmt: skip


def test_each_step_of_a_line_is_listed():
    assert {str(state): set(map(str, row.may_become)) for state, row in STATUS_TABLE.items()} == {
        state: set(steps.split()) for state, steps in LINE_STEPS.items()
    }


def test_each_step_of_an_appeal_is_listed():
    assert {str(state): set(map(str, steps)) for state, steps in MAY_BECOME.items()} == {
        state: set(steps.split()) for state, steps in APPEAL_STEPS.items()
    }


def test_the_groups_of_states_are_listed():
    assert set(map(str, OPEN_STATUSES)) == {"received", "reopened", *PENDS.split()}
    assert set(map(str, ADVERSE_STATUSES)) == {"denied", "partially_approved", "terminated_with_notice"}
    assert set(map(str, MACHINE_MAY_SET)) == {"received", "approved", "expired", *PENDS.split()}
    assert set(map(str, REQUESTERS_OWN)) == {"withdrawn", "cancelled"}
    assert set(map(str, OPEN_STATES)) == {
        "waiting_for_form", "late_filing", "open", "assigned", "preliminary", "to_be_sent", "outside",
    }  # fmt: skip
    assert set(map(str, WITH_PLAN)) == {"open", "assigned"}


def test_a_case_of_a_denied_and_an_approved_line_is_approved_in_part():
    assert case_status([S.DENIED, S.APPROVED]) is S.PARTIALLY_APPROVED
    assert case_status([S.DENIED, S.PARTIALLY_APPROVED]) is S.PARTIALLY_APPROVED
    assert case_status([S.DENIED, S.CANCELLED]) is S.DENIED
    assert case_status([S.DENIED, S.APPROVED, S.RECEIVED]) is S.RECEIVED
