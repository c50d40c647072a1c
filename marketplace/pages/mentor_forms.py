"""What is written of a mentor, by herself or who she works with."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms import pictures
from cms.models import FreeHour, Mentor, Term, TermTaxonomy, Weekday


class Terms(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Boxes for the common words, as families read them."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, term: Term) -> str:
        """Return what families read."""
        return str(term.shown)


def terms_of(taxonomy: str) -> Any:
    """Return one taxonomy's terms, in the order of what families read."""
    return Term.objects.of(taxonomy).order_by("plain_name", "name")


class Words(forms.Form):
    """What a mentor is called, and what she has lived through."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=50)
    story = forms.CharField(
        label=gettext_lazy("What was lived through"),
        help_text=gettext_lazy("In their own words, as “I”. Leave out where, and names of others."),
        max_length=1500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    lived_through = Terms(
        label=gettext_lazy("Has been through this"),
        help_text=gettext_lazy("So that somebody who is in it now finds them."),
        queryset=Term.objects.none(),
        required=False,
    )

    def __init__(self, data: Any, files: Any, *, mentor: Mentor) -> None:
        super().__init__(
            data,
            initial={
                "first_name": mentor.first_name,
                "story": mentor.story,
                "lived_through": [term.pk for term in mentor.lived_through.all()],
            },
        )
        self.fields["lived_through"].queryset = terms_of(TermTaxonomy.ISSUE)  # type: ignore[attr-defined]


class Portrait(forms.Form):
    """A picture."""

    picture = forms.FileField(
        label=gettext_lazy("Picture"),
        help_text=gettext_lazy(
            "A JPEG, PNG or WebP of 8 MB at most. We keep a small one, "
            "and nothing of where it was taken."
        ),
        widget=forms.FileInput(attrs={"accept": pictures.ACCEPTED}),
    )
    is_drawing = forms.BooleanField(
        label=gettext_lazy("It is a drawing, not a photo"), required=False
    )

    def __init__(self, data: Any, files: Any, *, mentor: Mentor) -> None:
        super().__init__(data, files)

    def clean_picture(self) -> bytes:
        """Read the file; one that is too large is not read at all."""
        sent: UploadedFile = self.cleaned_data["picture"]
        if (sent.size or 0) > pictures.MOST_BYTES:
            raise forms.ValidationError(_("This file is too large. Send one of 8 MB at most."))
        content: bytes = sent.read()
        return content


class Interests(forms.Form):
    """What a mentor likes."""

    interests = Terms(label=gettext_lazy("Likes"), queryset=Term.objects.none(), required=False)

    def __init__(self, data: Any, files: Any, *, mentor: Mentor) -> None:
        chosen = [term.pk for term in mentor.interests.all()]
        super().__init__(data, initial={"interests": chosen})
        self.fields["interests"].queryset = terms_of(TermTaxonomy.INTEREST)  # type: ignore[attr-defined]


class Hours(forms.Form):
    """When a mentor is usually free: from and until, on each day of the week."""

    def __init__(self, data: Any, files: Any, *, mentor: Mentor) -> None:
        held = {hour.weekday: hour for hour in reversed(mentor.hours.all())}
        initial: dict[str, Any] = {}
        for day, hour in held.items():
            initial |= {f"from_{day}": hour.opens_at, f"until_{day}": hour.closes_at}
        super().__init__(data, initial=initial)
        for day in Weekday:
            for name, label in (("from", _("%(day)s from")), ("until", _("%(day)s until"))):
                self.fields[f"{name}_{day.value}"] = forms.TimeField(
                    label=label % {"day": day.label}, required=False, widget=forms.TimeInput()
                )

    def clean(self) -> dict[str, Any]:
        """Ask for both ends of a day's hours, in their order."""
        given = super().clean() or {}
        for day in Weekday:
            start, end = given.get(f"from_{day.value}"), given.get(f"until_{day.value}")
            if (start is None) != (end is None):
                self.add_error(f"until_{day.value}", _("Say from when and until when."))
            elif start is not None and end is not None and end <= start:
                self.add_error(f"until_{day.value}", _("Put the end after the beginning."))
        return given

    def hours(self) -> list[FreeHour]:
        """Return the hours that were given, unsaved."""
        given = self.cleaned_data
        return [
            FreeHour(
                weekday=day.value,
                opens_at=given[f"from_{day.value}"],
                closes_at=given[f"until_{day.value}"],
            )
            for day in Weekday
            if given[f"from_{day.value}"] is not None
        ]
