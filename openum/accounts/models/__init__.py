"""Who acts here and for whom: people and their roles, organizations and plans, and the systems that call us."""

from openum.accounts.models.clients import AccessToken, ApiClient, ClientKey, KeySet, RefusedCall, UsedToken
from openum.accounts.models.pace import CallPace
from openum.accounts.models.people import (
    BrokenSeal,
    Licence,
    Membership,
    OpenedFile,
    Organization,
    Plan,
    SignInFailure,
    Specialty,
    Tenant,
    User,
    UserManager,
    role_choices,
)
from openum.accounts.models.proofs import AuthenticatorApp, Passkey, RecoveryCode

__all__ = [
    "AccessToken",
    "ApiClient",
    "AuthenticatorApp",
    "BrokenSeal",
    "CallPace",
    "ClientKey",
    "KeySet",
    "Licence",
    "Membership",
    "OpenedFile",
    "Organization",
    "Passkey",
    "Plan",
    "RecoveryCode",
    "RefusedCall",
    "SignInFailure",
    "Specialty",
    "Tenant",
    "UsedToken",
    "User",
    "UserManager",
    "role_choices",
]  # fmt: skip
