"""The owner's intake: takes a referral on, decides, assesses, sets money aside, or says no."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cms.models import Service
from marketplace.bookings import bookings
from marketplace.notices import topics
from marketplace.pages import changes, doors, leads, promising
from marketplace.pages.advocate import (
    before,
    promises_shown,
    questions,
    step_forms,
    steps,
    timeline,
)
from marketplace.people.roles import Role
from marketplace.referrals import acts, assessments, eligibility, interactions, turned_away
from marketplace.referrals.endings import MOST_ALTERNATIVES
from marketplace.referrals.models import Application, Assessment, EndReason, Promise, Referral, Rung

ROLES = (Role.INTAKE_WORKER, Role.PROVIDER_WORKER)
MOST_SUGGESTED = 12
TOGETHER = "together"
DECLINABLE = (Rung.SOFT_REFERRED, Rung.APPLIED, Rung.HARD_REFERRED, Rung.COMMISSIONED)


DECLINE_REASONS = [
    (reason, reason.label)
    for reason in (
        EndReason.NOT_ELIGIBLE,
        EndReason.NO_PLACE,
        EndReason.WRONG_SERVICE,
        EndReason.TOO_FAR,
        EndReason.ASKED_TWICE,
    )
]


class Decline(forms.Form):
    """A no: a coded reason, a sentence the family can read, up to three alternatives."""

    reason = forms.ChoiceField(
        label=_("Why?"),
        choices=DECLINE_REASONS,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("Tell the family why, in a plain sentence"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    unmet = forms.ChoiceField(
        label=_("Which published rule is not met?"),
        help_text=_("Only where it is for somebody in another situation. Nobody makes one up."),
        required=False,
        widget=forms.RadioSelect,
    )
    alternatives = forms.ModelMultipleChoiceField(
        label=_("What could help instead?"),
        help_text=_("Up to three."),
        queryset=Service.objects.none(),
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, data: Any = None, *, suggested: Any, referral: Referral, rules: eligibility.Result
    ) -> None:
        super().__init__(data)
        questions.choose(self, "alternatives", suggested)
        stands = [one for one in rules.answers if not one.met]
        unmet = self.fields["unmet"]
        assert isinstance(unmet, forms.ChoiceField)
        unmet.choices = [(one.criterion.sentence, _unmet_words(one)) for one in stands]
        questions.add_facts(
            self, missing=rules.missing, services=[referral.service], person=referral.person
        )
        facts_asked = [name for name in self.fields if name.startswith(questions.FACT)]
        for name in facts_asked:
            self.fields[name].required = False
            self.fields[name].help_text = _("Only if that is why. They told you this.")
        self.order_fields(["reason", "unmet", *facts_asked, "words", "alternatives"])
        if not stands:
            del self.fields["unmet"]
            reason = self.fields["reason"]
            assert isinstance(reason, forms.ChoiceField)
            kept = [pair for pair in DECLINE_REASONS if pair[0] != EndReason.NOT_ELIGIBLE]
            reason.choices = kept
            reason.help_text = _(
                "Every published rule is met, so it cannot be said that it is for somebody else."
            )

    def clean(self) -> dict[str, Any]:
        """Ask which rule is not met, where that is the reason."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") == EndReason.NOT_ELIGIBLE and not cleaned.get("unmet"):
            self.add_error("unmet", str(_("Choose the published rule that is not met.")))
        return cleaned

    def clean_alternatives(self) -> list[Service]:
        """Take three at most."""
        chosen = list(self.cleaned_data["alternatives"])
        if len(chosen) > MOST_ALTERNATIVES:
            raise forms.ValidationError(_("Choose three at most."))
        return chosen


