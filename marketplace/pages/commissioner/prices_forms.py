"""What commissioners type about prices: a price, its end, its shares, a unit cost, an answer."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cms.models import Organisation
from marketplace.pages.commissioner.forms import Pounds
from marketplace.pages.lists import Narrowing
from pricing import money, published, uprating
from pricing.models import Confidence, Funding, PriceUnit
from pricing.unit_costs import Time

STAFF_LINES = 5
SHARES = 4
MOST_HOURS = 100_000


def year(**options: Any) -> forms.RegexField:
    """Return the field of a price year."""
    return forms.RegexField(
        regex=r"^(?:19|20)\d{2}/\d{2}$",
        label=_("Prices of which year"),
        help_text=_("For example 2026/27."),
        error_messages={"invalid": _("Write the year like 2026/27.")},
        **options,
    )


def day(**options: Any) -> forms.DateField:
    """Return the field of a day."""
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **options)


class Figures(forms.Form):
    """What a price says, but for which unit and from when."""

    amount = Pounds(label=_("Price to the plan"))
    cost = Pounds(
        label=_("What it costs the agency"),
        help_text=_("Leave empty if nobody has worked it out yet."),
        required=False,
    )
    funding = forms.ChoiceField(label=_("How it is funded"), choices=Funding.choices)
    contract_reference = forms.CharField(
        label=_("Contract or agreement"),
        help_text=_("Its number, so that it can be looked up."),
        max_length=100,
        required=False,
    )
    confidence = forms.ChoiceField(
        label=_("How sure it is"),
        help_text=_("It need not be right. It must be honest."),
        choices=Confidence.choices,
    )
    price_year = year()
    source = forms.CharField(label=_("Where it comes from"), max_length=300)

    def clean_price_year(self) -> str:
        """Refuse two years that do not follow one another."""
        return must_follow(self.cleaned_data["price_year"])


class NewPrice(Figures):
    """A price of a unit from a day on: today's, or one that is planned."""

    unit = forms.ChoiceField(label=_("For each"), choices=PriceUnit.choices)
    valid_from = day(
        label=_("Holds from"),
        help_text=_("A later day plans it. Quotes that were made keep their figures."),
    )
    field_order = ("amount", "unit", "valid_from")


class End(forms.Form):
    """From when on a price holds no longer."""

    on = day(
        label=_("Holds until"),
        help_text=_("The first day on which nothing can be bought at it."),
    )


