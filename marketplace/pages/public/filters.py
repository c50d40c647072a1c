"""How the catalogue is narrowed: each filter in the address, so that a list can be shared."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cms import catalogue, places
from cms.models import Listing, ServiceKind, Term, TermTaxonomy

KILOMETRES_A_MILE = 1.609344
FARTHEST_MILES = 50
MILES = [("3", _("3 miles")), ("5", _("5 miles")), ("10", _("10 miles"))]
PRICES = [("0", _("Free")), ("2500", _("Up to £25")), ("5000", _("Up to £50"))]
WAITS = [("7", _("Within a week")), ("28", _("Within four weeks"))]


@dataclass(frozen=True)
class Chip:
    """One filter that is on, with the address of the list without it."""

    label: str
    href: str


def terms_of(taxonomy: TermTaxonomy) -> QuerySet[Term]:
    """Return one taxonomy's terms, in the order of what families read."""
    return Term.objects.of(taxonomy).order_by("plain_name", "name")


class TermField(forms.ModelChoiceField[Term]):
    """A list of terms in the words that families read."""

    def label_from_instance(self, term: Term) -> str:
        """Return what families read."""
        return str(term.shown)


class TermFilter(django_filters.ModelChoiceFilter):
    """A filter over one taxonomy."""

    field_class = TermField


class Catalogue(django_filters.FilterSet):
    """The catalogue's filters; `catalogue.search` does the finding."""

    words = django_filters.CharFilter(label=_("Words"))
    issue = TermFilter(
        label=_("What you want to change"),
        queryset=lambda request: terms_of(TermTaxonomy.ISSUE),
        to_field_name="slug",
        empty_label=_("Anything"),
    )
    need = TermFilter(
        label=_("What you need"),
        queryset=lambda request: terms_of(TermTaxonomy.NEED),
        to_field_name="slug",
        empty_label=_("Anything"),
    )
    barrier = TermFilter(
        label=_("What makes it hard"),
        queryset=lambda request: terms_of(TermTaxonomy.BARRIER),
        to_field_name="slug",
        empty_label=_("Nothing"),
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind of support"), choices=ServiceKind.choices, empty_label=_("Any kind")
    )
    age = django_filters.NumberFilter(label=_("Age"), min_value=0, max_value=120)
    postcode = django_filters.CharFilter(label=_("Postcode"))
    miles = django_filters.ChoiceFilter(
        label=_("Distance"), choices=MILES, empty_label=_("Any distance")
    )
    price = django_filters.ChoiceFilter(
        label=_("Price"), choices=PRICES, empty_label=_("Any price")
    )
    wait = django_filters.ChoiceFilter(
        label=_("Waiting time"), choices=WAITS, empty_label=_("Any wait")
    )

    class Meta:
        model = Listing
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, on: date) -> None:
        super().__init__(data, queryset=Listing.objects.none())
        self.on = on
        self.form.fields["words"].widget.input_type = "search"
        self.form.fields["postcode"].widget.attrs["autocomplete"] = "postal-code"

    def filter_queryset(self, queryset: QuerySet[Listing]) -> QuerySet[Listing]:
        """Find what all chosen filters let through."""
        chosen = self.form.cleaned_data
        terms = [chosen[name] for name in ("issue", "need", "barrier") if chosen[name]]
        return catalogue.search(
            on=self.on,
            words=chosen["words"],
            terms=terms,
            near=self.near(),
            kind=chosen["kind"],
            age=int(chosen["age"]) if chosen["age"] is not None else None,
            price_to_pence=int(chosen["price"]) if chosen["price"] else None,
            wait_to_days=int(chosen["wait"]) if chosen["wait"] else None,
        )

    def near(self) -> tuple[float, float, float] | None:
        """Return where to look and how far, in kilometres."""
        chosen = self.form.cleaned_data
        point = places.find(postcode=chosen["postcode"]) if chosen["postcode"] else None
        if point is None:
            return None
        miles = float(chosen["miles"] or FARTHEST_MILES)
        return (point.latitude, point.longitude, miles * KILOMETRES_A_MILE)

    @property
    def postcode_is_unknown(self) -> bool:
        """Tell whether a postcode was given that we cannot place."""
        given = self.form.cleaned_data.get("postcode") if self.form.is_valid() else ""
        return bool(given) and places.find(postcode=given) is None

    def chips(self, path: str) -> list[Chip]:
        """Return each filter that is on, with the address of the list without it."""
        found = []
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name) if self.form.is_valid() else None
            if value in (None, ""):
                continue
            rest = self.data.copy()
            rest.pop(name, None)
            rest.pop("page", None)
            found.append(
                Chip(f"{field.label}: {self._shown(name, value)}", f"{path}?{rest.urlencode()}")
            )
        return found

    def _shown(self, name: str, value: Any) -> str:
        if isinstance(value, Term):
            return value.shown
        choices = dict(getattr(self.form.fields[name], "choices", []))
        return str(choices.get(value, value))
