"""Giving one's word, keeping it, and pausing a clock: the same forms at each worker's door."""

import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Family, Person
from cms.models import Organisation
from marketplace.notices import working_days
from marketplace.pages import doors
from marketplace.people.models import User
from marketplace.referrals import pauses, promises
from marketplace.referrals.models import (
    GIVEN_KINDS,
    Pause,
    PauseReason,
    Promise,
    PromiseKind,
    Referral,
)

ME, US = "me", "us"
LONGEST = 200
SOON_WORKING_DAYS = 2

KINDS = {
    PromiseKind.CALL_BACK: gettext_lazy("Call them back"),
    PromiseKind.WRITE_UP: gettext_lazy("Write something up"),
    PromiseKind.ATTEND: gettext_lazy("Be there: a meeting, a visit"),
}


class PromiseForm(forms.Form):
    """What is promised, to whom, by whom and by when."""

    person = forms.ChoiceField(label=gettext_lazy("To whom?"), widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        label=gettext_lazy("What is promised?"),
        choices=[(kind, KINDS[kind]) for kind in GIVEN_KINDS],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("About what?"),
        help_text=gettext_lazy("The family reads this."),
        max_length=LONGEST,
        required=False,
    )
    who = forms.ChoiceField(label=gettext_lazy("Who promised it?"), widget=forms.RadioSelect)
    due_on = forms.DateField(label=gettext_lazy("By when?"), widget=forms.DateInput)
    is_secret = forms.BooleanField(
        label=gettext_lazy("Only for this person: nobody else at home sees it"), required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        visit: doors.Visit,
        people: list[Person],
        referral: Referral | None = None,
    ) -> None:
        first = working_days.after(visit.today, SOON_WORKING_DAYS)
        super().__init__(data, initial={"due_on": first, "who": ME})
        self.people = {str(one.reference): one for one in people}
        self.places = _places(visit, referral)
        _choose(self, "person", [(key, one.first_name) for key, one in self.people.items()])
        _choose(self, "who", [(ME, _("I do")), *self._named()])
        if len(people) == 1:
            self.initial["person"] = next(iter(self.people))
        if referral is not None:
            del self.fields["person"], self.fields["is_secret"]

    def _named(self) -> list[tuple[str, str]]:
        return [(key, place.name) for key, place in self.places.items()]

    def person_of(self, referral: Referral | None) -> Person:
        """Return to whom it is promised."""
        found: Person = (
            referral.person if referral is not None else self.people[self.cleaned_data["person"]]
        )
        return found


class PauseForm(forms.Form):
    """Why the clock stops, and on which day it goes on."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"), choices=PauseReason.choices, widget=forms.RadioSelect
    )
    ends_on = forms.DateField(
        label=gettext_lazy("On which day does it go on?"),
        help_text=gettext_lazy("It goes on by itself that day. The family sees why it waits."),
        widget=forms.DateInput,
    )


def promise(
    request: HttpRequest,
    visit: doors.Visit,
    *,
    family: Family,
    people: list[Person],
    referral: Referral | None,
    back: str,
) -> HttpResponse:
    """Ask what is promised, and give one's word."""
    form = PromiseForm(request.POST or None, visit=visit, people=people, referral=referral)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            _give(form, visit=visit, family=family, referral=referral)
            return back

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return _page(
        request,
        form,
        title=_("Promise something"),
        lede=_("It is on your list and on the family’s until it is done."),
        button=_("Promise it"),
        back=back,
        about=_about(family, referral),
    )


def pause(
    request: HttpRequest, visit: doors.Visit, *, referral: Referral, back: str
) -> HttpResponse:
    """Ask why and until when, and stop the clock."""
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            pauses.pause(
                referral=referral,
                reason=PauseReason(form.cleaned_data["reason"]),
                ends_on=form.cleaned_data["ends_on"],
                by=visit.by,
                at=visit.at,
            )
            return back

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    left = pauses.left(referral=referral)
    return _page(
        request,
        form,
        title=_("Put it on hold"),
        lede=_("What is promised is due later by as many working days: %(days)s more at most.")
        % {"days": left},
        button=_("Put it on hold"),
        back=back,
        about=_about(referral.family, referral),
    )


def go_on(
    request: HttpRequest, visit: doors.Visit, *, referral: Referral, back: str
) -> HttpResponse:
    """Let the clock run again from today."""

    def act() -> str:
        pauses.go_on(referral=referral, by=visit.by, at=visit.at)
        return back

    return doors.perform(request, visit, act, back=back)


def done(
    request: HttpRequest, visit: doors.Visit, *, reference: uuid.UUID, back: str
) -> HttpResponse:
    """Say in one tap that what was promised was done."""
    found = visit.visible(Promise.objects.open()).filter(reference=reference).first()
    if found is None:
        raise Http404

    def act() -> str:
        promises.done(promise=found, by=visit.by, at=visit.at)
        return back

    return doors.perform(request, visit, act, back=back)


def paused(visit: doors.Visit, referral: Referral) -> Pause | None:
    """Return the pause that holds today."""
    return Pause.objects.on(visit.today).filter(referral=referral).first()


def holding(visit: doors.Visit, referral: Referral, *, door: str) -> dict[str, Any]:
    """Return what a referral's page at a door says of its pause, and where its forms are."""
    may = referral.is_open and pauses.may_pause(referral=referral, by=visit.by, at=visit.at)
    at = {"reference": referral.reference}
    return {
        "paused": paused(visit, referral),
        "may_pause": may,
        "pause_href": reverse(f"{door}_pause", kwargs=at),
        "go_on_href": reverse(f"{door}_go_on", kwargs=at),
        "promise_href": reverse(f"{door}_promise", kwargs=at) if referral.is_open else "",
        "done_name": f"{door}_promise_done",
    }


def _give(
    form: PromiseForm, *, visit: doors.Visit, family: Family, referral: Referral | None
) -> None:
    said = form.cleaned_data
    place: Organisation = form.places.get(said["who"], visit.organisation)
    worker: User | None = visit.user if said["who"] == ME else None
    promises.give(
        family=family,
        person=form.person_of(referral),
        kind=PromiseKind(said["kind"]),
        organisation=place,
        worker=worker,
        referral=referral,
        words=said["words"],
        is_confidential=bool(said.get("is_secret")),
        due_on=said["due_on"],
        by=visit.by,
        at=visit.at,
    )


def _places(visit: doors.Visit, referral: Referral | None) -> dict[str, Organisation]:
    """Return whose word can be noted: her own organisation's, and those of the service."""
    found = {US: visit.organisation}
    if referral is not None:
        for place in (referral.service.owner, referral.service.provider):
            if place.pk not in [one.pk for one in found.values()]:
                found[str(place.reference)] = place
    return found


def _choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _about(family: Family, referral: Referral | None) -> str:
    if referral is None:
        return family.name
    return f"{referral.service.name}, {referral.person.first_name}"


def _page(request: HttpRequest, form: forms.Form, **said: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    context = {"form": form, "form_key": request.POST.get("form_key", ""), **said}
    return render(request, "components/promising.html", context, status=status)
