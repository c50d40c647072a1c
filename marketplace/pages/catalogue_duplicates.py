"""Services that are there twice, in `/cms/`: found, set side by side, made one or kept as two."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import catalogue, differences, duplicates
from cms.models import Service
from marketplace.pages import catalogue_gate

PER_PAGE = 20


@dataclass(frozen=True)
class Row:
    """One field of both entries."""

    label: str
    first: tuple[str, ...]
    second: tuple[str, ...]


def listing(request: HttpRequest) -> HttpResponse:
    """List the pairs among an editor's own entries that are likely the same service."""
    _must_edit(request)
    own = catalogue_gate.within_reach(Service, request.user)
    pairs = duplicates.likely(services=own, on=timezone.localdate())
    page = Paginator(pairs, PER_PAGE).get_page(request.GET.get("p"))
    return render(request, "cms/duplicates.html", {"page_obj": page})


def show(request: HttpRequest, first: int, second: int) -> HttpResponse:
    """Set two entries side by side; make them one, or keep that they are two."""
    _must_edit(request)
    both = _both(request, first, second)
    refused = ""
    if request.method == "POST":
        try:
            _answer(request, *both)
            return redirect("catalogue_duplicates")
        except catalogue.Refused as refusal:
            refused = refusal.sentence
            both = _both(request, first, second)
    said = [differences.said(one) for one in both]
    rows = [
        Row(differences.label(name), said[0][name], said[1][name])
        for name in differences.WORDS
        if said[0][name] != said[1][name]
    ]
    context = {"both": both, "rows": rows, "refused": refused}
    return render(request, "cms/duplicate.html", context, status=422 if refused else 200)


def _must_edit(request: HttpRequest) -> None:
    if not request.user.has_perm("cms.change_service"):
        raise PermissionDenied


def _both(request: HttpRequest, first: int, second: int) -> tuple[Service, Service]:
    own = catalogue_gate.within_reach(Service, request.user).select_related("owner", "provider")
    found = own.in_bulk([first, second])
    if len(found) < 2:
        raise Http404
    return found[first], found[second]


def _answer(request: HttpRequest, first: Service, second: Service) -> None:
    user: Any = request.user
    said = request.POST.get("answer", "")
    if said == "two":
        duplicates.are_two(first=first, second=second, by=str(user.reference), at=timezone.now())
        messages.success(request, _("Kept as two. We will not ask about them again."))
        return
    stays = {str(first.pk): (second, first), str(second.pk): (first, second)}
    if said not in stays:
        raise catalogue.Refused(_("Choose which one stays, or that they are two."))
    service, into = stays[said]
    duplicates.join(service=service, into=into, at=timezone.now(), by_user=user)
    told = _("%(name)s is one entry now. The address of the other leads to it.")
    messages.success(request, told % {"name": into.name})


def urlpatterns() -> list[URLPattern]:
    """Return where these pages are, under `/cms/`."""
    return [
        path("duplicates/", listing, name="catalogue_duplicates"),
        path("duplicates/<int:first>/<int:second>/", show, name="catalogue_duplicate"),
    ]
