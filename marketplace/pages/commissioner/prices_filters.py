"""How the list of prices is narrowed; every filter stays in the address."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cms.models import Service, ServiceKind
from marketplace.pages.lists import Narrowing
from pricing.models import Confidence, CostShare, Funding, Price, PriceProposal

STANDS = (
    ("none", _("has no price")),
    ("planned", _("has one planned")),
    ("asked", _("a price is asked for")),
    ("shared", _("is shared")),
    ("no_cost", _("nobody has worked out what it costs")),
)


@dataclass(frozen=True)
class Chip:
    """One filter that is on, and the list without it."""

    label: str
    href: str


class Prices(django_filters.FilterSet):
    """An organisation's services by what they cost, how sure that is and how it stands."""

    words = django_filters.CharFilter(label=_("Name or provider"), method="by_words")
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=ServiceKind.choices, empty_label=_("Every kind")
    )
    funding = django_filters.ChoiceFilter(
        label=_("Funded"), choices=Funding.choices, method="by_price", empty_label=_("In any way")
    )
    confidence = django_filters.ChoiceFilter(
        label=_("How sure"),
        choices=Confidence.choices,
        method="by_price",
        empty_label=_("However sure"),
    )
    stands = django_filters.ChoiceFilter(
        label=_("How it stands"), choices=STANDS, method="by_stand", empty_label=_("In any way")
    )

    class Meta:
        model = Service
        form = Narrowing
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Service], today: date) -> None:
        super().__init__(data, queryset=queryset)
        self.today = today

    @property
    def found(self) -> QuerySet[Service]:
        """Return what the filters let through; nothing where one of them makes no sense."""
        rows: QuerySet[Service] = self.qs if self.is_valid() else self.queryset.none()
        return rows

    def by_words(self, rows: QuerySet[Service], name: str, value: str) -> QuerySet[Service]:
        """Narrow to those whose name or provider has every word."""
        for word in value.split():
            rows = rows.filter(Q(name__icontains=word) | Q(provider__name__icontains=word))
        return rows

    def by_price(self, rows: QuerySet[Service], name: str, value: str) -> QuerySet[Service]:
        """Narrow to those with a price today that says so."""
        return rows.filter(Exists(self._today().filter(**{name: value})))

    def by_stand(self, rows: QuerySet[Service], name: str, value: str) -> QuerySet[Service]:
        """Narrow by what is there and what is missing."""
        prices, proposals = self._today(), PriceProposal.objects.waiting()
        stands: dict[str, Any] = {
            "none": ~Exists(prices),
            "planned": Exists(Price.objects.planned(self.today).filter(service=OuterRef("pk"))),
            "asked": Exists(proposals.filter(service=OuterRef("pk"))),
            "shared": Exists(CostShare.objects.filter(price__in=self._today(twice=True))),
            "no_cost": ~Exists(prices.filter(cost_pence__isnull=False))
            & Q(unit_costs__isnull=True),
        }
        return rows.filter(stands[value])

    def chips(self, path: str) -> list[Chip]:
        """Return each filter that is on, with the address of the list without it."""
        found = []
        for name, field in self.form.fields.items():
            value = self.data.get(name)
            if not value:
                continue
            rest = self.data.copy()
            rest.pop(name)
            rest.pop("page", None)
            shown = dict(getattr(field, "choices", ())).get(value, value)
            href = f"{path}?{rest.urlencode()}" if rest else f"{path}?clear=1"
            found.append(Chip(f"{field.label}: {shown}", href))
        return found

    def _today(self, *, twice: bool = False) -> QuerySet[Price]:
        service = OuterRef(OuterRef("pk")) if twice else OuterRef("pk")
        return Price.objects.on(self.today).filter(service=service)
