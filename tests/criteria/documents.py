"""Small guideline documents for the tests, and the ones of the policy pack."""

from functools import cache
from pathlib import Path

from openum.criteria.document import parse_guideline
from openum.criteria.guideline import Guideline
from openum.criteria.program import Program, compile_guideline

POLICIES = Path(__file__).parents[2] / "policies"
LIBRARIES = {file.stem: file.read_text("utf-8") for file in (POLICIES / "guidelines/libraries").glob("*.cql")}

SMALL = """---
id: WALK
version: v1
status: published
title: {en: Walking aid, es: Ayuda para caminar}
summary: {en: When a walking aid helps., es: Cuándo ayuda un bastón.}
effective: {from: 2030-01-01, to: 2031-01-01}
owner: Committee
scope:
  services: [HCPCS|E0100]
  lines_of_business: [medicare_advantage]
  ages: {from: 18}
  fully_established_by:
    - {authority: LCD L00000, kind: LCD, states: [WA], verified: no}
authority:
  - {kind: plan-policy, reference: Committee, section: part 1, verified: yes}
sources:
  - {title: A source, section: part 1, verified: no}
answers:
  walk.needs-help:
    kind: yes-no
    label: {en: Needs help, es: Necesita ayuda}
  walk.fell:
    kind: yes-no
    label: {en: Fell, es: Se cayó}
value_sets:
  Falls:
    - ICD10|R29.6
---

# Walking aid

For people who fall.

```cql
library WALK version '1'

using FHIR version '4.0.1'

include FHIRHelpers version '4.0.1' called FHIRHelpers
include Record version '1' called Record

valueset "Falls": 'urn:openum:value-set:Falls'

context Patient

define "Needs Help": Record.Judge(Record.Said('walk.needs-help'), not Record.Said('walk.needs-help'))
define "Fell": Record.Judge(exists ([Condition: "Falls"]), not Record.Said('walk.fell'))
```

```criteria
any:
  - key: "1"
    definition: Needs Help
    question: {en: "Is help needed to walk?", es: "¿Necesita ayuda para caminar?"}
    plain: {en: "Do you need help?", es: "¿Necesita ayuda?"}
    to_satisfy: {en: A statement., es: Una declaración.}
    answers: [walk.needs-help]
    documents: [clinical-note]
    missing:
      - {element: QuestionnaireResponse.item, note: the answer walk.needs-help}
  - key: "2"
    definition: Fell
    question: {en: "Did the person fall?", es: "¿Se cayó la persona?"}
    plain: {en: "Did you fall?", es: "¿Se cayó?"}
    to_satisfy: {en: A diagnosis., es: Un diagnóstico.}
    answers: [walk.fell]
    documents: [clinical-note]
    missing:
      - {element: Condition.code, note: a coded fall}
```

## Test patients

```patients
- name: Needs help
  request_date: 2030-05-01
  answers: {walk.needs-help: yes}
  expect: {overall: met, "1": met, "2": unknown}
  names: {"2": Condition.code}
- name: Fell
  request_date: 2030-05-01
  record:
    - {id: fall, condition: ICD10|R29.6, onset: 2030-04-01, status: active}
  answers: {walk.needs-help: no}
  expect: {overall: met, "1": not_met, "2": met}
- name: Fell and nobody said more
  like: Fell
  answers: {walk.needs-help: ~}
  expect: {"1": unknown}
- name: Said not to fall
  like: Needs help
  answers: {walk.needs-help: ~, walk.fell: no}
  expect: {overall: unknown, "1": unknown, "2": not_met}
```
"""


def policy_text(name: str) -> str:
    """Return a guideline document of the policy pack."""
    return (POLICIES / "guidelines" / name).read_text("utf-8")


@cache
def policy(name: str) -> Guideline:
    """Return a parsed guideline of the policy pack."""
    return parse_guideline(policy_text(name), file=name, libraries=LIBRARIES)


@cache
def program(name: str) -> Program:
    """Return a compiled guideline of the policy pack."""
    return compile_guideline(policy(name), file=name)
