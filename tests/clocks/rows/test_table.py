"""Every row of deadline law answers with its own time. One line a row: received, facts, due, the row that answered."""

import pytest

from openum.clocks.rules import InvalidRule, compute, rows_of
from openum.clocks.rules.rows import rule_from_row
from tests.clocks.book import BOOK, EASTERN, PACKS, eastern, fact, local, read

MON = eastern("2026-11-16 10:00")  # a Monday; Thanksgiving is Thursday 2026-11-26

TABLE = [
    # Medicare Advantage
    ("medicare_advantage", "standard_preservice_pa", "", "2026-11-23 23:59:59", "ma.decide.standard"),
    ("medicare_advantage", "standard_preservice", "", "2026-11-23 23:59:59", "ma.decide.standard"),
    (
        "medicare_advantage",
        "standard_preservice_no_pa",
        "",
        "2026-11-30 23:59:59",
        "ma.decide.standard.without_prior_authorization",
    ),
    ("medicare_advantage", "expedited_preservice", "", "2026-11-19 10:00:00", "ma.decide.expedited"),
    (
        "medicare_advantage",
        "expedited_preservice_no_pa",
        "",
        "2026-11-19 10:00:00",
        "ma.decide.expedited.without_prior_authorization",
    ),
    ("medicare_advantage", "concurrent_inpatient_expedited", "", "2026-11-19 10:00:00", "ma.decide.expedited"),
    ("medicare_advantage", "concurrent_urgent", "", "2026-11-19 10:00:00", "ma.decide.expedited"),
    ("medicare_advantage", "part_b_drug_standard", "", "2026-11-19 10:00:00", "ma.decide.part_b_drug.standard"),
    ("medicare_advantage", "part_b_drug_expedited", "", "2026-11-17 10:00:00", "ma.decide.part_b_drug.expedited"),
    ("medicare_advantage", "payment_request", "", "2027-01-15 23:59:59", "ma.decide.payment"),
    ("medicare_advantage", "clean_claim_noncontract", "", "2026-12-16 23:59:59", "ma.decide.payment.clean_noncontract"),
    ("medicare_advantage", "appeal_standard_preservice", "", "2026-12-16 23:59:59", "ma.appeal.standard"),
    ("medicare_advantage", "appeal_payment", "", "2027-01-15 23:59:59", "ma.appeal.payment"),
    ("medicare_advantage", "appeal_part_b_drug_standard", "", "2026-11-23 23:59:59", "ma.appeal.part_b_drug.standard"),
    (
        "medicare_advantage",
        "appeal_part_b_drug_expedited",
        "",
        "2026-11-19 10:00:00",
        "ma.appeal.part_b_drug.expedited",
    ),
    ("medicare_advantage", "appeal_expedited", "", "2026-11-19 10:00:00", "ma.appeal.expedited"),
    ("medicare_advantage", "appeal_filing_window", "", "2027-01-20 23:59:59", "ma.file.appeal"),
    (
        "medicare_advantage",
        "ire_forward_expedited_affirmed",
        "",
        "2026-11-17 10:00:00",
        "ma.forward.expedited_affirmed",
    ),
    ("medicare_advantage", "ire_forward_untimely_standard", "", "2026-11-16 10:00:00", "ma.forward.untimely_standard"),
    ("medicare_advantage", "grievance_standard", "", "2026-12-16 23:59:59", "ma.grievance.standard"),
    ("medicare_advantage", "grievance_expedited", "", "2026-11-17 10:00:00", "ma.grievance.expedited"),
    ("medicare_advantage", "expedite_refusal_written_notice", "", "2026-11-19 23:59:59", "ma.letter_expedite_refused"),
    ("medicare_advantage", "denial_notice_to_enrollee", "", "2026-11-19 23:59:59", "ma.letter_after_oral"),
    ("medicare_advantage", "im_initial_notice", "", "2026-11-18 23:59:59", "ma.important_message.initial"),
    # Medicare and Medicaid in one plan: 42 CFR 422.629-.634
    ("integrated_dual", "standard_preservice_pa", "", "2026-11-23 23:59:59", "integrated.decide.standard"),
    (
        "integrated_dual",
        "standard_preservice_no_pa",
        "",
        "2026-11-30 23:59:59",
        "integrated.decide.standard.without_prior_authorization",
    ),
    ("integrated_dual", "expedited_preservice", "", "2026-11-19 10:00:00", "integrated.decide.expedited"),
    (
        "integrated_dual",
        "expedited_preservice_no_pa",
        "",
        "2026-11-19 10:00:00",
        "integrated.decide.expedited.without_prior_authorization",
    ),
    ("integrated_dual", "part_b_drug_standard", "", "2026-11-19 10:00:00", "integrated.decide.part_b_drug.standard"),
    ("integrated_dual", "part_b_drug_expedited", "", "2026-11-17 10:00:00", "integrated.decide.part_b_drug.expedited"),
    ("integrated_dual", "payment_request", "", "2027-01-15 23:59:59", "integrated.decide.payment"),
    ("integrated_dual", "poststabilization", "", "2026-11-16 11:00:00", "integrated.decide.poststabilization"),
    ("integrated_dual", "denial_notice_to_enrollee", "", "2026-11-19 23:59:59", "integrated.letter_after_oral"),
    (
        "integrated_dual",
        "expedite_refusal_written_notice",
        "",
        "2026-11-19 23:59:59",
        "integrated.letter_expedite_refused",
    ),
    (
        "integrated_dual",
        "advance_notice_of_reduction",
        "",
        "2026-11-06 23:59:59",
        "integrated.advance_notice_of_reduction",
    ),
    ("integrated_dual", "appeal_standard", "", "2026-12-16 23:59:59", "integrated.appeal.standard"),
    ("integrated_dual", "appeal_payment", "", "2026-12-16 23:59:59", "integrated.appeal.payment"),
    ("integrated_dual", "appeal_expedited", "", "2026-11-19 10:00:00", "integrated.appeal.expedited"),
    (
        "integrated_dual",
        "appeal_part_b_drug_standard",
        "",
        "2026-11-23 23:59:59",
        "integrated.appeal.part_b_drug.standard",
    ),
    (
        "integrated_dual",
        "appeal_part_b_drug_expedited",
        "",
        "2026-11-19 10:00:00",
        "integrated.appeal.part_b_drug.expedited",
    ),
    ("integrated_dual", "extension_notice_appeal", "", "2026-11-18 23:59:59", "integrated.letter_extension_appeal"),
    (
        "integrated_dual",
        "ire_forward_expedited_affirmed",
        "",
        "2026-11-17 10:00:00",
        "integrated.forward.expedited_affirmed",
    ),
    (
        "integrated_dual",
        "ire_forward_untimely_standard",
        "",
        "2026-11-16 10:00:00",
        "integrated.forward.untimely_standard",
    ),
    ("integrated_dual", "external_review_iro_standard", "", "2026-12-16 23:59:59", "integrated.ire.decision"),
    ("integrated_dual", "external_review_iro_expedited", "", "2026-11-19 10:00:00", "integrated.ire.decision.expedited"),
    ("integrated_dual", "state_fair_hearing_decision", "", "2027-02-14 23:59:59", "integrated.fair_hearing.decision"),
    ("integrated_dual", "grievance_standard", "", "2026-12-16 23:59:59", "integrated.grievance.standard"),
    ("integrated_dual", "grievance_expedited", "", "2026-11-17 10:00:00", "integrated.grievance.expedited"),
    ("integrated_dual", "appeal_filing_window", "", "2027-01-20 23:59:59", "integrated.file.appeal"),
    ("integrated_dual", "benefit_continuation_request", "", "2026-11-26 23:59:59", "integrated.file.benefit_continuation"),
    ("integrated_dual", "state_fair_hearing_filing", "", "2027-03-16 23:59:59", "integrated.file.fair_hearing"),
    ("integrated_dual", "im_initial_notice", "", "2026-11-18 23:59:59", "integrated.important_message.initial"),
    # Part D
    ("medicare_part_d", "part_d_standard", "", "2026-11-19 10:00:00", "part_d.decide.standard"),
    ("medicare_part_d", "part_d_expedited", "", "2026-11-17 10:00:00", "part_d.decide.expedited"),
    ("medicare_part_d", "part_d_exception_standard", "", "2026-12-03 23:59:59", "part_d.decide.exception.standard"),
    ("medicare_part_d", "part_d_exception_expedited", "", "2026-12-01 23:59:59", "part_d.decide.exception.expedited"),
    ("medicare_part_d", "part_d_payment", "", "2026-11-30 23:59:59", "part_d.decide.payment"),
    ("medicare_part_d", "appeal_part_d_standard", "", "2026-11-23 23:59:59", "part_d.appeal.standard"),
    ("medicare_part_d", "appeal_part_d_expedited", "", "2026-11-19 10:00:00", "part_d.appeal.expedited"),
    ("medicare_part_d", "appeal_part_d_payment", "", "2026-11-30 23:59:59", "part_d.appeal.payment"),
    ("medicare_part_d", "appeal_filing_window", "", "2027-01-20 23:59:59", "part_d.file.appeal"),
    ("medicare_part_d", "ire_forward_untimely_standard", "", "2026-11-17 10:00:00", "part_d.forward.untimely"),
    ("medicare_part_d", "expedite_refusal_written_notice", "", "2026-11-19 23:59:59", "part_d.letter_expedite_refused"),
    ("medicare_part_d", "denial_notice_to_enrollee", "", "2026-11-19 23:59:59", "part_d.letter_after_oral"),
    ("medicare_advantage", "poststabilization", "", "2026-11-16 11:00:00", "ma.decide.poststabilization"),
    ("medicaid_managed_care", "poststabilization", "", "2026-11-16 11:00:00", "medicaid.decide.poststabilization"),
    # Medicaid and CHIP
    ("medicaid_managed_care", "standard_preservice", "", "2026-11-23 23:59:59", "medicaid.decide.standard"),
    ("medicaid_managed_care", "expedited_preservice", "", "2026-11-19 10:00:00", "medicaid.decide.expedited"),
    ("medicaid_managed_care", "covered_outpatient_drug", "", "2026-11-17 10:00:00", "medicaid.decide.outpatient_drug"),
    ("medicaid_managed_care", "appeal_standard", "", "2026-12-16 23:59:59", "medicaid.appeal.standard"),
    ("medicaid_managed_care", "appeal_expedited", "", "2026-11-19 10:00:00", "medicaid.appeal.expedited"),
    ("medicaid_managed_care", "extension_notice_appeal", "", "2026-11-18 23:59:59", "medicaid.letter_extension_appeal"),
    (
        "medicaid_managed_care",
        "expedite_refusal_written_notice",
        "",
        "2026-11-18 23:59:59",
        "medicaid.letter_expedite_refused",
    ),
    ("medicaid_managed_care", "grievance_standard", "", "2027-02-14 23:59:59", "medicaid.grievance"),
    ("medicaid_managed_care", "appeal_filing_window", "", "2027-01-15 23:59:59", "medicaid.file.appeal"),
    (
        "medicaid_managed_care",
        "benefit_continuation_request",
        "",
        "2026-11-26 23:59:59",
        "medicaid.file.benefit_continuation",
    ),
    ("medicaid_managed_care", "state_fair_hearing_filing", "", "2027-03-16 23:59:59", "medicaid.file.fair_hearing"),
    ("medicaid_ffs", "standard_preservice", "", "2026-11-23 23:59:59", "medicaid_ffs.decide.standard"),
    ("medicaid_ffs", "expedited_preservice", "", "2026-11-19 10:00:00", "medicaid_ffs.decide.expedited"),
    ("medicaid_ffs", "covered_outpatient_drug", "", "2026-11-17 10:00:00", "medicaid_ffs.decide.outpatient_drug"),
    ("medicaid_ffs", "state_fair_hearing_filing", "", "2027-02-14 23:59:59", "medicaid_ffs.file.fair_hearing"),
    ("chip_ffs", "standard_preservice", "", "2026-11-23 23:59:59", "chip.decide.standard"),
    (
        "medicaid_ffs",
        "benefit_continuation_request",
        "",
        "2026-11-26 23:59:59",
        "medicaid_ffs.file.benefit_continuation",
    ),
    ("chip_ffs", "expedited_preservice", "", "2026-11-19 10:00:00", "chip.decide.expedited"),
    ("chip_ffs", "appeal_standard", "", "2026-12-16 23:59:59", "chip.appeal.standard"),
    ("chip_ffs", "appeal_expedited", "", "2026-11-19 10:00:00", "chip.appeal.expedited"),
    ("chip_ffs", "external_review_standard", "", "2027-01-15 23:59:59", "chip.state_review"),
    ("chip_ffs", "external_review_expedited", "", "2026-11-19 10:00:00", "chip.state_review.expedited"),
    # ERISA
    ("erisa_group", "standard_preservice", "", "2026-12-01 23:59:59", "erisa.decide.preservice"),
    ("erisa_group", "expedited_preservice", "", "2026-11-19 10:00:00", "erisa.decide.urgent"),
    ("erisa_group", "concurrent_urgent", "", "2026-11-19 10:00:00", "erisa.decide.urgent_course_late"),
    ("erisa_group", "post_service", "", "2026-12-16 23:59:59", "erisa.decide.post_service"),
    ("erisa_group", "expedited_preservice_info_request", "", "2026-11-17 10:00:00", "erisa.ask.urgent"),
    ("erisa_group", "denial_notice_to_enrollee", "", "2026-11-19 23:59:59", "erisa.letter_after_oral"),
    ("erisa_group", "appeal_standard_preservice", "", "2026-12-16 23:59:59", "erisa.appeal.preservice"),
    ("erisa_group", "appeal_post_service", "", "2027-01-15 23:59:59", "erisa.appeal.post_service"),
    ("erisa_group", "appeal_expedited", "", "2026-11-19 10:00:00", "erisa.appeal.urgent"),
    ("erisa_group", "appeal_filing_window", "", "2027-05-15 23:59:59", "erisa.file.appeal"),
    ("erisa_group", "external_review_filing", "", "2027-03-16 23:59:59", "erisa.file.external_review"),
    ("erisa_group", "external_review_preliminary", "", "2026-11-23 23:59:59", "erisa.external_review.preliminary"),
    ("erisa_group", "external_review_iro_standard", "", "2026-12-31 23:59:59", "erisa.external_review.iro_standard"),
    ("erisa_group", "external_review_iro_expedited", "", "2026-11-19 10:00:00", "erisa.external_review.iro_expedited"),
    # insured coverage: the same clocks through 45 CFR 147.136
    ("commercial_state", "standard_preservice", "EX", "2026-12-01 23:59:59", "insured.decide.preservice"),
    ("commercial_state", "expedited_preservice", "EX", "2026-11-19 10:00:00", "insured.decide.urgent"),
    ("commercial_state", "post_service", "EX", "2026-12-16 23:59:59", "insured.decide.post_service"),
    ("commercial_state", "appeal_standard", "EX", "2026-12-16 23:59:59", "insured.appeal.preservice"),
    ("qhp_ffe", "standard_preservice", "", "2026-12-01 23:59:59", "insured.decide.preservice"),
    ("qhp_ffe", "drug_exception_standard", "", "2026-11-19 10:00:00", "qhp.decide.drug_exception.standard"),
    ("qhp_ffe", "drug_exception_expedited", "", "2026-11-17 10:00:00", "qhp.decide.drug_exception.expedited"),
    ("commercial_state", "concurrent_urgent", "EX", "2026-11-19 10:00:00", "insured.decide.urgent_course_late"),
    ("commercial_state", "expedited_preservice_info_request", "EX", "2026-11-17 10:00:00", "insured.ask.urgent"),
    ("commercial_state", "denial_notice_to_enrollee", "EX", "2026-11-19 23:59:59", "insured.letter_after_oral"),
    ("commercial_state", "appeal_post_service", "EX", "2027-01-15 23:59:59", "insured.appeal.post_service"),
    ("commercial_state", "appeal_expedited", "EX", "2026-11-19 10:00:00", "insured.appeal.urgent"),
    ("commercial_state", "appeal_filing_window", "EX", "2027-05-15 23:59:59", "insured.file.appeal"),
    ("qhp_ffe", "external_review_filing", "", "2027-03-16 23:59:59", "insured.file.external_review"),
    ("qhp_ffe", "external_review_preliminary", "", "2026-11-23 23:59:59", "insured.external_review.preliminary"),
    ("qhp_ffe", "external_review_iro_standard", "", "2026-12-31 23:59:59", "insured.external_review.iro_standard"),
    ("qhp_ffe", "external_review_iro_expedited", "", "2026-11-19 10:00:00", "insured.external_review.iro_expedited"),
    # states
    ("commercial_state", "standard_preservice", "CA", "2026-11-23 23:59:59", "ca.decide.standard"),
    ("commercial_state", "expedited_preservice", "CA", "2026-11-19 10:00:00", "ca.decide.urgent"),
    ("commercial_state", "post_service", "CA", "2026-12-16 23:59:59", "ca.decide.post_service"),
    ("commercial_state", "decision_notice_to_provider", "CA", "2026-11-17 10:00:00", "ca.tell_provider"),
    ("commercial_state", "denial_notice_to_enrollee", "CA", "2026-11-18 23:59:59", "ca.letter_denial"),
    ("commercial_state", "drug_pa_standard", "CA", "2026-11-19 10:00:00", "ca.decide.drug.standard"),
    ("commercial_state", "drug_pa_expedited", "CA", "2026-11-17 10:00:00", "ca.decide.drug.expedited"),
    ("commercial_state", "standard_preservice", "TX", "2026-11-19 23:59:59", "tx.decide.standard"),
    ("commercial_state", "poststabilization", "TX", "2026-11-16 11:00:00", "tx.decide.poststabilization"),
    ("commercial_state", "concurrent_urgent", "TX", "2026-11-17 10:00:00", "tx.decide.inpatient"),
    ("commercial_state", "post_service", "TX", "2026-12-16 23:59:59", "tx.decide.post_service"),
    ("commercial_state", "adverse_notice_hospitalized", "TX", "2026-11-17 23:59:59", "tx.letter_adverse.hospitalized"),
    (
        "commercial_state",
        "adverse_notice_not_hospitalized",
        "TX",
        "2026-11-19 23:59:59",
        "tx.letter_adverse.not_hospitalized",
    ),
    ("commercial_state", "standard_preservice", "NY", "2026-11-19 23:59:59", "ny.decide.standard"),
    ("commercial_state", "post_service", "NY", "2026-12-16 23:59:59", "ny.decide.post_service"),
    ("commercial_state", "inpatient_rehab_after_acute", "NY", "2026-11-17 23:59:59", "ny.decide.inpatient_rehab"),
    ("commercial_state", "concurrent_urgent", "NY", "2026-11-17 23:59:59", "ny.decide.concurrent"),
    ("commercial_state", "expedited_preservice", "NY", "2026-11-19 10:00:00", "insured.decide.urgent"),
    (
        "commercial_state",
        "step_therapy_override_standard",
        "NY",
        "2026-11-19 10:00:00",
        "ny.decide.step_therapy.standard",
    ),
    (
        "commercial_state",
        "step_therapy_override_expedited",
        "NY",
        "2026-11-17 10:00:00",
        "ny.decide.step_therapy.expedited",
    ),
    ("commercial_state", "appeal_expedited", "NY", "2026-11-18 23:59:59", "ny.appeal.expedited"),
    ("commercial_state", "external_review_filing", "NY", "2027-03-16 23:59:59", "ny.file.external_appeal"),
    ("commercial_state", "external_review_iro_standard", "NY", "2026-12-16 23:59:59", "ny.external_appeal.standard"),
    ("commercial_state", "external_review_iro_expedited", "NY", "2026-11-19 10:00:00", "ny.external_appeal.expedited"),
    # a request that did not follow the procedure: 29 CFR 2560.503-1(c)(1)(i)
    ("erisa_group", "wrongly_filed_preservice", "", "2026-11-21 23:59:59", "erisa.tell_wrongly_filed"),
    ("erisa_group", "wrongly_filed_urgent", "", "2026-11-17 10:00:00", "erisa.tell_wrongly_filed.urgent"),
    ("qhp_ffe", "wrongly_filed_preservice", "", "2026-11-21 23:59:59", "insured.tell_wrongly_filed"),
    ("commercial_state", "wrongly_filed_urgent", "TX", "2026-11-17 10:00:00", "insured.tell_wrongly_filed.urgent"),
    # Social Security Act 1905(gg)(3)
    ("medicaid_managed_care", "clinical_trial_coverage", "", "2026-11-19 10:00:00", "medicaid.decide.clinical_trial"),
    ("medicaid_ffs", "clinical_trial_coverage", "", "2026-11-19 10:00:00", "medicaid.decide.clinical_trial"),
    # 45 CFR 156.122(c)(3): the outside look at a refused drug has the times of the first one
    ("qhp_ffe", "drug_exception_external_standard", "", "2026-11-19 10:00:00", "qhp.drug_exception.external.standard"),
    ("qhp_ffe", "drug_exception_external_expedited", "", "2026-11-17 10:00:00", "qhp.drug_exception.external.expedited"),
    # review entities and hearings
    ("medicare_advantage", "external_review_iro_standard", "", "2026-12-16 23:59:59", "ire.decision"),
    ("medicare_advantage", "external_review_iro_expedited", "", "2026-11-19 10:00:00", "ire.decision.expedited"),
    ("medicare_part_d", "external_review_iro_standard", "", "2026-11-23 23:59:59", "ire.decision.part_d"),
    ("medicare_part_d", "external_review_iro_expedited", "", "2026-11-19 10:00:00", "ire.decision.expedited"),
    ("medicare_part_d", "external_review_iro_payment", "", "2026-11-30 23:59:59", "ire.decision.part_d.payment"),
    ("medicaid_ffs", "state_fair_hearing_decision", "", "2027-02-14 23:59:59", "medicaid.fair_hearing.decision"),
    ("medicare_part_d", "grievance_standard", "", "2026-12-16 23:59:59", "part_d.grievance.standard"),
    ("medicare_part_d", "grievance_expedited", "", "2026-11-17 10:00:00", "part_d.grievance.expedited"),
    # counted back from the day of the action
    ("medicaid_managed_care", "advance_notice_of_reduction", "", "2026-11-06 23:59:59", "medicaid.advance_notice"),
    ("commercial_state", "advance_notice_of_reduction", "TX", "2026-10-17 23:59:59", "tx.advance_notice.drug"),
    # letters and windows of states under a name of their own
    ("commercial_state", "delay_notice", "CA", "2026-11-16 10:00:00", "ca.letter_delay"),
    ("commercial_state", "adverse_notice_hospitalized_letter", "TX", "2026-11-19 23:59:59",
     "tx.letter_adverse.hospitalized.written"),
    ("commercial_state", "external_review_filing_provider", "NY", "2027-01-15 23:59:59",
     "ny.file.external_appeal.provider"),
    # N.Y. Ins. Law 4903(b), (c): by telephone as well as in writing
    ("commercial_state", "telephone_notice_to_enrollee", "NY", "2026-11-19 23:59:59", "ny.telephone.enrollee"),
    ("commercial_state", "telephone_notice_to_provider", "NY", "2026-11-19 23:59:59", "ny.telephone.provider"),
    ("commercial_state", "telephone_notice_urgent_to_enrollee", "NY", "2026-11-19 10:00:00",
     "ny.telephone.enrollee.urgent"),
    ("commercial_state", "telephone_notice_urgent_to_provider", "NY", "2026-11-19 10:00:00",
     "ny.telephone.provider.urgent"),
    ("commercial_state", "telephone_notice_concurrent", "NY", "2026-11-17 23:59:59", "ny.telephone.concurrent"),
    ("commercial_state", "telephone_notice_inpatient_rehab", "NY", "2026-11-17 23:59:59",
     "ny.telephone.inpatient_rehab"),
    ("commercial_state", "home_care_after_discharge", "NY", "2026-11-17 23:59:59", "ny.decide.home_care_after_discharge"),
]  # fmt: skip


