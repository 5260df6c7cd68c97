"""The sign-in form."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """E-mail address and password; pasting and password managers are welcome."""

    error_messages = {
        "invalid_login": _("This address and password do not belong together. Check both and try again."),
        "inactive": _("This account is closed. Ask your administrator."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give the fields their words and classes."""
        super().__init__(*args, **kwargs)
        self.fields["username"] = forms.EmailField(
            label=_("E-mail address"),
            widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "username", "autofocus": True}),
        )
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs.update({"class": "form-control", "autocomplete": "current-password"})
