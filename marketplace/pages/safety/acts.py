"""What can be done with a concern: each act has a page of its own, with why in words."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketplace.pages import doors
from marketplace.pages.safety import concerns, forms
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.sharing import held_back, safeguards
from marketplace.sharing.models import HeldBackReason, Safeguard, SafeguardEnd

Given = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """One act: its title, what it means, its button, its form and its verb."""

    title: Any
    means: Any
    button: Any
    form: Callable[[Any, doors.Visit], django_forms.Form]
    do: Callable[[Safeguard, Given, doors.Visit], object]
    kind: str = ""


def page(
    request: HttpRequest, visit: doors.Visit, reference: uuid.UUID, act: str, *, door: str
) -> HttpResponse:
    """Ask what an act needs, and do it once."""
    chosen = ACTS.get(act)
    if chosen is None:
        raise Http404
    found = _find(visit, reference, is_read=request.method != "POST")
    form = chosen.form(request.POST or None, visit)
    there = reverse(f"{door}_concern", args=[found.reference])

    def perform() -> str:
        chosen.do(found, form.cleaned_data, visit)
        # Who handed it over may not know of it any more.
        known = visit.visible(Safeguard.objects.filter(pk=found.pk)).exists()
        return there if known else reverse(f"{door}_safety")

    if request.method == "POST" and form.is_valid():
        try:
            return doors.once(request, visit, perform)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    context = {
        "act": chosen,
        "safeguard": found,
        "person": found.person,
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "back_href": there,
    }
    return render(request, "safety/act.html", context, status=422 if form.errors else 200)


def _find(visit: doors.Visit, reference: uuid.UUID, *, is_read: bool) -> Safeguard:
    rows = Safeguard.objects.select_related("person", "owner", "owner_organisation")
    if is_read:
        found: Safeguard = visit.open(rows, reference=reference, kind="safeguard")
        return found
    known: Safeguard = get_object_or_404(visit.visible(rows), reference=reference)
    return known


def _words(label: Any) -> Callable[[Any, doors.Visit], django_forms.Form]:
    return lambda data, visit: forms.Words(data, label=label)


def _review(found: Safeguard, given: Given, visit: doors.Visit) -> object:
    return safeguards.review(
        safeguard=found,
        words=given["words"],
        review_on=given["review_on"],
        by=visit.by,
        at=visit.at,
    )


def _step_up(found: Safeguard, given: Given, visit: doors.Visit) -> object:
    return safeguards.step_up(safeguard=found, words=given["words"], by=visit.by, at=visit.at)


def _step_down(found: Safeguard, given: Given, visit: doors.Visit) -> object:
    return safeguards.step_down(safeguard=found, words=given["words"], by=visit.by, at=visit.at)


def _agree(found: Safeguard, given: Given, visit: doors.Visit) -> object:
    return safeguards.agree(safeguard=found, words=given["words"], by=visit.by, at=visit.at)


def _close(found: Safeguard, given: Given, visit: doors.Visit) -> object:
    return safeguards.close(
        safeguard=found,
        reason=SafeguardEnd(given["reason"]),
        words=given["words"],
        by=visit.by,
        at=visit.at,
    )


def _hand_over(found: Safeguard, given: Given, visit: doors.Visit) -> object:
    owner, organisation = given["owner"], visit.organisation
    if owner is None:
        owner = User.objects.filter(email=given["email"].lower(), is_active=True).first()
        held = memberships.current(user=owner, on=visit.today) if owner else None
        if owner is None or held is None:
            raise safeguards.NotAtWork(str(_("Nobody with this address works with us yet.")))
        organisation = held.organisation
    return safeguards.hand_over(
        safeguard=found,
        owner=owner,
        organisation=organisation,
        words=given["words"],
        by=visit.by,
        at=visit.at,
    )


def _hold_back(found: Safeguard, given: Given, visit: doors.Visit) -> object:
    return held_back.hold_back(
        safeguard=found,
        reason=HeldBackReason(given["reason"]),
        words=given["words"],
        until=given["until"],
        by=visit.by,
        at=visit.at,
    )


ACTS: dict[str, Act] = {
    "review": Act(
        title=_("Look at it again"),
        means=_("It stays open, and comes back to you on the day you choose."),
        button=_("Keep what I found"),
        form=lambda data, visit: forms.Review(data, today=visit.today),
        do=_review,
    ),
    "step-up": Act(
        title=_("Step it up to a social worker"),
        means=_("Ring the social worker as well: this only writes it down."),
        button=_("Step it up"),
        form=_words(_("Why is it for a social worker now, and whom did you reach?")),
        do=_step_up,
        kind="warning",
    ),
    "step-down": Act(
        title=_("Step it down from the social worker"),
        means=_("It stays open, with its owner. What was held back comes out."),
        button=_("Step it down"),
        form=_words(_("What did the social worker say, and who?")),
        do=_step_down,
    ),
    "agree": Act(
        title=_("Note that it was talked over"),
        means=_("They can then read it on their own page."),
        button=_("Note it"),
        form=_words(_("What did you agree with them?")),
        do=_agree,
    ),
    "hand-over": Act(
        title=_("Hand it over"),
        means=_("Whoever you choose answers for it from now on, and you see it no more."),
        button=_("Hand it over"),
        form=lambda data, visit: forms.HandOver(
            data, owners=concerns.colleagues(visit), user=visit.user
        ),
        do=_hand_over,
    ),
    "hold-back": Act(
        title=_("Hold it back from them"),
        means=_(
            "They then read neither of it, nor of who looked because of it. A manager reviews "
            "this by the end of the next working day, or it comes out."
        ),
        button=_("Hold it back"),
        form=lambda data, visit: forms.HoldBack(data, today=visit.today),
        do=_hold_back,
        kind="warning",
    ),
    "close": Act(
        title=_("Close it"),
        means=_("What was held up because of it can go on. A new concern can be opened any time."),
        button=_("Close it"),
        form=lambda data, visit: forms.Close(data),
        do=_close,
        kind="warning",
    ),
}
