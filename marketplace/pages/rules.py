"""A rule as it was on the day that something was done under it, for whoever may read that line."""

import uuid
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from budgets.models import Event
from cms.models import Step
from marketplace.authority.models import Rule
from marketplace.pages.family import words
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.sharing import sharing

# What a step is called where families read it.
STEPS = {
    Step.CHECK_ELIGIBILITY: gettext_lazy("check that it fits"),
    Step.TAKE_APPLICATION: gettext_lazy("fill in the form with you"),
    Step.DECIDE_ELIGIBILITY: gettext_lazy("say that you can have it"),
    Step.ASSESS: gettext_lazy("work out how much help"),
    Step.DIAGNOSE: gettext_lazy("find the cause"),
    Step.COMMISSION: gettext_lazy("set the money aside"),
    Step.BOOK: gettext_lazy("agree a time"),
}


@login_required
def rule(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Show one rule as it was on a day; 404 for who may read no line that was done under it."""
    user = request.user
    assert isinstance(user, User)  # login_required
    at = timezone.now()
    lines = Event.objects.filter(rule=reference)
    if not sharing.visible(lines, user=user, at=at).exists():
        raise Http404
    found = (
        Rule.objects.select_related(
            "agreement__owner", "agreement__holder", "service", "term", "cover"
        )
        .filter(reference=reference)
        .first()
    )
    if found is None:
        raise Http404
    is_family = user.person_id is not None
    context = {
        "rule": found,
        "on": _day(request.GET.get("on", ""), otherwise=timezone.localdate(at)),
        "step": STEPS[Step(found.step)] if is_family else Step(found.step).label,
        "role": words.ROLES[Role(found.role)] if is_family else Role(found.role).label,
    }
    return render(request, "family/rule.html" if is_family else "public/rule.html", context)


def _day(text: str, *, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise
