"""A shortlist without signing in: kept in the session, shared by an address of slugs only."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cms.models import Service
from marketplace.pages import doors
from marketplace.pages.public import compare
from marketplace.people.models import User

KEY = "shortlist"
MOST = 15
"""As many as one form asks of (design §1)."""

# Adding and taking off can be sent twice and are the same as once, so no form's key is stored:
# nothing but the session knows of them.


def slugs(request: HttpRequest) -> list[str]:
    """Return what is on the shortlist of this session, in the order it was put there."""
    kept = request.session.get(KEY)
    return [slug for slug in kept if isinstance(slug, str)] if isinstance(kept, list) else []


def page(request: HttpRequest) -> HttpResponse:
    """Show the shortlist, or one that somebody shared; at most as many as one form asks of."""
    shared = request.GET.getlist("service")[:MOST]
    wanted = shared or slugs(request)
    chosen = compare.chosen(wanted, on=timezone.localdate())
    here = [row.slug for row in chosen]
    user = request.user
    door = doors.door_of(user=user, on=timezone.localdate()) if isinstance(user, User) else ""
    return render(
        request,
        "public/shortlist.html",
        {
            "is_shared": bool(shared),
            "chosen": chosen,
            "gone": len(set(wanted)) - len(here),
            "share": request.build_absolute_uri(address(here)) if here else "",
            "here": here,
            "door": door,
        },
    )


@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Put a service on the shortlist; twice is once."""
    found = get_object_or_404(Service.objects.offered(timezone.localdate()), slug=slug)
    _keep(request, [found.slug], said=_("“%(name)s” is on your shortlist.") % {"name": found.name})
    return _back(request)


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Put what somebody shared on one's own shortlist."""
    shared = compare.chosen(request.POST.getlist("service")[:MOST], on=timezone.localdate())
    _keep(request, [row.slug for row in shared], said=_("They are on your shortlist now."))
    return HttpResponseRedirect(reverse("shortlist"))


@require_POST
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a service off the shortlist, whether it is still offered or not."""
    request.session[KEY] = [kept for kept in slugs(request) if kept != slug]
    return _back(request)


@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    """Take everything off the shortlist, and leave no trace of it in the session."""
    request.session.pop(KEY, None)
    return _back(request)


def address(wanted: Iterable[str]) -> str:
    """Return the address of a shortlist that can be shared: slugs, and nothing else."""
    query = urlencode([("service", slug) for slug in wanted])
    return f"{reverse('shortlist')}?{query}" if query else reverse("shortlist")


def _keep(request: HttpRequest, wanted: list[str], *, said: str) -> None:
    kept = list(dict.fromkeys([*slugs(request), *wanted]))
    request.session[KEY] = kept[:MOST]
    if len(kept) > MOST:
        full = _("A shortlist holds %(most)s. Take one off first.") % {"most": MOST}
        messages.warning(request, full)
    else:
        messages.success(request, said)


def _back(request: HttpRequest) -> HttpResponse:
    """Go back to the page of ours that the button was on."""
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if is_ours else reverse("shortlist"))