class Shares(forms.Form):
    """Who bears which part of a price."""

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", _("Nobody")), *((str(one.reference), one.name) for one in organisations)]
        self.keys = {str(one.reference): one.pk for one in organisations}
        for number in range(1, SHARES + 1):
            self.fields[f"organisation_{number}"] = forms.ChoiceField(
                label=_("Organisation %(number)s") % {"number": number},
                choices=choices,
                required=False,
            )
            self.fields[f"parts_{number}"] = forms.IntegerField(
                label=_("Its parts"),
                help_text=_("Such as 60 and 40, or 1 and 1 and 1.") if number == 1 else "",
                min_value=1,
                max_value=10_000,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Gather the pairs; each organisation once, and each with its parts."""
        given = super().clean() or {}
        pairs: dict[int, int] = {}
        for number in range(1, SHARES + 1):
            who, parts = given.get(f"organisation_{number}"), given.get(f"parts_{number}")
            if who and parts is None and f"parts_{number}" not in self.errors:
                self.add_error(f"parts_{number}", _now("Say how many parts it bears."))
            if parts and not who:
                self.add_error(f"organisation_{number}", _now("Say whose parts these are."))
            if who and self.keys[who] in pairs:
                self.add_error(f"organisation_{number}", _now("Name each organisation once."))
            if who and parts:
                pairs[self.keys[who]] = parts
        if len(pairs) == 1 and not self.errors:
            raise forms.ValidationError(_now("Name two organisations at least, or none."))
        given["pairs"] = pairs
        return given


class BuildUnitCost(forms.Form):
    """Whose time goes into how many of it, what is added on top, and what materials cost."""

    unit = forms.ChoiceField(label=_("For each"), choices=PriceUnit.choices)
    units = forms.IntegerField(
        label=_("How many of these they make together"),
        help_text=_("For example the 400 sessions of a year."),
        min_value=1,
        max_value=1_000_000,
    )
    overhead = forms.DecimalField(
        label=_("Overheads on top of the time"),
        help_text=_("Rent, managers, payroll, as a part of what the time costs."),
        min_value=0,
        max_value=500,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "data-suffix": "%"}),
    )
    materials = Pounds(label=_("Materials for all of them"), required=False)
    price_year = year()
    source = forms.CharField(label=_("Where these figures come from"), max_length=300)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for number in range(1, STAFF_LINES + 1):
            self.fields[f"role_{number}"] = forms.CharField(
                label=_("Grade or role %(number)s") % {"number": number},
                max_length=100,
                required=False,
            )
            self.fields[f"hours_{number}"] = forms.DecimalField(
                label=_("Hours %(number)s") % {"number": number},
                min_value=0,
                max_value=MOST_HOURS,
                decimal_places=2,
                required=False,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )
            self.fields[f"rate_{number}"] = Pounds(
                label=_("Rate an hour %(number)s") % {"number": number}, required=False
            )
        self.order_fields(["unit", "units", *self.line_names(), "overhead", "materials"])

    @staticmethod
    def line_names() -> list[str]:
        """Return the names of the fields of the staff lines, line by line."""
        return [
            f"{name}_{number}"
            for number in range(1, STAFF_LINES + 1)
            for name in ("role", "hours", "rate")
        ]

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        """Return the staff lines, each with its role, hours and rate."""
        names = self.line_names()
        return [[self[name] for name in names[at : at + 3]] for at in range(0, len(names), 3)]

    def clean_price_year(self) -> str:
        """Refuse two years that do not follow one another."""
        return must_follow(self.cleaned_data["price_year"])

    def clean(self) -> dict[str, Any]:
        """Gather the staff lines; a line is whole or left out."""
        given = super().clean() or {}
        staff = []
        for number in range(1, STAFF_LINES + 1):
            line = [given.get(f"{name}_{number}") for name in ("role", "hours", "rate")]
            role, hours, rate = line
            if any(part not in (None, "") for part in line):
                for name, part in zip(("role", "hours", "rate"), line, strict=True):
                    if part in (None, "") and f"{name}_{number}" not in self.errors:
                        self.add_error(f"{name}_{number}", _now("Fill in the whole line."))
            if role and hours is not None and rate is not None:
                minutes = money.round_half_up(int(hours * 100) * 60, 100)
                staff.append(Time(role=role, minutes=minutes, rate_pence_per_hour=rate))
        given["staff"] = staff
        return given


class Acceptance(forms.Form):
    """How a price that was asked for is taken on."""

    funding = forms.ChoiceField(label=_("How it is funded"), choices=Funding.choices)
    contract_reference = forms.CharField(
        label=_("Contract or agreement"), max_length=100, required=False
    )
    confidence = forms.ChoiceField(label=_("How sure it is"), choices=Confidence.choices)
    valid_from = day(label=_("Holds from"))


class Refusal(forms.Form):
    """Why a price that was asked for is not taken on."""

    words = forms.CharField(
        label=_("Why not?"),
        help_text=_("The people who asked will read this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )


class Published(Narrowing):
    """Which published figures, and in the prices of which year and place."""

    words = forms.CharField(label=_("Words"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("What kind"), required=False)
    year = forms.ChoiceField(label=_("In the prices of"), required=False)
    place = forms.ChoiceField(label=_("As dear as in"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        kinds = sorted({cost.kind for cost in published.costs()})
        fields["kind"].choices = [("", _("All")), *((kind, KINDS[kind]) for kind in kinds)]
        fields["year"].choices = [(one, one) for one in uprating.years()]
        places = sorted(uprating.market_forces())
        fields["place"].choices = [("", _("England")), *((one, one) for one in places)]


KINDS = {
    "service_price": _("What a service costs"),
    "avoidable_event": _("What could be avoided"),
    "baseline_spend": _("What is spent as it is"),
    "projected_saving": _("What was expected to be saved"),
    "evaluation": _("What a study found"),
}


def must_follow(written: str) -> str:
    """Return a price year whose two years follow one another. Raises ValidationError."""
    if uprating.year_in(written) != written:
        raise forms.ValidationError(_now("Write two years that follow, like 2026/27."))
    return written


def initial_from(valid_from: date) -> dict[str, object]:
    """Return what a form about a price begins with where there is none yet."""
    return {"valid_from": valid_from, "price_year": uprating.name(financial_year(valid_from))}


def financial_year(on: date) -> int:
    """Return the year in whose April the financial year of a day began."""
    return on.year if on.month > 3 else on.year - 1
