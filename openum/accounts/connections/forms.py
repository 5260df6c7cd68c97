"""Forms of the registration pages."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.accounts.connections.keys import PublicKey, read_key_set
from openum.accounts.connections.queries import organizations_open_to, plans_open_to
from openum.accounts.connections.scopes import OFFERED, for_registration
from openum.accounts.connections.services import Wish
from openum.accounts.models import Organization, Plan, User
from openum.design.controls import SELECT, TEXT
from openum.design.forms import NamedForm
from openum.vocabulary.errors import OpenUMError

MAKE, PASTE, ADDRESS = "make", "paste", "address"
_SOURCES = [
    (PASTE, _("I paste its public keys")),
    (ADDRESS, _("Its public keys are read from its own address")),
    (MAKE, _("Make a pair for me (sandbox plans only)")),
]
_MEANINGS: dict[str, str | Promise] = {
    "Claim": _("send requests and ask how they stand"),
    "ClaimResponse": _("read answers"),
    "Subscription": _("be told of decisions"),
    "Task": _("read what is still asked for"),
    "CommunicationRequest": _("read requests for documents"),
    "Communication": _("read letters to providers"),
    "DocumentReference": _("send documents"),
    "Questionnaire": _("fetch forms"),
    "QuestionnaireResponse": _("read drafts of forms"),
    "Library": _("fetch the logic of forms"),
    "ValueSet": _("fetch the codes of forms"),
}
"""What each offered scope is for, by its kind of resource."""


def _scope_choices() -> list[tuple[str, Any]]:
    return [(str(scope), _MEANINGS[scope.kind]) for scope in OFFERED]


class KeysField(forms.CharField):
    """Pasted public keys."""

    def __init__(self, **facts: Any) -> None:
        """Be a wide field."""
        facts.setdefault("widget", forms.Textarea(attrs=TEXT | {"rows": 5, "spellcheck": "false"}))
        super().__init__(**facts)

    def clean(self, value: Any) -> list[PublicKey]:
        """Return the keys, or say what is wrong with them."""
        text = super().clean(value)
        if not text:
            return []
        try:
            return read_key_set(text)
        except OpenUMError as refusal:
            raise forms.ValidationError(refusal.sentence) from None


class RegisterForm(forms.Form):
    """A new client: for which plan and organization, with which keys, to do what."""

    name = forms.CharField(
        label=_("Name of the system"), max_length=100, widget=forms.TextInput(attrs=TEXT),
        help_text=_("As people of the plan will read it, for example: Bayline record system, production."),
    )  # fmt: skip
    plan = forms.ChoiceField(label=_("Plan"), widget=forms.Select(attrs=SELECT))
    organization = forms.ChoiceField(
        label=_("Organization it acts for"), required=False, widget=forms.Select(attrs=SELECT),
        help_text=_("It sees the requests of this organization only. A sandbox client may act for itself alone."),
    )  # fmt: skip
    source = forms.ChoiceField(
        label=_("How it proves who it is"), choices=_SOURCES, initial=PASTE, widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )  # fmt: skip
    keys = KeysField(
        label=_("Public keys"), required=False,
        help_text=_("A JSON Web Key Set with keys for ES384 or RS384. Never paste a private key."),
    )  # fmt: skip
    jwks_url = forms.CharField(
        label=_("Address of its public keys"), required=False, max_length=500, widget=forms.TextInput(attrs=TEXT | {"inputmode": "url"}),
    )  # fmt: skip
    issuer = forms.CharField(
        label=_("Issuer of its CDS Hooks calls"), required=False, max_length=300, widget=forms.TextInput(attrs=TEXT),
        help_text=_("What its signed calls say in “iss”, usually its own address."),
    )  # fmt: skip
    issuer_tenant = forms.CharField(
        label=_("Tenant"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT),
        help_text=_("What its signed calls say in “tenant”, if one issuer serves several organizations."),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=_scope_choices, initial=[str(scope) for scope in OFFERED],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the plans and organizations that a person registers clients for."""
        super().__init__(*args, **kwargs)
        self.plans = {str(plan.public_id): plan for plan in plans_open_to(user)}
        self.organizations = {str(one.public_id): one for one in organizations_open_to(user)}
        self._offer("plan", [(key, plan.name) for key, plan in self.plans.items()])
        names = [(key, one.name) for key, one in self.organizations.items()]
        self._offer("organization", [("", _("none: itself alone")), *names])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen proof takes."""
        facts = super().clean() or {}
        source = facts.get("source")
        if source == PASTE and not facts.get("keys") and "keys" not in self.errors:
            self.add_error("keys", _("Paste the public keys, or choose another way above."))
        if source == ADDRESS and not facts.get("jwks_url"):
            self.add_error("jwks_url", _("Give the address, or choose another way above."))
        return facts

    @property
    def plan_chosen(self) -> Plan:
        """The plan."""
        return self.plans[self.cleaned_data["plan"]]

    @property
    def organization_chosen(self) -> Organization | None:
        """The organization, if one was chosen."""
        return self.organizations.get(self.cleaned_data["organization"])

    def wish(self, made: PublicKey | None) -> Wish:
        """Return what is to be registered; `made` is the public half of a pair that was made for it."""
        facts = self.cleaned_data
        return Wish(
            name=facts["name"].strip(),
            scopes=for_registration(" ".join(facts["scopes"])),
            keys=[made] if made is not None else facts["keys"] if facts["source"] == PASTE else (),
            jwks_url=facts["jwks_url"] if facts["source"] == ADDRESS else "",
            issuer=facts["issuer"].strip(),
            issuer_tenant=facts["issuer_tenant"].strip(),
        )


class AddKeysForm(NamedForm):
    """Further public keys of a client."""

    ids = "add"

    keys = KeysField(label=_("Public keys"))


class ServerForm(NamedForm):
    """The base of a client's own FHIR server."""

    ids = "server"

    fhir_server = forms.CharField(
        label=_("Base of its FHIR server"), required=False, max_length=500,
        widget=forms.TextInput(attrs=TEXT | {"inputmode": "url"}),
        help_text=_("Asked for what a hook did not bring, with the token of the call. Empty: it is never asked."),
    )  # fmt: skip


class OriginsForm(NamedForm):
    """The web pages that call us for a client."""

    ids = "origins"

    browser_origins = forms.CharField(
        label=_("Origins of its web pages"), required=False, max_length=1000, widget=forms.TextInput(attrs=TEXT),
        help_text=_("Such as https://app.example, several separated by blanks. Browsers may then call us from there."),
    )  # fmt: skip


class AddressForm(NamedForm):
    """Another address of a client's public keys."""

    ids = "address"

    jwks_url = forms.CharField(
        label=_("Address of its public keys"), max_length=500, widget=forms.TextInput(attrs=TEXT | {"inputmode": "url"})
    )
