"""One request: where it is, what it costs, when it is, what happened, and how to stop it."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from budgets import history
from budgets.models import Goal
from marketplace.bookings import bookings, cooling_off
from marketplace.bookings.models import Booking, Session
from marketplace.pages import changes, doors
from marketplace.pages.family import acting, asking, forms, household, stories, timeline, words
from marketplace.referrals import amendments, endings, parties, reopenings
from marketplace.referrals.models import Ending, EndReason, Referral, Rung
from pricing import money


@doors.family
def page(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Show one request."""
    home = household.of(visit)
    referral = opened(visit, reference)
    story = stories.one(referral, visit=visit, home=home)
    return render(
        request,
        "family/referral.html",
        {
            "story": story,
            "referral": referral,
            "service": referral.service,
            "cost": cost(referral),
            "goal": visit.visible(Goal.objects.filter(pk=referral.goal_id or 0)).first(),
            "offered": _times(story.booking) if story.turn == stories.OFFER else [],
            "asked": _times(story.booking) if story.booking and story.booking.is_waiting else [],
            "end_words": _end_words(referral),
            "alternatives": list(referral.alternatives.all()),
            "moments": timeline.of(referral, visit=visit, home=home),
            **_at_the_end(referral, visit),
            "can_amend": amendments.can_amend(
                referral=referral, by=acting.by(visit, referral.person), at=visit.at
            ),
            "changes": changes.of(visit, referral),
            "can_stop": referral.is_open and speaks_for(referral, visit),
            "can_take_back": cooling_off.is_open(referral) and speaks_for(referral, visit),
        },
    )


