"""Forms of review: a criterion's answer, a link, a question to the provider, a referral."""

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.criteria.regions import Region, RegionOutsidePage
from openum.design.controls import TEXT, area
from openum.vocabulary.terms import FindingValue


class FindingForm(forms.Form):
    """A person's answer to one criterion."""

    value = forms.ChoiceField(
        label=_("Finding"),
        choices=[
            (FindingValue.MET, _("Met")),
            (FindingValue.NOT_MET, _("Not met")),
            (FindingValue.UNKNOWN, _("Unknown")),
        ],
    )
    note = area(_("Why"), most=4000, rows=2, required=False)
    authority = forms.CharField(label=_("Authority"), required=False, max_length=500)
    question = forms.CharField(required=False, max_length=500)


class LinkForm(forms.Form):
    """A place in the record for a criterion: a page, quoted words, or a clinical record."""

    leaf = forms.CharField(max_length=40)
    attachment = forms.UUIDField(required=False)
    page = forms.IntegerField(required=False, min_value=1)
    quote = forms.CharField(required=False, max_length=2000)
    resource_key = forms.CharField(required=False, max_length=200)


class RegionForm(forms.Form):
    """A rectangle on the picture of a page, in percent of it; all four or none."""

    left = forms.DecimalField(required=False, min_value=0, max_value=100, decimal_places=1)
    top = forms.DecimalField(required=False, min_value=0, max_value=100, decimal_places=1)
    width = forms.DecimalField(required=False, min_value=0, max_value=100, decimal_places=1)
    height = forms.DecimalField(required=False, min_value=0, max_value=100, decimal_places=1)

    def region(self) -> Region | None:
        """Return the rectangle in thousandths, None where nothing was typed.

        Raises:
            RegionOutsidePage: some of the four are missing, or no numbers of that kind.
        """
        if not self.is_valid():
            raise RegionOutsidePage("Give left, top, width and height in percent, from 0 to 100 with one decimal.")
        given = [self.cleaned_data[name] for name in ("left", "top", "width", "height")]
        if all(each is None for each in given):
            return None
        if any(each is None for each in given):
            raise RegionOutsidePage("A place needs all four: left, top, width and height.")
        left, top, width, height = (int(each * 10) for each in given)
        return left, top, width, height


class NoteForm(forms.Form):
    """A note at a place: words or a page of a document, or a criterion."""

    text = forms.CharField(max_length=4000)
    leaf = forms.CharField(required=False, max_length=40)
    attachment = forms.UUIDField(required=False)
    page = forms.IntegerField(required=False, min_value=1)
    quote = forms.CharField(required=False, max_length=2000)
    is_for_letter = forms.BooleanField(required=False)


class AskForm(forms.Form):
    """An itemised question: each item may be changed, dropped or added."""

    message = area(_("A word to the provider"), most=4000, required=False)


class ReferForm(forms.Form):
    """A referral to a physician."""

    summary = area(
        _("The situation in a paragraph"),
        rows=8,
        help_text=_("The physician reads this first. It was drafted from the criteria; put it into your own words."),
    )
    recommendation = area(_("What you would look at"), most=4000, required=False)
    lower_level_considered = area(_("Lower level of care considered"), most=2000, rows=2, required=False)
    specialty = forms.CharField(
        label=_("Field of medicine"), required=False, max_length=80, widget=forms.TextInput(attrs=TEXT)
    )
