"""Numbers and definitions as a person reads them."""

from openum.criteria.faces.logic import definitions_of, functions_of, rests_on, thresholds_by_leaf
from openum.criteria.faces.policy import told
from tests.criteria.faces.documents import guideline

CQL = """library A version '1.5'
using FHIR version '4.0.1'
parameter "P" Integer default 3
// define "Commented": 5 > 4
define "One": Count([Condition]) >= 2 /* or 7 */
define function Twice(days List<Tuple { a Integer, b Integer }>, most Integer): most * 2
define "Two": "One" and Twice({}, 9) < 18 and @2020-01-05 < Today() - 3 months
define "Most": 36
define Plain: 1 'mg' < 2 'mg' or 'text with 99' = 'x'
"""


def test_definitions_are_read_with_their_bodies_and_parameters():
    found = definitions_of(CQL)
    assert list(found) == ["One", "Twice", "Two", "Most", "Plain"]
    assert found["Twice"].parameters == ("days", "most")
    assert found["One"].line == 5
    assert not found["One"].is_function


def test_what_a_definition_rests_on_is_found_through_others():
    assert rests_on("Two", definitions_of(CQL)) == ["Two", "One", "Twice"]


def test_numbers_are_read_with_comparison_unit_and_the_name_of_the_argument():
    from openum.criteria.faces.logic import thresholds_of

    found = definitions_of(CQL)
    names = {"Twice": found["Twice"].parameters}
    two = [(t.sign, t.argument, t.value, t.unit) for t in thresholds_of(found["Two"], names)]
    assert two == [("", "most", "9", ""), ("<", "", "18", ""), ("", "", "3", "months")]
    assert [(t.sign, t.value, t.unit) for t in thresholds_of(found["Plain"], names)] == [
        ("", "1", "mg"),
        ("<", "2", "mg"),
    ]
    assert [t.value for t in thresholds_of(found["Most"], {})] == ["36"]
    assert [(t.value, t.place, CQL[t.start : t.end]) for t in thresholds_of(found["One"], {})] == [("2", 0, "2")]


def test_thresholds_stand_with_the_criterion_they_decide():
    by_leaf = thresholds_by_leaf(guideline())
    assert [told(t) for t in by_leaf["1"]] == ["Six Weeks Ago: 42 days"]
    assert [told(t) for t in by_leaf["2a"]] == ["Enough Care: at least 6", "Enough Care: less than 6"]
    assert [told(t) for t in by_leaf["3a"]] == ["High Score: more than 2.5", "High Score: at most 2.5"]
    assert by_leaf["4a"] == []
    assert functions_of(guideline())["VisitsSpan"] == ("days", "visits", "length")
