"""One-button forms whose refusal is told in a family's words."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect

from budgets import history
from budgets.models import Person
from marketplace.pages import doors
from marketplace.pages.family import words


def perform(
    request: HttpRequest, visit: doors.Visit, act: Callable[[], str], *, back: str, done: str = ""
) -> HttpResponseRedirect:
    """Act once and say so; a refusal becomes a message on the page it came from."""
    try:
        answer = doors.once(request, visit, act)
    except doors.REFUSALS as refusal:
        messages.error(request, words.refused(refusal))
        return HttpResponseRedirect(back)
    if done:
        messages.success(request, done)
    return answer


def by(visit: doors.Visit, person: Person) -> history.Actor:
    """Return who acts: for herself, or on behalf of somebody she decides for."""
    return visit.by if person.pk == visit.person.pk else visit.acting_for(person)
