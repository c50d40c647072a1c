"""The organisations an administrator looks after; who looks after the whole site adds them."""

import uuid

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from cms.models import Organisation
from marketplace.pages import doors
from marketplace.pages.administrator import forms, scope
from marketplace.people import organisations

PER_PAGE = 20


@doors.administrator
def listing(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the organisations, with how many people work there."""
    works = Q(memberships__starts_on__lte=visit.today, memberships__suspended_at__isnull=True) & (
        Q(memberships__ends_on__isnull=True) | Q(memberships__ends_on__gt=visit.today)
    )
    found = scope.organisations(visit)
    words = request.GET.get("words", "").strip()
    if words:
        found = found.filter(name__icontains=words)
    counted = found.annotate(workers=Count("memberships__user", filter=works, distinct=True))
    page = Paginator(counted, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "administrator/organisations.html",
        {"page_obj": page, "words": words, "may_add": visit.user.is_superuser},
    )


@doors.administrator
def new(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Add an organisation."""
    if not visit.user.is_superuser:
        raise PermissionDenied(_("Only who looks after the whole site can add an organisation."))
    return _form(request, visit, None)


@doors.administrator
def edit(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Change what is known of an organisation."""
    return _form(request, visit, scope.one(scope.organisations(visit), reference))


def _form(request: HttpRequest, visit: doors.Visit, found: Organisation | None) -> HttpResponse:
    form = forms.OrganisationForm(
        request.POST if request.method == "POST" else None,
        instance=Organisation.objects.get(pk=found.pk) if found else None,
        is_own=not visit.user.is_superuser,
    )
    back = reverse("admin_organisations")

    def act() -> str:
        given = form.cleaned_data
        if found is None:
            organisations.add(by=visit.by, at=visit.at, **given)
        else:
            organisations.change(organisation=found, by=visit.by, at=visit.at, **given)
        return back

    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "administrator/form.html",
        {
            "form": form,
            "title": found.name if found else _("Add an organisation"),
            "button": _("Save"),
            "back": back,
            "form_key": request.POST.get("form_key", ""),
        },
        status=422 if form.errors else 200,
    )
