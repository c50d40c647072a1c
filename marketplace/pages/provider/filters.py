"""How the provider's lists are narrowed; every filter stays in the address."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from budgets import funds
from budgets.models import Total
from cms.models import Service
from marketplace.bookings.models import Session, SessionState
from marketplace.pages import whose
from marketplace.pages.provider import waiting
from marketplace.referrals.models import Promise, PromiseKind, Referral, Rung

KINDS_OF_WAITING = {
    "asked": Q(is_asked=True),
    "first": Q(is_asked=False, is_offered=False),
    "offered": Q(is_offered=True),
    "all": Q(),
}


class _OfServices(django_filters.FilterSet):
    """A list that can be narrowed to one of the organisation's services."""

    service = django_filters.ModelChoiceFilter(
        label=_("Service"),
        to_field_name="slug",
        queryset=Service.objects.none(),
        empty_label=_("Every service"),
    )

    def __init__(
        self,
        data: QueryDict,
        *,
        queryset: QuerySet[Any],
        services: QuerySet[Service],
        today: date,
    ) -> None:
        super().__init__(data, queryset=queryset)
        self.today = today
        self.filters["service"].queryset = services.order_by("name")

    def chosen(self, name: str) -> Any:
        """Return what was chosen for one filter, or nothing."""
        return self.form.cleaned_data.get(name) if self.is_valid() else None


class Due(whose.Due, _OfServices):
    """A list of referrals that are due by a day, of one of the services."""

    def __init__(self, data: QueryDict, *, desk: waiting.Desk, **kwargs: Any) -> None:
        super().__init__(data, today=desk.today, **kwargs)
        self.for_desk(
            organisation=desk.organisation, role=desk.role, user=desk.user, today=desk.today
        )


class Times(Due):
    """Support that waits for a time; what waits for the family only where it is asked for."""

    show = django_filters.ChoiceFilter(
        label=_("Show"),
        empty_label=_("Waiting for us"),
        choices=[
            ("asked", _("Times to answer")),
            ("first", _("Waiting for a first time")),
            ("offered", _("Waiting for the family")),
            ("all", _("Everything")),
        ],
        method="keep",
    )

    class Meta:
        model = Referral
        fields: list[str] = []

    def keep(self, queryset: QuerySet[Referral], name: str, value: str) -> QuerySet[Referral]:
        """Keep the list: what to show is narrowed below, also where nothing is chosen."""
        return queryset

    def filter_queryset(self, queryset: QuerySet[Referral]) -> QuerySet[Referral]:
        """Narrow to one kind of waiting."""
        found: QuerySet[Referral] = super().filter_queryset(queryset)
        kind = self.form.cleaned_data.get("show")
        return found.filter(KINDS_OF_WAITING.get(kind, Q(is_offered=False)))


class Steps(Due):
    """Referrals to the owner that wait for a step."""

    work = django_filters.ChoiceFilter(
        label=_("Work"),
        empty_label=_("Intake and assessment"),
        choices=[
            ("intake", _("Intake: answer and decide")),
            ("assessment", _("Assessment: work out how much")),
        ],
        method="of_work",
    )
    rung = django_filters.ChoiceFilter(
        label=_("Has come to"),
        empty_label=_("Every step"),
        choices=[
            (Rung.SOFT_REFERRED, _("Soft referral")),
            (Rung.APPLIED, _("Application")),
            (Rung.HARD_REFERRED, _("Hard referral")),
        ],
    )

    class Meta:
        model = Referral
        fields: list[str] = []

    def of_work(self, queryset: Any, name: str, value: str) -> Any:
        """Narrow by what is owed: an answer and a decision, or how much is needed."""
        is_assessed = Promise.objects.open().filter(
            referral=OuterRef("pk"), kind=PromiseKind.ASSESS
        )
        assessed = Exists(is_assessed)
        return queryset.filter(assessed if value == "assessment" else ~assessed)


class Recorded(_OfServices):
    """Sessions that were recorded."""

    service = django_filters.ModelChoiceFilter(
        label=_("Service"),
        field_name="booking__referral__service",
        to_field_name="slug",
        queryset=Service.objects.none(),
        empty_label=_("Every service"),
    )
    state = django_filters.ChoiceFilter(
        label=_("What became of it"),
        empty_label=_("Anything"),
        choices=[
            (state, state.label)
            for state in SessionState
            if state not in (SessionState.PLANNED, SessionState.CANCELLED)
        ],
    )

    class Meta:
        model = Session
        fields: list[str] = []


class ToRecord(_OfServices):
    """Sessions to record."""

    service = django_filters.ModelChoiceFilter(
        label=_("Service"),
        field_name="booking__referral__service",
        to_field_name="slug",
        queryset=Service.objects.none(),
        empty_label=_("Every service"),
    )

    class Meta:
        model = Session
        fields: list[str] = []


class Payments(_OfServices):
    """Totals by service and financial year; this year unless another is asked for."""

    year = django_filters.ChoiceFilter(label=_("Year"), empty_label=_("All years"), method="of")

    class Meta:
        model = Total
        fields: list[str] = []

    def __init__(self, data: QueryDict, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        this = funds.year_of(self.today)
        years = range(this, this - 5, -1)
        self.filters["year"].extra["choices"] = [(str(y), f"{y}/{(y + 1) % 100:02}") for y in years]

    def of(self, queryset: QuerySet[Total], name: str, value: str) -> QuerySet[Total]:
        """Narrow to one financial year, April to March."""
        first = date(int(value), 4, 1)
        return queryset.filter(month__gte=first, month__lt=first.replace(year=first.year + 1))
