"""Questionnaire/$log-questionnaire-errors: what a client found wrong with a form, kept for the people who mend it."""

from datetime import datetime
from typing import Any

from openum.accounts.models import ApiClient
from openum.adapters.fhir.dtr.parameters import as_parameters, resources, values
from openum.adapters.fhir.dtr.shelf import Shelf
from openum.adapters.fhir.elements import rows
from openum.adapters.fhir.outcome import Issue, MessageRefused
from openum.db.text import clean
from openum.forms.services import keep_fault

Json = dict[str, Any]

MOST_FAULTS = 20
_NEEDS = "Send Parameters with “questionnaire” (its canonical) and “operationOutcome” (the OperationOutcome)."


def log_errors(data: object, shelf: Shelf, *, client: ApiClient, at: datetime) -> list[Issue]:
    """Keep each OperationOutcome with the form it is about; say how many were kept.

    The names of the OperationDefinition of 2.0.1 (Questionnaire, OperationOutcome) are taken as well.

    Raises:
        MessageRefused: 400, no questionnaire or no usable OperationOutcome.
    """
    parameters = as_parameters(data, needs=_NEEDS)
    forms = [clean(one)[:1000] for one in values(parameters, "questionnaire", "Questionnaire")]
    outcomes = [
        one
        for one in resources(parameters, "operationOutcome", "OperationOutcome", "outcome")
        if one["resourceType"] == "OperationOutcome" and list(rows(one.get("issue")))
    ]
    if not forms:
        raise _refused("questionnaire", "The form is not named.")
    if not outcomes:
        raise _refused("operationOutcome", "There is no OperationOutcome with an issue.")
    if len(outcomes) > MOST_FAULTS:
        raise MessageRefused(
            Issue(code="too-long", path="Parameters.parameter", text=f"More than {MOST_FAULTS} outcomes were sent.",
                  cure="Send them in several calls.")
        )  # fmt: skip
    for number, outcome in enumerate(outcomes):
        form = forms[min(number, len(forms) - 1)]
        is_ours = shelf.find("Questionnaire", form) is not None
        keep_fault(client=client, form=form, is_ours=is_ours, outcome=outcome, at=at)
    words = f"{len(outcomes)} noted. The people who keep the form see it."
    return [Issue(severity="information", code="informational", text=words)]


def _refused(name: str, words: str) -> MessageRefused:
    return MessageRefused(Issue(code="required", path=f"Parameters.parameter({name})", text=words, cure=_NEEDS))
