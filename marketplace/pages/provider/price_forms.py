"""What a provider types to ask for a price."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.pages.commissioner.forms import Pounds
from marketplace.pages.commissioner.prices_forms import day, initial_from, must_follow, year
from pricing.models import PriceUnit


class Proposal(forms.Form):
    """A price that the provider would charge, from when on, and why."""

    amount = Pounds(label=_("Price"))
    unit = forms.ChoiceField(label=_("For each"), choices=PriceUnit.choices)
    valid_from = day(label=_("From when on"))
    price_year = year()
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("What it is worked out from. The commissioners will read this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=250,
    )

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        options["initial"] = initial_from(today)
        super().__init__(*args, **options)

    def clean_price_year(self) -> str:
        """Refuse two years that do not follow one another."""
        return must_follow(self.cleaned_data["price_year"])
