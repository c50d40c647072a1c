"""What commissioners type."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pricing import money


class Pounds(forms.CharField):
    """An amount in pounds, kept in pence."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "data-prefix": "£"})
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        """Return pence. Raises ValidationError with what to do next."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return money.parse(text)
        except ValueError as error:
            raise forms.ValidationError(
                _("Write an amount like 25 or 25.50."), code="amount"
            ) from error


class Refusal(forms.Form):
    """Why not, in words that the person who asked can use."""

    words = forms.CharField(
        label=_("Why not?"),
        help_text=_("The advocate and the family will read this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )


class Fund(forms.Form):
    """A new fund."""

    name = forms.CharField(label=_("Name"), max_length=150)
    year = forms.IntegerField(
        label=_("Financial year"),
        help_text=_("The year in which it begins in April: 2026 for 2026/27."),
        min_value=2000,
        max_value=2100,
    )


class PayIn(forms.Form):
    """What was paid into a fund."""

    amount = Pounds(label=_("Amount"))
