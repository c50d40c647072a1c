"""How the commissioner's lists are narrowed; every filter stays in the address."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from budgets.models import Total
from budgets.models.total import TotalQuerySet
from cms.models import Organisation, Service
from marketplace.insight import spend

MONTHS_BACK = 36


def months(today: date) -> list[tuple[str, str]]:
    """Return the last months as choices, newest first."""
    found, year, month = [], today.year, today.month
    for _step in range(MONTHS_BACK):
        day = date(year, month, 1)
        found.append((day.isoformat(), date_format(day, "F Y", use_l10n=False)))
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return found


class Spend(django_filters.FilterSet):
    """Totals by month, provider and service."""

    first = django_filters.ChoiceFilter(
        label=_("From"), field_name="month", lookup_expr="gte", empty_label=_("The beginning")
    )
    last = django_filters.ChoiceFilter(
        label=_("To"), field_name="month", lookup_expr="lte", empty_label=_("Now")
    )
    provider = django_filters.ModelChoiceFilter(
        label=_("Provider"),
        field_name="organisation",
        to_field_name="reference",
        queryset=Organisation.objects.none(),
        empty_label=_("Every provider"),
    )
    service = django_filters.ModelChoiceFilter(
        label=_("Service"),
        to_field_name="slug",
        queryset=Service.objects.none(),
        empty_label=_("Every service"),
    )

    class Meta:
        model = Total
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, organisation: Organisation, today: date) -> None:
        totals = spend.of(organisation)
        super().__init__(data, queryset=totals)
        choices = months(today)
        for name in ("first", "last"):
            self.filters[name].extra["choices"] = choices
        self.filters["provider"].queryset = _named(Organisation, totals.values("organisation"))
        self.filters["service"].queryset = _named(Service, totals.values("service"))

    @property
    def found(self) -> TotalQuerySet:
        """Return what the filters let through; nothing where one of them makes no sense."""
        totals: TotalQuerySet = self.qs if self.is_valid() else self.queryset.none()
        return totals


def _named(model: Any, keys: QuerySet[Any, Any]) -> QuerySet[Any]:
    found: QuerySet[Any] = model.objects.filter(pk__in=keys).order_by("name")
    return found
