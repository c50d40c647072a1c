"""What was promised to her families and is late or due: chased in one tap."""

import uuid

import django_filters
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from budgets.models import Family
from marketplace.notices import working_days
from marketplace.pages import doors
from marketplace.pages.advocate import desk, promises_shown
from marketplace.referrals import promises
from marketplace.referrals.models import Promise

PER_PAGE = 20
SOON_DAYS = 2


class Promised(django_filters.FilterSet):
    """Promises by household, and by how they stand."""

    family = django_filters.ModelChoiceFilter(
        label=_("Family"),
        field_name="referral__family",
        to_field_name="reference",
        queryset=Family.objects.none(),
        empty_label=_("All my families"),
    )
    show = django_filters.ChoiceFilter(
        label=_("Show"),
        choices=[("late", _("Only what is late")), ("all", _("Everything promised"))],
        empty_label=_("Late, and due in two days"),
        method="narrow",
    )

    class Meta:
        model = Promise
        fields: list[str] = []

    def narrow(self, found: QuerySet[Promise], _name: str, _value: str) -> QuerySet[Promise]:
        """Leave it to `chase_list`, which narrows by the day also where nothing is chosen."""
        return found


@doors.staff(*desk.ROLES)
def chase_list(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what is late or due over all her families, the latest first."""
    families = desk.families(visit)
    owed = _owed(visit).filter(referral__family__in=families.values("pk"))
    narrowed = Promised(request.GET, queryset=owed)
    narrowed.form.fields["family"].queryset = families
    chosen = narrowed.form.cleaned_data if narrowed.form.is_valid() else {}
    found = narrowed.qs if narrowed.form.is_valid() else owed
    if chosen.get("show") == "late":
        found = found.filter(due_on__lt=visit.today)
    elif chosen.get("show") != "all":
        found = found.filter(due_on__lte=working_days.after(visit.today, SOON_DAYS))
    rows = found.select_related(
        "organisation", "referral__service", "referral__person", "referral__family"
    ).order_by("due_on", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = promises_shown.shown(page.object_list, day=visit.today)
    return render(
        request,
        "advocate/chase.html",
        {"form": narrowed.form, "page_obj": page, "rows": shown, "back": request.get_full_path()},
    )


@require_POST
@doors.staff(*desk.ROLES)
def chase(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Chase one promise, and come back to where it was tapped."""
    promise = _owed(visit).filter(reference=reference).select_related("referral").first()
    if promise is None:
        raise Http404
    page = reverse("advocate_referral", args=[promise.referral.reference])
    if request.POST.get("from") == "list":
        page = reverse("advocate_chase")

    def act() -> str:
        promises.chase(promise=promise, by=visit.by, at=visit.at)
        return page

    return doors.perform(request, visit, act, back=page)


def _owed(visit: doors.Visit) -> QuerySet[Promise]:
    found: QuerySet[Promise] = visit.visible(Promise.objects.open())
    return found