@doors.staff(*ROLES)
def referral(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show one referral: what was asked for, what was told, and what to do now."""
    return _page(request, visit, _open(visit, reference))


@require_POST
@doors.staff(*ROLES)
def step(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, step: str) -> HttpResponse:
    """Take the next step."""
    found = _open(visit, reference)
    if step not in steps.BUTTONS:
        raise Http404
    form = steps.form_for(
        step=step, referral=found, at=visit.at, data=request.POST, told_to=found.service.owner
    )

    def act() -> None:
        steps.take(step=step, referral=found, form=form, by=visit.by, at=visit.at)

    return _act(request, visit, found, form, step, act)


@require_POST
@doors.staff(*ROLES)
def weigh(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Keep what has to be asked before money is set aside, where nobody asked it."""
    found = _open(visit, reference)
    form = before.form(visit, found, request.POST)

    def act() -> None:
        before.weigh(visit, found, form)

    return _act(request, visit, found, form, "before", act)


@require_POST
@doors.staff(*ROLES)
def decline(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Say no, with a reason, a sentence and what could help instead."""
    found = _open(visit, reference)
    form = _decline_form(visit, found, request.POST)

    def act() -> None:
        bookings.decline_support(
            referral=found,
            reason=EndReason(form.cleaned_data["reason"]),
            words=form.cleaned_data["words"],
            alternatives=form.cleaned_data["alternatives"],
            unmet=form.cleaned_data.get("unmet", ""),
            answers=questions.facts(form),
            by=visit.by,
            at=visit.at,
        )

    return _act(request, visit, found, form, "decline", act, after=reverse("provider_inbox"))


@require_POST
@doors.staff(*ROLES)
def together(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Take every step of the next interaction with one form, all or none."""
    found = _open(visit, reference)
    steps_now = interactions.steps(found)
    form = step_forms.of(
        steps=steps_now,
        referral=found,
        at=visit.at,
        data=request.POST,
        told_to=found.service.owner,
    )

    def act() -> None:
        interactions.take(
            referral=found,
            together=steps_now,
            given=step_forms.given(form),
            by=visit.by,
            at=visit.at,
        )

    return _act(request, visit, found, form, TOGETHER, act)


def _act(
    request: HttpRequest,
    visit: doors.Visit,
    found: Referral,
    form: forms.Form,
    name: str,
    act: Callable[[], None],
    *,
    after: str = "",
) -> HttpResponse:
    """Act once with a valid form; else show the page again as it was filled in."""

    def whole() -> str:
        act()
        return after or reverse("provider_referral", args=[found.reference])

    if form.is_valid():
        try:
            return doors.once(request, visit, whole)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return _page(request, visit, _open(visit, found.reference), bound={name: form}, status=422)


def _open(visit: doors.Visit, reference: uuid.UUID) -> Referral:
    rows = Referral.objects.with_names().select_related(
        "referrer", "referrer_organisation", "yes_by", "need"
    )
    found: Referral = visit.open(rows, reference=reference, kind="referral")
    return found


def _before(visit: doors.Visit, found: Referral, shown: list[steps.Shown]) -> before.Before | None:
    """Return what nobody asked yet, where the owner's intake is about to set money aside."""
    is_intake = visit.organisation == found.service.owner
    is_wanted = is_intake and any(one.is_next and one.needs_weighing for one in shown)
    return before.form(visit, found) if is_wanted else None


def _page(
    request: HttpRequest,
    visit: doors.Visit,
    found: Referral,
    *,
    bound: Mapping[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    bound = bound or {}
    shown = steps.shown(
        referral=found, by=visit.by, at=visit.at, bound=bound, told_to=found.service.owner
    )
    may_decline = found.rung in DECLINABLE
    at_once = _together(visit, found, bound)
    return render(
        request,
        "provider/referral.html",
        {
            "referral": found,
            "age": found.person.age_on(visit.today),
            "now": next((one for one in shown if one.is_next), None),
            "after": shown[len(at_once["titles"]) if at_once else 1 :],
            "promises": _promises(visit, found),
            "timeline": timeline.of(visit, found),
            "decline_form": (
                bound.get("decline") or _decline_form(visit, found) if may_decline else None
            ),
            "error_form": next(iter(bound.values()), None),
            "together": at_once,
            "before_form": bound.get("before") or _before(visit, found, shown),
            "is_intake": visit.organisation == found.service.owner,
            "form_key": request.POST.get("form_key"),
            "live_topics": topics.referral(found.reference),
            "lead": leads.of_referral(found, on=visit.today),
            **_told(visit, found),
            **promising.holding(visit, found, door="provider"),
            **_criteria(visit, found),
        },
        status=status,
    )


def _together(
    visit: doors.Visit, found: Referral, bound: Mapping[str, forms.Form]
) -> dict[str, Any] | None:
    """Return the one form of the next interaction, where she may take all its steps in one go."""
    now = interactions.allowed(referral=found, by=visit.by, at=visit.at) if found.is_open else ()
    if len(now) < 2:
        return None
    form = bound.get(TOGETHER) or step_forms.of(
        steps=now, referral=found, at=visit.at, told_to=found.service.owner
    )
    return {"titles": [steps.TITLES[step] for step in now], "form": form}


def _criteria(visit: doors.Visit, found: Referral) -> dict[str, Any]:
    """Return who can have it and how much, and what is known to the service of each rule."""
    result = turned_away.unmet(referral=found, at=visit.at)
    weighed = assessments.weigh(referral=found, at=visit.at, told_to=found.service.owner)
    return {
        "rules": result.answers,
        "bands": weighed.weighed,
        "standard": found.service.standard_quantity,
        "assessment": Assessment.objects.filter(referral=found).first(),
    }


def _decline_form(visit: doors.Visit, found: Referral, data: Any = None) -> Decline:
    return Decline(
        data,
        suggested=_suggested(visit, found),
        referral=found,
        rules=turned_away.unmet(referral=found, at=visit.at),
    )


def _unmet_words(one: eligibility.Answer) -> str:
    if one.met is False:
        return one.criterion.sentence
    return gettext("%(rule)s (not known yet: answer below)") % {"rule": one.criterion.sentence}


def _told(visit: doors.Visit, found: Referral) -> dict[str, Any]:
    """Return what the service was told: answers to its own questions, and the ground for it."""
    application = Application.objects.filter(referral=found).first()
    texts = {question.key: question.text for question in found.service.questions.all()}
    answers = application.answers if application else {}
    return {
        "application": application,
        "changes": changes.of(visit, found) if application else [],
        "answers": [
            {"key": texts[key], "value": value} for key, value in answers.items() if key in texts
        ],
        "steps_done": acts.taken(found),
    }


def _promises(visit: doors.Visit, found: Referral) -> list[promises_shown.Shown]:
    owed = visit.visible(Promise.objects.open().filter(referral=found))
    return promises_shown.shown(promises_shown.fetched(owed).order_by("due_on"), day=visit.today)


def _suggested(visit: doors.Visit, found: Referral) -> Any:
    """Return what is offered for the same needs, for choosing alternatives from."""
    alike = Service.objects.offered(visit.today).filter(terms__in=found.service.terms.all())
    near = alike.exclude(pk=found.service_id).values("pk").distinct()[:MOST_SUGGESTED]
    return Service.objects.filter(pk__in=[row["pk"] for row in near]).order_by("name")
