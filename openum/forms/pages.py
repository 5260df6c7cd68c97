"""What the staff page of forms asks for."""

from typing import Any, ClassVar

import orjson
from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan
from openum.vocabulary.errors import Invalid

_MOST_BYTES = 20 * 1024 * 1024


class FileNotRead(Invalid):
    """A file is too large or no JSON."""

    code: ClassVar[str] = "file-not-read"


class LoadForm(forms.Form):
    """A form to load."""

    file = forms.FileField(
        label=_("Questionnaire, or a Bundle with its libraries and value sets"),
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".json,application/json"}),
    )
    plan = forms.ChoiceField(label=_("Health plan"), widget=forms.Select(attrs={"class": "form-select"}))
    effective_from = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d")
    )
    source = forms.CharField(
        label=_("Who wrote it"), max_length=300, widget=forms.TextInput(attrs={"class": "form-control"})
    )

    def __init__(self, *args: Any, plans: list[Plan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan = self.fields["plan"]
        assert isinstance(plan, forms.ChoiceField)
        plan.choices = [(str(one.public_id), one.name) for one in plans]

    def contents(self) -> list[Any]:
        """Return the content of the file.

        Raises:
            FileNotRead: too large, or no JSON.
        """
        upload = self.cleaned_data["file"]
        if (upload.size or 0) > _MOST_BYTES:
            raise FileNotRead("The file is larger than 20 MB. Load forms one by one.")
        try:
            return [orjson.loads(upload.read())]
        except orjson.JSONDecodeError:
            raise FileNotRead("The file is not JSON. Export the form as FHIR JSON.") from None
