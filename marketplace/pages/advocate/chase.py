"""What was promised to her families and is late or due: kept or chased in one tap, or several."""

import uuid
from collections.abc import Callable
from typing import Any

import django_filters
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from budgets.models import Family
from marketplace.notices import working_days
from marketplace.pages import doors, lists
from marketplace.pages.advocate import desk, promises_shown
from marketplace.referrals import promises
from marketplace.referrals.models import Promise

PER_PAGE = 20
SOON_DAYS = 2
ACTS = ({"label": _("Chase"), "value": "chase"}, {"label": _("It is done"), "value": "done"})


class Promised(django_filters.FilterSet):
    """Promises by household, by whose they are, and by how they stand."""

    family = django_filters.ModelChoiceFilter(
        label=_("Family"),
        to_field_name="reference",
        queryset=Family.objects.none(),
        empty_label=_("All my families"),
    )
    whose = django_filters.ChoiceFilter(
        label=_("Whose"),
        choices=[
            ("mine", _("Mine: I promised it")),
            ("team", _("My team’s")),
            ("others", _("Others’, to chase")),
        ],
        empty_label=_("Everybody’s"),
        method="of_whom",
    )
    show = django_filters.ChoiceFilter(
        label=_("Show"),
        choices=[("late", _("Only what is late")), ("all", _("Everything promised"))],
        empty_label=_("Late, and due in two days"),
        method="narrow",
    )

    class Meta:
        model = Promise
        form = lists.Narrowing
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, visit: doors.Visit, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.visit = visit
        self.filters["family"].queryset = desk.families(visit)

    def of_whom(self, found: QuerySet[Promise], _name: str, value: str) -> QuerySet[Promise]:
        """Narrow to her own word, her organisation's, or what others owe."""
        if value == "mine":
            return found.filter(worker=self.visit.user)
        ours = found.filter(organisation=self.visit.organisation)
        return ours if value == "team" else found.exclude(pk__in=ours.values("pk"))

    def narrow(self, found: QuerySet[Promise], _name: str, _value: str) -> QuerySet[Promise]:
        """Leave it to `chase_list`, which narrows by the day also where nothing is chosen."""
        return found


@doors.staff(*desk.ROLES)
def chase_list(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what is late or due over all her families, the latest first."""
    as_left = lists.as_left(request, "advocate_chase")
    if as_left is not None:
        return as_left
    owed = _owed(visit).filter(family__in=desk.families(visit).values("pk"))
    narrowed = Promised(request.GET, queryset=owed, visit=visit)
    chosen = narrowed.form.cleaned_data if narrowed.form.is_valid() else {}
    found = narrowed.qs if narrowed.form.is_valid() else owed
    if chosen.get("show") == "late":
        found = found.filter(due_on__lt=visit.today)
    elif chosen.get("show") != "all":
        found = found.filter(due_on__lte=working_days.after(visit.today, SOON_DAYS))
    rows = promises_shown.fetched(found).order_by("due_on", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = promises_shown.shown(page.object_list, day=visit.today)
    return render(
        request,
        "advocate/chase.html",
        {
            "form": narrowed.form,
            "page_obj": page,
            "rows": shown,
            "several": ACTS,
            "is_narrowed": any(chosen.values()),
        },
    )


@require_POST
@doors.staff(*desk.ROLES)
def chase(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Chase one promise, and come back to where it was tapped."""
    return _one(request, visit, reference, promises.chase)


@require_POST
@doors.staff(*desk.ROLES)
def done(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Say that what was promised was done, and come back to where it was tapped."""
    return _one(request, visit, reference, promises.done)


@require_POST
@doors.staff(*desk.ROLES)
def chase_several(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Chase several, or say of several that they are done, each for itself."""
    verb = promises.done if request.POST.get("act") == "done" else promises.chase
    ticked = _owed(visit).filter(reference__in=lists.chosen(request))
    rows = [
        (f"{one.who}, {one.what}", _bound(verb, one.promise, visit))
        for one in promises_shown.shown(
            promises_shown.fetched(ticked).order_by("family", "pk"), day=visit.today
        )
    ]
    return lists.several(request, visit, rows, back=reverse("advocate_chase"))


def _bound(
    verb: Callable[..., object], promise: Promise, visit: doors.Visit
) -> Callable[[], object]:
    return lambda: verb(promise=promise, by=visit.by, at=visit.at)


def _one(
    request: HttpRequest,
    visit: doors.Visit,
    reference: uuid.UUID,
    verb: Callable[..., object],
) -> HttpResponse:
    rows = _owed(visit).filter(reference=reference)
    promise = rows.select_related("referral", "family").first()
    if promise is None:
        raise Http404
    if request.POST.get("from") == "list":
        page = reverse("advocate_chase")
    elif promise.referral is not None:
        page = reverse("advocate_referral", args=[promise.referral.reference])
    else:
        page = reverse("advocate_family", args=[promise.family.reference])
    kept = promise

    def act() -> str:
        verb(promise=kept, by=visit.by, at=visit.at)
        return page

    return doors.perform(request, visit, act, back=page)


def _owed(visit: doors.Visit) -> QuerySet[Promise]:
    found: QuerySet[Promise] = visit.visible(Promise.objects.open())
    return found