@pytest.mark.parametrize(("business", "request_type", "state", "due", "answered_by"), TABLE, ids=str)
def test_each_row_answers_with_its_own_time(business, request_type, state, due, answered_by):
    reading = read(business, request_type, MON, state=state)
    assert (local(reading), reading.rule_id) == (due, answered_by)
    assert reading.citation


BESIDE = {
    "erisa.decide.urgent_course": "2026-11-17 10:00:00",
    "insured.decide.urgent_course": "2026-11-17 10:00:00",
    "erisa.appeal.preservice.two_levels": "2026-12-01 23:59:59",
    "insured.appeal.preservice.two_levels": "2026-12-01 23:59:59",
    "erisa.appeal.post_service.two_levels": "2026-12-16 23:59:59",
    "insured.appeal.post_service.two_levels": "2026-12-16 23:59:59",
    "erisa.external_review.preliminary_notice": "2026-11-17 23:59:59",
    "insured.external_review.preliminary_notice": "2026-11-17 23:59:59",
    "ma.ask.expedited.noncontract": "2026-11-17 10:00:00",
    "ma.tell_provider.expedited": "2026-11-19 10:00:00",
    "plan.peer_to_peer_window.before_decision": "2026-11-17 23:59:59",
    "tx.peer_to_peer_window": "2026-11-17 23:59:59",
    "tx.peer_to_peer_window.retrospective": "2026-11-23 23:59:59",
    "ny.peer_to_peer_reconsideration": "2026-11-17 23:59:59",
    "plan.tell_provider": "2026-11-17 23:59:59",
    "ncqa.decide.urgent": "2026-11-19 10:00:00",
    "ncqa.decide.urgent_concurrent": "2026-11-17 10:00:00",
    "ncqa.decide.urgent_concurrent.public": "2026-11-19 10:00:00",
    "ncqa.decide.post_service": "2026-12-16 23:59:59",
    "urac.decide.preservice": "2026-12-01 23:59:59",
    "urac.decide.urgent": "2026-11-19 10:00:00",
    "urac.decide.post_service": "2026-12-16 23:59:59",
    "ny.external_appeal.decision": "2026-12-16 23:59:59",
    "ny.external_appeal.decision.expedited": "2026-11-19 10:00:00",
    "ca.imr.decision": "2026-12-16 23:59:59",
    "ca.imr.decision.expedited": "2026-11-19 23:59:59",
    **dict.fromkeys(["ca.imr.file", "ny.external_appeal.file", "tx.iro.file"], "2026-11-19 23:59:59"),
    **dict.fromkeys(
        ["ca.imr.file.expedited", "ny.external_appeal.file.expedited", "tx.iro.file.expedited"], "2026-11-17 10:00:00"
    ),
    "integrated.fair_hearing.decision.expedited": "2026-11-19 23:59:59",
    "medicaid.fair_hearing.decision.expedited": "2026-11-19 23:59:59",
    "tx.file.specialty_review": "2026-12-01 23:59:59",
    "tx.appeal.specialty_review": "2026-12-08 23:59:59",
    "tx.iro.decision": "2026-12-06 23:59:59",
    "tx.iro.decision.expedited": "2026-11-19 23:59:59",
    "ny.decide.home_care_after_discharge.weekend": "2026-11-19 10:00:00",
}
"""Rows that no bare question names: they hold under a condition, run beside another row, or start with a later event."""


