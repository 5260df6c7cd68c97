"""A guideline with every kind of group, every kind of question and a question that the record fills."""

from functools import cache

from openum.criteria.document import parse_guideline
from openum.criteria.guideline import Guideline
from openum.criteria.program import Program, compile_guideline


def _leaf(key: str, definition: str, question: str, answers: str = "", element: str = "Condition.code") -> str:
    listed = f"answers: [{answers}], " if answers else ""
    return (
        f'{{key: "{key}", definition: {definition}, question: {{en: "{question}", es: "¿Pregunta {key}?"}}, '
        f'plain: {{en: "Is it so, {key}?", es: "¿Es así, {key}?"}}, '
        f"to_satisfy: {{en: A note about {key}., es: Una nota sobre {key}.}}, {listed}documents: [clinical-note], "
        f"missing: [{{element: {element}, note: a coded fact}}]}}"
    )


ROUND = f"""---
id: ROUND
version: v1
status: published
title: {{en: A round thing, es: Una cosa redonda}}
summary: {{en: When a round thing helps., es: Cuándo ayuda una cosa redonda.}}
effective: {{from: 2030-01-01, to: 2031-01-01}}
owner: Committee
scope:
  services: [HCPCS|E9998, HCPCS|E9999]
  lines_of_business: [medicare_advantage, erisa_group]
  ages: {{from: 18}}
  fully_established_by:
    - {{authority: LCD L00000, kind: LCD, states: [WA], verified: no}}
authority:
  - {{kind: NCD, reference: NCD 1.1, section: B, verified: yes}}
sources:
  - {{title: A source, section: part 1, url: "https://example.org/source", verified: no}}
answers:
  round.fell:
    kind: yes-no
    label: {{en: The person fell, es: La persona se cayó}}
  round.began:
    kind: date
    label: {{en: It began on, es: Empezó el}}
    prefill: Began On Record
  round.weeks:
    kind: number
    unit: weeks
    label: {{en: Weeks of care, es: Semanas de tratamiento}}
    prefill: Weeks On Record
  round.score:
    kind: number
    label: {{en: Score, es: Puntuación}}
  round.step:
    kind: choice
    label: {{en: Next step, es: Próximo paso}}
    options:
      operation: {{en: Operation, es: Operación}}
      none: {{en: None, es: Ninguno}}
    prefill: Step On Record
  round.words:
    kind: text
    label: {{en: Anything else, es: Algo más}}
value_sets:
  Falls: {{version: "2029-10", source: A public list, codes: [ICD10|R29.6 W19.XXXA]}}
---

# A round thing

It rolls. **Strong** words stand here.

## Who this is for

- Adults

```cql
library ROUND version '7'

using FHIR version '4.0.1'

include FHIRHelpers version '4.0.1' called FHIRHelpers
include Record version '1' called Record

valueset "Falls": 'urn:openum:value-set:Falls'

parameter "Request Date" Date

context Patient

define "Six Weeks Ago": "Request Date" - 42 days

define "Falls On Record": [Condition: "Falls"]

define "Began On Record": Min("Falls On Record" C return Record.Began(C))

define "Weeks On Record": weeks between "Began On Record" and "Request Date"

define "Step On Record": if exists "Falls On Record" then 'operation' else null as String

define "Fell":
  Record.Judge(Record.Said('round.fell') or exists "Falls On Record", not Record.Said('round.fell'))

define "Long Ago":
  Record.LastedAsSaid(Record.DaysSaid('round.began'), "Six Weeks Ago")

define "Enough Care":
  Record.Judge(
    exists (Record.NumbersSaid('round.weeks') N where N >= 6),
    exists (Record.NumbersSaid('round.weeks') N where N < 6))

define "High Score":
  Record.Judge(
    exists (Record.NumbersSaid('round.score') N where N > 2.5),
    exists (Record.NumbersSaid('round.score') N where N <= 2.5))

define "Step Planned":
  Record.Judge('operation' in Record.Chosen('round.step'), 'none' in Record.Chosen('round.step'))

define "Some Words":
  if exists Record.Answers('round.words') then true else null as Boolean
```

```criteria
all:
  - {_leaf("1", "Long Ago", "Did it begin six weeks ago?", "round.began")}
  - key: "2"
    label: {{en: Care or a fall, es: Tratamiento o caída}}
    any:
      - {_leaf("2a", "Enough Care", "Was there care?", "round.weeks")}
      - {_leaf("2b", "Fell", "Was there a fall?", "round.fell")}
  - key: "3"
    label: {{en: Two signs, es: Dos señales}}
    at_least:
      count: 2
      of:
        - {_leaf("3a", "High Score", "Is the score high?", "round.score", "Observation.value")}
        - {_leaf("3b", "Step Planned", "Is a step planned?", "round.step")}
        - {_leaf("3c", "Fell", "Did the person fall again?")}
  - key: "4"
    label: {{en: Nothing speaks against it, es: Nada habla en contra}}
    not: {_leaf("4a", "Some Words", "Is there a reason against it?", "round.words")}
```

```patients
- name: Everything is there
  request_date: 2030-03-01
  answers: {{round.began: 2029-12-01, round.fell: yes, round.step: operation}}
  expect: {{overall: unknown, "1": met, 2a: unknown, 2b: met, 3a: unknown, 3b: met, 3c: met, 4a: unknown}}
```
"""


@cache
def guideline(*changes: tuple[str, str]) -> Guideline:
    """Return the guideline, with texts replaced."""
    from tests.criteria.documents import LIBRARIES

    text = ROUND
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return parse_guideline(text, file="round.md", libraries=LIBRARIES)


@cache
def program() -> Program:
    """Return the compiled guideline."""
    return compile_guideline(guideline(), file="round.md")
