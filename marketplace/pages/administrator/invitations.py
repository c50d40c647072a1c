"""Who was asked to work here: by a link that is good once."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.pages import doors
from marketplace.pages.administrator import forms, scope
from marketplace.people import invitations
from marketplace.people.roles import Role

PER_PAGE = 20


@doors.administrator
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the invitations of her organisations, newest first, and send another."""
    places = scope.organisations(visit)
    form = forms.Invite(request.POST if request.method == "POST" else None, places=places)

    def act() -> str:
        given = form.cleaned_data
        invitations.invite(
            email=given["email"],
            organisation=given["organisation"],
            role=Role(given["role"]),
            by=visit.by,
            at=visit.at,
        )
        return reverse("admin_invitations")

    if request.method == "POST" and form.is_valid():
        try:
            answer = doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The invitation goes out now."))
            return answer
    rows = scope.invitations(visit).select_related("organisation", "invited_by")
    paged = Paginator(rows.order_by("-created_at", "-pk"), PER_PAGE)
    return render(
        request,
        "administrator/invitations.html",
        {
            "form": form,
            "page_obj": paged.get_page(request.GET.get("page")),
            "now": visit.at,
            "form_key": request.POST.get("form_key", ""),
        },
        status=422 if form.errors else 200,
    )


@require_POST
@doors.administrator
def withdraw(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Take an invitation back."""
    found = scope.one(scope.invitations(visit), reference)
    back = reverse("admin_invitations")

    def act() -> str:
        invitations.withdraw(invitation=found, by=visit.by, at=visit.at)
        return back

    return doors.perform(request, visit, act, back=back)
