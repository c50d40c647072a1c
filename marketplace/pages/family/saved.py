"""What a family has begun to fill in: kept as it goes, found again, and sent or thrown away."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse

from budgets.models import Family, Person
from cms.models import Service
from marketplace.pages import doors
from marketplace.pages.advocate import questions
from marketplace.pages.family import acting, household
from marketplace.referrals import drafts
from marketplace.referrals.models import Draft, Referral

# What says why it is asked for; all else is answers.
WHY = ("goal", "barrier", "instead_of")


@dataclass(frozen=True)
class Begun:
    """A form that waits to be gone on with."""

    title: str
    name: str
    href: str


def of(visit: doors.Visit, person: Person, service: Service) -> Draft | None:
    """Return what the visitor has begun for one person and one service, the latest."""
    found: Draft | None = _begun(visit, person, service).first()
    return found


def typed(draft: Draft | None) -> dict[str, Any]:
    """Return what was typed, field by field."""
    return {**draft.why, **draft.answers} if draft is not None else {}


def keep(
    request: HttpRequest,
    visit: doors.Visit,
    *,
    family: Family,
    person: Person,
    service: Service,
    form: forms.Form,
) -> Draft:
    """Keep what was typed so far, complete or not."""
    said = {name: questions.as_typed(request.POST.get(name, "")) for name in form.fields}
    why = {name: said.pop(name) for name in WHY if name in said}
    by = acting.by(visit, person)
    draft = of(visit, person, service)
    if draft is None:
        return drafts.start(
            person=person,
            family=family,
            services=[service],
            why=why,
            answers=said,
            by=by,
            at=visit.at,
        )
    typed = questions.turn_of(request.POST)
    return drafts.save(draft=draft, why=why, answers=said, by=by, at=visit.at, typed=typed)


def settle(visit: doors.Visit, person: Person, service: Service, made: Referral) -> None:
    """Note that what was begun is asked for now."""
    for draft in _begun(visit, person, service):
        drafts.settle(draft=draft, made=[made], by=acting.by(visit, person), at=visit.at)


def discard(visit: doors.Visit, person: Person, service: Service) -> None:
    """Throw away what was begun."""
    for draft in _begun(visit, person, service):
        drafts.discard(draft=draft, by=acting.by(visit, person), at=visit.at)


def waiting(visit: doors.Visit, home: household.Household) -> list[Begun]:
    """Return what the visitor has begun and not sent, the latest first."""
    rows = drafts.mine(user=visit.user, at=visit.at).unfinished()  # type: ignore[attr-defined]
    found = rows.select_related("person").prefetch_related("services").order_by("-saved_at", "-pk")
    return [
        Begun(
            title=service.name,
            name=home.called(draft.person),
            href=reverse("family_ask", kwargs={"slug": service.slug})
            + "?"
            + urlencode({"for": str(draft.person.reference)}),
        )
        for draft in found
        for service in draft.services.all()
    ]


def _begun(visit: doors.Visit, person: Person, service: Service) -> Any:
    rows = drafts.mine(user=visit.user, at=visit.at).unfinished()  # type: ignore[attr-defined]
    alone = rows.annotate(count=Count("services", distinct=True)).filter(count=1)
    return alone.filter(person=person, services=service).order_by("-saved_at", "-pk")
