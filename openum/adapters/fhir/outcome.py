"""Refusals of a message, and the FHIR OperationOutcome that carries them.

A refusal says where (a FHIRPath expression), what is so and how to mend it. It never quotes the message's
values: an outcome may be logged by either side.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from openum.vocabulary.errors import Invalid

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One issue of an OperationOutcome; `code` is from http://hl7.org/fhir/issue-type."""

    code: str
    text: str
    cure: str = ""
    path: str = ""
    severity: str = "error"

    def as_fhir(self) -> Json:
        """Write the issue as FHIR: details.text says what is so, diagnostics how to mend it."""
        issue: Json = {"severity": self.severity, "code": self.code, "details": {"text": self.text}}
        if self.cure:
            issue["diagnostics"] = self.cure
        if self.path:
            issue["expression"] = [self.path]
        return issue


class MessageRefused(Invalid):
    """The message is structurally unusable: no request can be made of it (HTTP 4xx with OperationOutcome).

    Args:
        issue: where, what, and how to mend it.
        http_status: 400 broken structure, 405 method, 413 too large, 415 content type.
    """

    code: ClassVar[str] = "message-refused"

    def __init__(self, issue: Issue, *, http_status: int = 400) -> None:
        """Keep the issue beside the sentence."""
        super().__init__(issue.text)
        self.issue = issue
        self.http_status = http_status


def operation_outcome(issues: Iterable[Issue]) -> Json:
    """Return one OperationOutcome with at least one issue."""
    return {"resourceType": "OperationOutcome", "issue": [issue.as_fhir() for issue in issues]}
