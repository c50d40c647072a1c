"""A yes that was told to her: taken down for the person she acts for, and taken back."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from budgets import families
from budgets.models import Family, Person
from marketplace.bookings import consents
from marketplace.pages import doors
from marketplace.pages.advocate import desk, sharing_shown
from marketplace.pages.family import sharing_forms
from marketplace.people import appointments
from marketplace.people.roles import Power
from marketplace.sharing.models import ConsentHow, Reason

HOW = (ConsentHow.TOLD_ADVOCATE, ConsentHow.ON_PAPER)


class ToldForm(sharing_forms.ShareForm):
    """The one form, as it was filled in together: also who said yes, how, and on which day."""

    given_by = forms.ChoiceField(label=gettext_lazy("Who said yes?"))
    how = forms.ChoiceField(
        label=gettext_lazy("How was it said?"),
        choices=[(one.value, one.label) for one in HOW],
        widget=forms.RadioSelect,
        initial=ConsentHow.TOLD_ADVOCATE.value,
    )
    told_on = forms.DateField(
        label=gettext_lazy("On which day?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, people: list[Person], on: date, **kwargs: Any) -> None:
        named = [(str(one.reference), one.name) for one in people]
        super().__init__(*args, people=named, on=on, **kwargs)
        self.people = {str(one.reference): one for one in people}
        givers = {
            giver.pk: giver for one in people for giver in families.deciders(person=one, on=on)
        }
        self.givers = {str(giver.reference): giver for giver in givers.values()}
        shown = [(key, giver.name) for key, giver in self.givers.items()]
        self.fields["given_by"].choices = [("", _("Choose one")), *shown]  # type: ignore[attr-defined]
        self.fields["told_on"].initial = on


@doors.staff(*desk.ROLES)
def page(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show who can see what about those she acts for, and take down a yes that was told to her."""
    found = desk.open_family(visit, reference)
    people = represented(visit, found)
    if not people:
        raise Http404
    form = ToldForm(request.POST or None, people=people, on=visit.today)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        person = form.people[said["person"]]

        def act() -> str:
            form.share(
                person=person,
                given_by=form.givers[said["given_by"]],
                how=ConsentHow(said["how"]),
                told_on=said["told_on"],
                by=visit.acting_for(person),
                at=visit.at,
            )
            return reverse("advocate_sharing", args=[reference])

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "advocate/sharing.html",
        {
            "family": found,
            "shared": sharing_shown.shared(_reasons(visit, people), visit=visit),
            "form": form,
            "form_key": request.POST.get("form_key", ""),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
@doors.staff(*desk.ROLES)
def stop(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Stop one sharing for a person she acts for, who told her so."""
    rows = visit.visible(Reason.objects.filter(person__in=_persons(visit)))
    found = get_object_or_404(rows.select_related("person"), reference=reference)
    home = _home(visit, found.person)
    back = reverse("advocate_sharing", args=[home.reference])

    def act() -> str:
        consents.stop(reason=found, by=visit.acting_for(found.person), at=visit.at)
        return back

    return doors.perform(request, visit, act, back=back)


def represented(visit: doors.Visit, found: Family) -> list[Person]:
    """Return those of a household whom she may act for."""
    mine = set(_persons(visit).values_list("person", flat=True))
    return [person for person in desk.people(visit, found) if person.pk in mine]


def _persons(visit: doors.Visit) -> Any:
    held = appointments.of(user=visit.user, on=visit.today, power=Power.REPRESENT)
    return held.values("person")


def _reasons(visit: doors.Visit, people: list[Person]) -> Any:
    live = visit.visible(Reason.objects.live(visit.at).filter(person__in=people))
    return live.select_related("person", "organisation", "user", "consent").order_by(
        "person__born_on", "opened_at", "pk"
    )


def _home(visit: doors.Visit, person: Person) -> Family:
    homes = desk.families(visit).filter(members__person=person)
    home = homes.distinct().first()
    if home is None:
        raise Http404
    return home
