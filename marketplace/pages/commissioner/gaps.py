"""What is missing: what people looked for without finding it, beside what is offered for it."""

from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import UnmetSearch
from marketplace.insight import gaps
from marketplace.pages import doors
from marketplace.people.roles import Role

DEFAULT_DAYS = 365
DAYS = [
    ("31", gettext_lazy("The last month")),
    ("92", gettext_lazy("The last three months")),
    ("365", gettext_lazy("The last year")),
]
NARROWED_BY = {
    "words": gettext_lazy("Words that no service has"),
    "age": gettext_lazy("Age"),
    "near": gettext_lazy("Distance"),
    "price": gettext_lazy("Price"),
    "unit": gettext_lazy("What is paid for"),
    "wait": gettext_lazy("Waiting time"),
    "weekday": gettext_lazy("Day"),
    "part_of_day": gettext_lazy("Time of day"),
    "free": gettext_lazy("Free places"),
    "step_free": gettext_lazy("No steps"),
}


class Narrowed(django_filters.FilterSet):
    """Searches by how long ago, and by where they came from."""

    days = django_filters.ChoiceFilter(label=gettext_lazy("When"), choices=DAYS, empty_label=None)
    district = django_filters.ChoiceFilter(
        label=gettext_lazy("District"), empty_label=gettext_lazy("Everywhere")
    )

    class Meta:
        model = UnmetSearch
        fields: list[str] = []

    def __init__(self, data: QueryDict) -> None:
        asked = data.copy()
        asked.setdefault("days", str(DEFAULT_DAYS))
        super().__init__(asked, queryset=UnmetSearch.objects.none())
        self.filters["district"].extra["choices"] = [(name, name) for name in gaps.districts()]

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave the finding to `gaps.of`."""
        return queryset

    def found(self, *, today: date) -> gaps.Gaps:
        """Return what was looked for in vain; all of a year where a filter makes no sense."""
        said = self.form.cleaned_data if self.form.is_valid() else {}
        days = int(said.get("days") or DEFAULT_DAYS)
        return gaps.of(
            since=today - timedelta(days=days), until=today, district=said.get("district") or ""
        )


@doors.staff(Role.COMMISSIONER)
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show what was looked for in vain: needs, barriers, words, and what stood in the way."""
    chosen = Narrowed(request.GET)
    found = chosen.found(today=visit.today)
    number = {"text": _("Searches"), "is_number": True}
    offered = {"text": _("Services now"), "is_number": True}
    return render(
        request,
        "commissioner/gaps.html",
        {
            "chosen": chosen,
            "found": found,
            "heads": [_("Looked for"), _("List"), number, offered, _("From where")],
            "rows": [
                [
                    gap.name,
                    gap.taxonomy,
                    f"{gap.searches:,}",
                    f"{gap.offered:,}",
                    _where(gap.districts),
                ]
                for gap in found.terms
            ],
            "number_heads": [_("What"), number],
            "words": _rows(found.words),
            "kinds": _rows(found.kinds),
            "districts": _rows(
                tuple((name or _("Not said"), times) for name, times in found.districts)
            ),
            "filters": _rows(
                tuple((str(NARROWED_BY.get(name, name)), times) for name, times in found.filters)
            ),
        },
    )


def _rows(counted: tuple[tuple[str, int], ...]) -> list[list[str]]:
    return [[name, f"{times:,}"] for name, times in counted]


def _where(districts: tuple[tuple[str, int], ...]) -> str:
    """Return where searches came from, in words: the most first."""
    return ", ".join(f"{name or _('not said')} ({times:,})" for name, times in districts)
