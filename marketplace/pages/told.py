"""What one was told about a person: as the value or a yes or no, while the reason lasts."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from budgets.models import Person
from marketplace.pages import doors
from marketplace.pages.advocate.facts import CheckForm
from marketplace.pages.family import sharing_words
from marketplace.people.roles import Role
from marketplace.sharing import facts
from marketplace.sharing.models import Fact, FactForm, FactOffer, Verification

ROLES = (
    Role.ADVOCATE,
    Role.LEAD_PROFESSIONAL,
    Role.INTAKE_WORKER,
    Role.PROVIDER_WORKER,
    Role.COMMISSIONER,
)
MOST = 50


@dataclass(frozen=True)
class Line:
    """One thing that was told, in words; where the value was, it can be checked."""

    what: str
    answer: str
    is_verified: bool
    check_href: str


@doors.staff(*ROLES)
def page(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Read what she was told about one person; each line read is a look."""
    person = visit.visible(Person.objects.filter(reference=reference)).first()
    if person is None:
        raise Http404
    offers = facts.offers_to(user=visit.user, at=visit.at).filter(fact__person=person)
    found = list(offers.order_by("fact__key", "pk")[:MOST])
    rows = visit.visible(Fact.objects.standing().filter(person=person))
    seen = list(rows.exclude(offers__in=found).order_by("key", "pk")[:MOST])
    for fact in seen:
        visit.look(fact, reference=fact.reference, kind="fact")
    return render(
        request,
        "told.html",
        {
            "person": person,
            "lines": [*(_line(offered, visit) for offered in found), *map(_open, seen)],
            "checks": Verification.choices,
        },
    )


@require_POST
@doors.staff(*ROLES)
def check(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Note that she checked what she was told, and how."""
    offers = facts.offers_to(user=visit.user, at=visit.at).filter(form=FactForm.VALUE)
    found = get_object_or_404(offers.select_related("fact__person"), reference=reference)
    back = reverse("told", args=[found.fact.person.reference])
    form = CheckForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say how you checked it."))
        return HttpResponseRedirect(back)
    how = Verification(form.cleaned_data["how"])

    def act() -> str:
        facts.verify(fact=found.fact, how=how, by=visit.by, at=visit.at)
        return back

    return doors.perform(request, visit, act, back=back)


def _open(fact: Fact) -> Line:
    """Return a fact that a reason for the whole record opens."""
    value = sharing_words.value(fact.value)
    return Line(sharing_words.fact(fact.key), value, fact.is_verified, "")


def _line(offered: FactOffer, visit: doors.Visit) -> Line:
    told = facts.read(offered=offered, user=visit.user, at=visit.at)
    if told.form == FactForm.YES_NO:
        answer = {True: _("Yes"), False: _("No")}.get(told.answer or False)
        shown = _("Not known") if told.answer is None else str(answer)
        return Line(told.question, shown, told.is_verified, "")
    href = "" if told.is_verified else reverse("told_check", args=[offered.reference])
    return Line(
        sharing_words.fact(told.key), sharing_words.value(told.value), told.is_verified, href
    )