@pytest.mark.parametrize(("name", "due"), BESIDE.items())
def test_each_row_beside_another_has_its_own_time(name, due):
    row = max((row for row in BOOK if row.id == name), key=lambda row: row.version)
    start = fact(row.starts, MON, reason=row.starts_reason)
    assert local(compute(row, [fact("received", MON), start], EASTERN)) == due


def test_every_row_of_law_that_can_be_asked_for_is_in_a_table():
    asked = {row.id for row in BOOK if row.asked_as and row.force == "law"}
    assert asked - {answered_by for *_, answered_by in TABLE} - set(BESIDE) == set()


def test_insured_coverage_has_the_same_times_as_erisa_under_its_own_citation():
    for row in BOOK:
        if row.id.startswith("erisa."):
            twin = BOOK.rule(row.id.replace("erisa.", "insured."), row.version)
            assert (twin.limit, twin.stops, twin.starts, twin.request_type) == (
                row.limit,
                row.stops,
                row.starts,
                row.request_type,
            )
            assert "45 CFR 147.136" in twin.law


def test_every_row_names_its_law_and_its_source():
    assert [row.id for row in BOOK if not row.law or not row.source or not row.title] == []


def test_a_row_that_ends_with_its_own_start_is_refused():
    row = rows_of((PACKS / "medicare_part_d.yaml").read_text("utf-8"))[0]
    with pytest.raises(InvalidRule, match=r"part_d.decide.standard: received starts the time and stops it"):
        rule_from_row({**row, "stops": ["received"]})
