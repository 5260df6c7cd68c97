"""Reads of second proofs."""

from openum.accounts.models import AuthenticatorApp, Passkey, RecoveryCode, User
from openum.accounts.rules import REACH_THEIR_OWN


def has_proof(user: User) -> bool:
    """Say whether a person has a passkey or a confirmed app."""
    app = AuthenticatorApp.objects.filter(user=user, confirmed_at__isnull=False)
    return app.exists() or Passkey.objects.filter(user=user).exists()


def needs_proof(user: User) -> bool:
    """Say whether a plan that a person works for asks for a second proof. Members choose for themselves."""
    held = user.memberships.filter(plan__needs_second_proof=True)
    return held.exclude(role__in=sorted(REACH_THEIR_OWN)).exists()


def codes_left(user: User) -> int:
    """Count the recovery codes that still work."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()