@doors.family
def stop(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Stop one request, wherever it is; what was set aside goes back to what is left."""
    home = household.of(visit)
    referral = theirs(visit, reference)
    form = forms.StopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            bookings.withdraw(
                referral=referral,
                words=form.cleaned_data["words"],
                by=acting.by(visit, referral.person),
                at=visit.at,
            )
            return reverse("family_next")

        answer = _answered(request, visit, act, form)
        if answer is not None:
            return answer
    return _form(request, "family/stop.html", form, referral, visit=visit, home=home)


@doors.family
def how(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Say how it went, why it ends and what comes next: which finishes it, early or not."""
    home = household.of(visit)
    referral = _told_of(visit, reference)
    here = reverse("family_referral", kwargs={"reference": reference})
    if not _may_tell(referral):
        return HttpResponseRedirect(here)
    form = forms.HowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told, by = form.told(visit.person), acting.by(visit, referral.person)

        def act() -> str:
            if referral.is_booked:
                bookings.complete(
                    referral=referral,
                    reason=endings.REASON_OF[told.goal_met],
                    words=told.words,
                    told=told,
                    by=by,
                    at=visit.at,
                )
            else:
                endings.tell(referral=referral, told=told, by=by, at=visit.at)
            return here

        answer = _answered(request, visit, act, form)
        if answer is not None:
            return answer
    return _form(request, "family/how.html", form, referral, visit=visit, home=home)


@doors.family
def again(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Take up again what ended, with what was answered before."""
    home = household.of(visit)
    referral = _told_of(visit, reference)
    refusal = reopenings.why_not(referral=referral, at=visit.at)
    if refusal is not None:
        messages.info(request, words.refused(refusal))
        return HttpResponseRedirect(_now(visit, refusal, reference))
    form = forms.AgainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            reopened = asking.reopen(
                referral,
                note=form.cleaned_data["note"],
                by=acting.by(visit, referral.person),
                at=visit.at,
            )
            return reverse("family_referral", kwargs={"reference": reopened.reference})

        answer = _answered(request, visit, act, form)
        if answer is not None:
            return answer
    return _form(request, "family/again.html", form, referral, visit=visit, home=home)


@doors.family
@require_POST
def take_offer(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Take the other time that was offered."""
    return _answer_offer(request, visit, reference, is_taken=True)


@doors.family
@require_POST
def leave_offer(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Leave the other time that was offered, and choose again."""
    return _answer_offer(request, visit, reference, is_taken=False)


def opened(visit: doors.Visit, reference: UUID) -> Referral:
    """Open one request that the visitor may know of, and record the look; 404 for any other."""
    found: Referral = visit.open(
        stories.fetched(Referral.objects.all()), reference=reference, kind="referral"
    )
    return found


def theirs(visit: doors.Visit, reference: UUID) -> Referral:
    """Return one request that the visitor speaks for; 404 for any other."""
    found = stories.fetched(visit.visible(Referral.objects.filter(reference=reference))).first()
    if found is None or not speaks_for(found, visit):
        raise Http404
    visit.look(found, reference=reference, kind="referral")
    return found


def speaks_for(referral: Referral, visit: doors.Visit) -> bool:
    """Tell whether the visitor speaks for the person it is for."""
    return endings.is_for_family(referral=referral, by=visit.by, at=visit.at)


def _told_of(visit: doors.Visit, reference: UUID) -> Referral:
    """Return one request of which the visitor may tell how it went; 404 for any other."""
    found = theirs(visit, reference)
    if not parties.tells_for(referral=found, by=visit.by, at=visit.at):
        raise Http404
    return found


def cost(referral: Referral) -> str:
    """Return what it costs, in words: "£150.00: 6 sessions at £25.00 each"."""
    return ": ".join(filter(None, [whole(referral), each(referral)]))


def whole(referral: Referral) -> str:
    """Return what it takes from the plan, in words."""
    quote = referral.quote
    if referral.service.is_statutory or (quote is not None and quote.total_pence == 0):
        return _("Nothing from your plan")
    return money.show(quote.total_pence) if quote is not None else ""


def each(referral: Referral) -> str:
    """Return how much of it there is, and what one costs: "6 sessions at £25.00 each"."""
    quote = referral.quote
    if quote is None or quote.quantity == 1 or quote.total_pence == 0:
        return ""
    return _("%(much)s at %(each)s each") % {
        "much": words.units(quote.quantity, quote.unit),
        "each": money.show(quote.unit_amount_pence),
    }


def _answer_offer(
    request: HttpRequest, visit: doors.Visit, reference: UUID, *, is_taken: bool
) -> HttpResponse:
    referral = theirs(visit, reference)
    booking = next(reversed(list(referral.bookings.all())), None)
    if booking is None:
        raise Http404
    kept, by = booking, acting.by(visit, referral.person)
    here = reverse("family_referral", kwargs={"reference": reference})

    def act() -> str:
        if is_taken:
            bookings.take_offer(booking=kept, by=by, at=visit.at)
            return here
        bookings.cancel(booking=kept, by=by, at=visit.at)
        return reverse("family_times", kwargs={"reference": reference})

    return acting.perform(
        request, visit, act, back=here, done=_("That time is yours.") if is_taken else ""
    )


def _answered(request: HttpRequest, visit: doors.Visit, act: Any, form: Any) -> HttpResponse | None:
    try:
        return doors.once(request, visit, act)
    except doors.REFUSALS as refusal:
        form.add_error(None, words.refused(refusal))
        return None


def _form(
    request: HttpRequest,
    template: str,
    form: Any,
    referral: Referral,
    *,
    visit: doors.Visit,
    home: household.Household,
) -> HttpResponse:
    story = stories.one(referral, visit=visit, home=home)
    context = {"form": form, "story": story, "referral": referral, "cost": cost(referral)}
    return render(request, template, context | {"form_key": request.POST.get("form_key", "")})


def _may_tell(referral: Referral) -> bool:
    is_over = referral.rung == Rung.COMPLETED
    return referral.is_booked or (is_over and not Ending.objects.filter(referral=referral).exists())


def _at_the_end(referral: Referral, visit: doors.Visit) -> dict[str, Any]:
    """Return what was said at the end, and what can be done now that it has ended."""
    speaks = parties.tells_for(referral=referral, by=visit.by, at=visit.at)
    refusal = reopenings.why_not(referral=referral, at=visit.at)
    newer = getattr(refusal, "referral", None)
    if newer is not None:
        newer = visit.visible(Referral.objects.filter(pk=newer.pk)).first()
    query = {"for": str(referral.person.reference)}
    goal = visit.visible(Goal.objects.filter(pk=referral.goal_id or 0)).first()
    if goal is not None:
        query["goal"] = str(goal.reference)
    return {
        "ending": Ending.objects.filter(referral=referral).first(),
        "can_tell": speaks and _may_tell(referral),
        "can_reopen": speaks and refusal is None,
        "reopen_until": reopenings.last_moment(referral),
        "newer": newer,
        "ask_query": urlencode(query),
    }


def _now(visit: doors.Visit, refusal: history.Refused, reference: UUID) -> str:
    newer = getattr(refusal, "referral", None)
    found = visit.visible(Referral.objects.filter(pk=newer.pk)).first() if newer else None
    here = found.reference if found else reference
    return reverse("family_referral", kwargs={"reference": here})


def _times(booking: Booking | None) -> list[Session]:
    return list(booking.sessions.all()) if booking else []


def _end_words(referral: Referral) -> str:
    return str(words.ENDS.get(EndReason(referral.end_reason), "")) if referral.end_reason else ""
