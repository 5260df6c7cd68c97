"""Who acts here and for whom: people and their roles, organizations and plans, and the systems that call us."""

from openum.accounts.models.clients import AccessToken, ApiClient, ClientKey, KeySet, RefusedCall, UsedToken
from openum.accounts.models.people import (
    Licence,
    Membership,
    Organization,
    Plan,
    SignInFailure,
    Specialty,
    Tenant,
    User,
    UserManager,
    role_choices,
)

__all__ = [
    "AccessToken", "ApiClient", "ClientKey", "KeySet", "Licence", "Membership", "Organization", "Plan", "RefusedCall",
    "SignInFailure", "Specialty", "Tenant", "UsedToken", "User", "UserManager", "role_choices",
]  # fmt: skip
