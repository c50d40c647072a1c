"""For who stands beside somebody and works nowhere: a friend, a volunteer; her powers, no more."""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from budgets.models import Goal, Member, Person, Relation
from cms import catalogue
from cms.models import Service
from marketplace.pages import danger, doors
from marketplace.pages.advocate import promises_shown
from marketplace.pages.safety import concerns
from marketplace.people import appointments
from marketplace.people.models import Appointment
from marketplace.people.roles import POWERS, Power
from marketplace.referrals import promises, sittings
from marketplace.referrals import referrals as ladder
from marketplace.referrals.models import Promise, Referral

MOST = 10

POWER_WORDS = {
    Power.CONFIDE: gettext_lazy("Be told what they tell nobody else, and keep it."),
    Power.SIGNPOST: gettext_lazy("Tell them what support there is."),
    Power.CHASE: gettext_lazy("Chase what was promised to them."),
    Power.REPRESENT: gettext_lazy("Act for them: plan, choose and ask."),
}


@dataclass(frozen=True)
class Stood:
    """One person she stands beside, as what, and what that lets her do."""

    appointment: Appointment
    person: Person
    may: tuple[str, ...]
    may_not: tuple[str, ...]


def words(kind: str, *, held: bool) -> tuple[str, ...]:
    """Return what a kind of advocate may do, or may not, in plain words."""
    powers = POWERS[kind]
    return tuple(str(said) for power, said in POWER_WORDS.items() if (power in powers) is held)


@doors.beside
def people(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List the people who chose her."""
    held = _held(visit).order_by("starts_on", "pk")
    return render(request, "beside/people.html", {"stood": [_stood(one) for one in held]})


@doors.beside
def ring(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Say whom to ring where somebody is in danger; then she goes on where she was."""
    go_on = concerns.back(request) or reverse("beside_people")
    return render(request, "beside/ring.html", {"contacts": danger.contacts(), "go_on": go_on})


@doors.beside
def person(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show what one person shares with her, and what she may do."""
    one = _one(visit, reference)
    visit.open(Person.objects.all(), reference=one.person.reference, kind="person")
    goals = visit.visible(Goal.objects.open().filter(person=one.person))
    asked = visit.visible(Referral.objects.open().filter(person=one.person))
    owed = visit.visible(Promise.objects.open().filter(person=one.person))
    rows = promises_shown.fetched(owed)
    return render(
        request,
        "beside/person.html",
        {
            "one": _stood(one),
            "goals": goals.order_by("position", "pk"),
            "asked": asked.select_related("service").order_by("-asked_at", "-pk")[:MOST],
            "promises": promises_shown.shown(rows.order_by("due_on", "pk"), day=visit.today),
            "may_chase": one.has(Power.CHASE),
            "lead": _lead(visit, one),
        },
    )


@doors.beside
def find(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Find support to tell somebody of."""
    one = _one(visit, reference, power=Power.SIGNPOST)
    visit.open(Person.objects.all(), reference=one.person.reference, kind="person")
    said = request.GET.get("words", "").strip()[:100]
    age = one.person.age_on(visit.today)
    found = catalogue.search(on=visit.today, words=said, age=age)[:MOST] if said else []
    return render(
        request, "beside/find.html", {"one": _stood(one), "words": said, "found": list(found)}
    )


@require_POST
@doors.beside
def tell(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, slug: str) -> HttpResponse:
    """Tell somebody of a service: they are shown it, and choose themselves."""
    one = _one(visit, reference, power=Power.SIGNPOST)
    service = get_object_or_404(Service.objects.offered(visit.today), slug=slug)
    home = (
        Member.objects.on(visit.today)
        .filter(person=one.person)
        .exclude(relation=Relation.VISITOR)
        .select_related("family")
        .order_by("joined_on", "pk")
        .first()
    )
    if home is None:
        raise Http404
    before = visit.visible(Referral.objects.open().filter(person=one.person, service=service))
    back = reverse("beside_person", args=[reference])
    if before.exists():
        messages.info(request, _("They know of this one already."))
        return HttpResponseRedirect(back)

    def act() -> str:
        by = visit.acting_for(one.person)
        told = ladder.refer(
            person=one.person, family=home.family, service=service, by=by, at=visit.at
        )
        sittings.close(referral=told, by=by, at=visit.at)
        return back

    query = urlencode({"words": request.POST.get("words", "")})
    find_again = f"{reverse('beside_find', args=[reference])}?{query}"
    return doors.perform(request, visit, act, back=find_again)


@require_POST
@doors.beside
def chase(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, promise: uuid.UUID
) -> HttpResponse:
    """Chase what was promised to somebody."""
    one = _one(visit, reference, power=Power.CHASE)
    owed = visit.visible(Promise.objects.open().filter(person=one.person))
    found = get_object_or_404(owed, reference=promise)
    back = reverse("beside_person", args=[reference])

    def act() -> str:
        promises.chase(promise=found, by=visit.acting_for(one.person), at=visit.at)
        return back

    return doors.perform(request, visit, act, back=back)


@require_POST
@doors.beside
def stand_down(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Stand beside somebody no more."""
    one = _one(visit, reference)

    def act() -> str:
        appointments.end(appointment=one, on=visit.today, by=visit.by, at=visit.at)
        return reverse("front_door")

    back = reverse("beside_person", args=[reference])
    return doors.perform(request, visit, act, back=back)


def _held(visit: doors.Visit, power: Power | None = None) -> QuerySet[Appointment]:
    found = appointments.of(user=visit.user, on=visit.today, power=power)
    return found.select_related("person")


def _one(visit: doors.Visit, reference: uuid.UUID, *, power: Power | None = None) -> Appointment:
    """Return her appointment: 404 where it is another's, or does not give that power."""
    found: Appointment = get_object_or_404(_held(visit, power), reference=reference)
    return found


def _stood(one: Appointment) -> Stood:
    return Stood(
        appointment=one,
        person=one.person,
        may=words(one.kind, held=True),
        may_not=words(one.kind, held=False),
    )


def _lead(visit: doors.Visit, one: Appointment) -> appointments.LeadNamed | None:
    home = (
        Member.objects.on(visit.today).filter(person=one.person).exclude(relation=Relation.VISITOR)
    )
    first = home.select_related("family").order_by("joined_on", "pk").first()
    return appointments.lead_of(family=first.family, on=visit.today) if first else None
