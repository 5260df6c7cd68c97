"""The served versions of the CRD guide. Everything that differs between them is a field here."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of the guide.

    Attributes:
        guide: the published version.
        base: path segment under /crd/.
        knows_indeterminate: what could not be looked up is `indeterminate` (2.2) or `conditional` (2.0).
        splits_documents: doc-needed repeats (2.2) or says `both` (2.0).
        asks_for_detail_code: info-needed knows detail-code (2.2); 2.0 says OTH with that reason.
        has_detail_category, has_expiry: sub-extensions that 2.2 added.
        has_response: the answers to forms may be named (2.0 only).
        knows_what_if: the option `unsolicited-determ` (2.2) switches off what was approved for another request.
        knows_urls: the value of a detail may be a url (2.2).
        contact_is_detail: contact is a ContactDetail (2.2) or a ContactPoint (2.0).
        listed_reasons: codes of the value set of reasons.
        detail_codes: codes of the value set of details.
        negotiates: versions told in the discovery for negotiation; empty: none.
        dispatches_many: order-dispatch names `dispatchedOrders` (2.2) or `order` (2.0); both are read.
        checks_payor: a payor that is known not to be this plan is refused.
        prefetches_by_path: prefetch templates are FHIRPath with back references.
        topics: the code system of kinds of cards.
        task_profile: the profile of a Task that asks for a form.
        tells_what_follows: such a Task says what the filled form goes with (2.0).
    """

    guide: str
    base: str
    knows_indeterminate: bool
    splits_documents: bool
    asks_for_detail_code: bool
    has_detail_category: bool
    has_expiry: bool
    has_response: bool
    knows_what_if: bool
    knows_urls: bool
    contact_is_detail: bool
    listed_reasons: frozenset[str]
    detail_codes: frozenset[str]
    negotiates: tuple[str, ...]
    dispatches_many: bool
    checks_payor: bool
    prefetches_by_path: bool
    topics: str
    task_profile: str
    tells_what_follows: bool


_DETAILS = frozenset({
    "allowed-quantity", "allowed-period", "in-network-copay", "out-network-copay", "concurrent-review",
    "appropriate-use-needed",
})  # fmt: skip
V2_0 = Version(
    guide="2.0.1",
    base="2.0",
    knows_indeterminate=False,
    splits_documents=False,
    asks_for_detail_code=False,
    has_detail_category=False,
    has_expiry=False,
    has_response=True,
    knows_what_if=False,
    knows_urls=False,
    contact_is_detail=False,
    listed_reasons=frozenset({"gold-card", "detail-code"}),
    detail_codes=_DETAILS | {"auth-out-network-only"},
    negotiates=(),
    dispatches_many=False,
    checks_payor=False,
    prefetches_by_path=False,
    topics="http://hl7.org/fhir/us/davinci-crd/CodeSystem/temp",
    task_profile="http://hl7.org/fhir/us/davinci-crd/StructureDefinition/profile-taskquestionnaire",
    tells_what_follows=True,
)
V2_2 = Version(
    guide="2.2.1",
    base="2.2",
    knows_indeterminate=True,
    splits_documents=True,
    asks_for_detail_code=True,
    has_detail_category=True,
    has_expiry=True,
    has_response=False,
    knows_what_if=True,
    knows_urls=True,
    contact_is_detail=True,
    listed_reasons=frozenset({
        "gold-card", "no-member-found", "no-active-coverage", "coverage-not-found", "auth-out-network", "technical",
    }),
    detail_codes=_DETAILS | {"policy-link", "instructions"},
    negotiates=("2.1", "2.2"),
    dispatches_many=True,
    checks_payor=True,
    prefetches_by_path=True,
    topics="http://terminology.hl7.org/CodeSystem/cdshooks-card-type",
    task_profile="http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-task",
    tells_what_follows=False,
)  # fmt: skip
VERSIONS = {version.base: version for version in (V2_0, V2_2)}
