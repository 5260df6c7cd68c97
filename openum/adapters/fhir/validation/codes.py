"""Whether a coded value is in a value set whose codes are all known."""

from typing import Any

from openum.adapters.fhir.validation.table import Codes


def is_member(value: Any, type_name: str, codes: Codes) -> bool | None:
    """Say whether a code, Coding, CodeableConcept or Quantity uses the value set; None when it names no code.

    A CodeableConcept needs one coding of the set (FHIR R4 §4.1.5); one that only has text is told by None, since an
    extension may say why there is no code.
    """
    if type_name == "CodeableConcept":
        codings = value.get("coding") if isinstance(value, dict) else None
        if not isinstance(codings, list) or not codings:
            return None
        answers = [is_member(one, "Coding", codes) for one in codings]
        return None if all(answer is None for answer in answers) else any(answers)
    if isinstance(value, dict):
        code, system = value.get("code"), value.get("system")
        if not isinstance(code, str):
            return None
        return (system, code) in codes.pairs if isinstance(system, str) else False
    return value in codes.plain if isinstance(value, str) else None
