"""The two served versions of the DTR guide. Everything that differs between them is a field here."""

from dataclasses import dataclass

DTR = "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/"
CRD_CODES = "http://hl7.org/fhir/us/davinci-crd/CodeSystem/"


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of the guide.

    Attributes:
        guide: the published version.
        base: path segment under /fhir/.
        package_name, outcome_name: names of the output parameters of $questionnaire-package. 2.0.1 contradicts itself;
            the names are those of its profile.
        one_coverage: the input holds exactly one coverage.
        takes_referenced: the input may hold what the orders refer to.
        has_coverage_extension: a response names its coverage by an extension of its own, else as context.
        tells_who_filled: an automatic answer says whether the payer or the client filled it in.
        purpose_system: the code system of what a response is for.
        pins_libraries: references to libraries carry the version. The 2.0.1 test kit compares them with Library.url
            letter by letter.
        has_facts_of_use: a Questionnaire says for whom it is, how long it takes, and how its versions are compared.
        leaves_large_sets: value sets of 40 codes and more come without their expansion; ValueSet/$expand gives it.
        next_question_keeps_shape: $next-question answers Parameters where Parameters were sent.
        draft_needs_items: a response holds at least one item, so that the draft of an adaptive form begins with its
            first questions.
        nests_adaptive_url: a contained adaptive form keeps its address beside `derivedFrom`.
    """

    guide: str
    base: str
    package_name: str
    outcome_name: str
    one_coverage: bool
    takes_referenced: bool
    has_coverage_extension: bool
    tells_who_filled: bool
    purpose_system: str
    pins_libraries: bool
    has_facts_of_use: bool
    leaves_large_sets: bool
    next_question_keeps_shape: bool
    draft_needs_items: bool
    nests_adaptive_url: bool


V2_0 = Version(
    guide="2.0.1",
    base="2.0",
    package_name="PackageBundle",
    outcome_name="operationOutcome",
    one_coverage=False,
    takes_referenced=True,
    has_coverage_extension=False,
    tells_who_filled=False,
    purpose_system=f"{CRD_CODES}temp",
    pins_libraries=False,
    has_facts_of_use=False,
    leaves_large_sets=False,
    next_question_keeps_shape=False,
    draft_needs_items=True,
    nests_adaptive_url=False,
)
V2_2 = Version(
    guide="2.2.0",
    base="2.2",
    package_name="packagebundle",
    outcome_name="outcome",
    one_coverage=True,
    takes_referenced=False,
    has_coverage_extension=True,
    tells_who_filled=True,
    purpose_system=f"{CRD_CODES}coverage-information-codes",
    pins_libraries=True,
    has_facts_of_use=True,
    leaves_large_sets=True,
    next_question_keeps_shape=True,
    draft_needs_items=False,
    nests_adaptive_url=True,
)
VERSIONS = {version.base: version for version in (V2_0, V2_2)}
