"""What an organisation holds about a person, to read and to take, as long as there is a reason."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from budgets.models import Family, Member, Person
from marketplace.pages import doors, downloads
from marketplace.pages.advocate import desk
from marketplace.pages.records import STAFF
from marketplace.rights import copies, holding, standing
from marketplace.sharing import sharing

FILENAME = "what-we-hold.zip"


@doors.staff(*STAFF)
def page(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Show what this worker may know of a person now, kind by kind."""
    copy = _copy(visit, reference)
    held = standing.of(user=visit.user, person=copy.person, at=visit.at)
    can_ask = held is not None and held.kind == "represents"
    return render(
        request,
        "records/held.html",
        {"copy": copy, "can_ask": can_ask, "family": _family(visit, copy.person)},
    )


@doors.staff(*STAFF)
def download(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Give it as a file, asked of the gate at this moment: what was stopped is not in it."""
    copy = _copy(visit, reference)
    return downloads.of_copy(request, copy, filename=FILENAME)


def _family(visit: doors.Visit, person: Person) -> Family | None:
    """Return the household on her desk that the person lives in: the way back."""
    homes = Member.objects.on(visit.today).filter(person=person).values("family")
    return desk.families(visit).filter(pk__in=homes).first()


def _copy(visit: doors.Visit, reference: UUID) -> copies.Copy:
    person = Person.objects.filter(reference=reference).first()
    if person is None:
        raise Http404
    try:
        copy = holding.copy(
            person=person, organisation=visit.organisation, user=visit.user, at=visit.at
        )
    except sharing.NotFound as refusal:
        raise Http404 from refusal
    visit.look(copy.person, reference=reference, kind="record")
    return copy
