"""The two served versions of the PAS guide. Everything that differs between them is a field here.

The guide asks for a distinct endpoint for each incompatible version, so each has its own base path.
"""

from dataclasses import dataclass
from typing import Any

from openum.adapters.fhir.codes import URI_IDENTIFIER


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of the guide.

    Attributes:
        guide: the published version.
        base: path segment under /fhir/.
        pended_outcome: ClaimResponse.outcome while every line is pended; 2.2.1 no longer allows `queued`.
        requires_item_types: items carry request and certification type (warned about when absent).
        structured_error_element: errorElement is complex (2.2.1) or a string (2.0.1).
        inquiry_answers_parameters: $inquire answers Parameters with `return`, or one Bundle.
        line_number_in_payload: CommunicationRequest carries the line number on its payload (2.0.1) or on top.
        line_number_extension, line_number_type: how a Task input names its line.
        form_input: type of the Task input that asks for a form.
        has_response_extensions: transmission identifiers, reviewer, and what 2.2.1 adds to items exist.
        subscription_contents: payload contents a Subscription may ask for; the first is meant when it is silent.
        notifies_with_bundle: a full notification carries the whole response Bundle (2.2.1), else its resources.
    """

    guide: str
    base: str
    pended_outcome: str
    requires_item_types: bool
    structured_error_element: bool
    inquiry_answers_parameters: bool
    line_number_in_payload: bool
    line_number_extension: str
    line_number_type: str
    form_input: str
    has_response_extensions: bool
    subscription_contents: tuple[str, ...]
    notifies_with_bundle: bool

    def form_context(self, name: str) -> dict[str, Any]:
        """Return the value of the Task input that asks for a form: the context that `$questionnaire-package` takes."""
        if self.form_input == "questionnaire-context":
            return {"valueString": name}
        return {"valueIdentifier": {"system": URI_IDENTIFIER, "value": name}}


V2_0 = Version(
    guide="2.0.1",
    base="2.0",
    pended_outcome="queued",
    requires_item_types=False,
    structured_error_element=False,
    inquiry_answers_parameters=False,
    line_number_in_payload=True,
    line_number_extension="extension-paLineNumber",
    line_number_type="valueInteger",
    form_input="questionnaires-needed",
    has_response_extensions=False,
    subscription_contents=("id-only", "full-resource", "empty"),
    notifies_with_bundle=False,
)
V2_2 = Version(
    guide="2.2.1",
    base="2.2",
    pended_outcome="complete",
    requires_item_types=True,
    structured_error_element=True,
    inquiry_answers_parameters=True,
    line_number_in_payload=False,
    line_number_extension="extension-serviceLineNumber",
    line_number_type="valuePositiveInt",
    form_input="questionnaire-context",
    has_response_extensions=True,
    subscription_contents=("full-resource",),
    notifies_with_bundle=True,
)
VERSIONS = {version.base: version for version in (V2_0, V2_2)}
