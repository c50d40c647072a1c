"""Signing in: by invitation only; in the demonstration also as one of its cast."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from marketplace.pages import addresses, doors
from marketplace.people.models import User

CAST_FILE = Path(settings.BASE_DIR) / "marketplace" / "data" / "cast.json"


@dataclass(frozen=True)
class CastMember:
    """Somebody of the demonstration whom a visitor can be."""

    name: str
    role_words: str
    email: str


class Adapter(DefaultAccountAdapter):
    """Nobody signs up alone: people are invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse signing up."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that sign-ins are counted by: the same as everywhere."""
        return addresses.of(request)


@cache
def cast() -> tuple[CastMember, ...]:
    """Return the demonstration's cast, from its committed file."""
    entries = json.loads(CAST_FILE.read_text(encoding="utf-8"))["cast"]
    return tuple(
        CastMember(name=entry["name"], role_words=entry["role_words"], email=entry["email"])
        for entry in entries
    )


@login_required
def front_door(request: HttpRequest) -> HttpResponse:
    """Send a user who signed in to the door of her role."""
    user = request.user
    assert isinstance(user, User)  # login_required
    door = doors.door_of(user=user, on=timezone.localdate())
    if not door:
        return render(request, "public/no_role.html", status=403)
    return HttpResponseRedirect(f"/{door}/")


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the cast; exists in the demonstration only."""
    email = request.POST.get("email", "")
    if not settings.DEMO or email not in {member.email for member in cast()}:
        raise Http404
    user = get_object_or_404(User, email=email, is_active=True)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect(reverse("front_door"))
