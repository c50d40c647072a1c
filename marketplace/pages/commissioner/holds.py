"""Legal holds: placed by the reference of a person or a household, never found by a name."""

from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marketplace.pages import doors
from marketplace.people.roles import Role
from marketplace.rights import holds
from marketplace.rights.models import LegalHold, RetentionRule, RetentionRun

PER_PAGE = 20
LONGEST = 1000


class HoldForm(forms.Form):
    """What is kept, and why."""

    reference = forms.UUIDField(
        label=gettext_lazy("Reference of the person or the household"),
        help_text=gettext_lazy("It is in the request, or on the page of what you hold."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it has to be kept, and who asked for it"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@doors.staff(Role.ADMINISTRATOR)
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the organisation's holds, place one, and show how long everything else is kept."""
    if not visit.organisation.is_public_body:
        raise PermissionDenied(_("Only public bodies place legal holds."))
    form = HoldForm(request.POST or None, initial={"reference": request.GET.get("reference", "")})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data

        def act() -> str:
            holds.place(
                on=holds.find(reference=said["reference"]),
                reason=said["reason"],
                user=visit.user,
                by=visit.by,
                at=visit.at,
            )
            return reverse("commissioner_holds")

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    rows = _own(visit).select_related("person", "family").order_by("lifted_at", "-placed_at", "-pk")
    context = {
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "rules": RetentionRule.objects.all(),
        "runs": RetentionRun.objects.select_related("rule")[:PER_PAGE],
    }
    return render(request, "commissioner/holds.html", context)


@require_POST
@doors.staff(Role.ADMINISTRATOR)
def lift(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Lift a hold, with why."""
    hold = get_object_or_404(_own(visit), reference=reference)

    def act() -> str:
        reason = request.POST.get("reason", "")[:LONGEST]
        holds.lift(hold=hold, reason=reason, user=visit.user, by=visit.by, at=visit.at)
        return reverse("commissioner_holds")

    return doors.perform(request, visit, act, back=reverse("commissioner_holds"))


def _own(visit: doors.Visit) -> QuerySet[LegalHold]:
    return LegalHold.objects.filter(organisation=visit.organisation)
