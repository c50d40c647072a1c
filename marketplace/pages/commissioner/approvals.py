"""One request for a yes, with what that yes would do to the sums."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from budgets import funds, ledger
from cms.models import Step
from marketplace.authority import authority
from marketplace.pages import doors, limits
from marketplace.pages.commissioner import forms
from marketplace.people import competences
from marketplace.people.roles import Role
from marketplace.referrals import approvals, promises
from marketplace.referrals.models import Approval, Referral
from pricing import money
from pricing.models import Quote


@doors.staff(Role.COMMISSIONER)
def approval(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show one request: what it is for, what it costs, what is left before and after."""
    return _page(request, visit, _open(visit, reference), forms.Refusal(), status=200)


@require_POST
@doors.staff(Role.COMMISSIONER)
def approve(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Say yes: the support is commissioned under the approver's own authority."""
    found = _open(visit, reference)

    def act() -> str:
        approvals.approve(approval=found, by=visit.by, at=visit.at)
        return reverse("commissioner_approvals")

    return doors.perform(
        request, visit, act, back=reverse("commissioner_approval", args=[reference])
    )


@require_POST
@doors.staff(Role.COMMISSIONER)
def refuse(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Say no, with a plain sentence; what was typed is kept where something is wrong."""
    found = _open(visit, reference)
    form = forms.Refusal(request.POST)
    if form.is_valid():

        def act() -> str:
            words = form.cleaned_data["words"]
            approvals.refuse(approval=found, words=words, by=visit.by, at=visit.at)
            return reverse("commissioner_approvals")

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return _page(request, visit, found, form, status=422)


def _open(visit: doors.Visit, reference: uuid.UUID) -> Approval:
    rows = Approval.objects.select_related(
        "referral__service__provider",
        "referral__service__owner",
        "referral__person",
        "referral__family",
        "referral__quote",
        "referral__plan",
        "referral__barrier",
        "organisation",
    )
    found: Approval = visit.open(rows, reference=reference, kind="approval")
    return found


def _page(
    request: HttpRequest, visit: doors.Visit, found: Approval, form: forms.Refusal, *, status: int
) -> HttpResponse:
    referral = found.referral
    left = 0
    if referral.plan is not None:
        year = funds.year_of(visit.today)
        left = ledger.plan_balance(plan=referral.plan, year=year).left_pence
    decision = authority.decide(
        by=visit.by,
        step=Step.COMMISSION,
        service=referral.service,
        family=referral.family,
        amount_pence=found.amount_pence,
        at=visit.at,
    )
    due = referral.promises.open().filter(kind="approve").first()
    return render(
        request,
        "commissioner/approval.html",
        {
            "approval": found,
            "referral": referral,
            "rows": _rows(found, left_pence=left),
            "decision": decision,
            "interests": competences.interests(
                user_reference=found.asked_by,
                organisation=referral.service.provider,
                on=visit.today,
            ),
            "is_own": found.asked_by == visit.by.reference,
            "limits": limits.of_who_approves(visit, referral, decision.rule),
            "above": approvals.levels_above(approval=found, at=visit.at),
            "due": promises.clock(due, day=visit.today) if due else None,
            "form": form,
            "form_key": request.POST.get("form_key", ""),
            "title": _("Approve %(service)s?") % {"service": referral.service.name},
        },
        status=status,
    )


def _instead(referral: Referral) -> str:
    if not referral.instead_of:
        return _("as well")
    return _("instead of %(what)s") % {"what": referral.instead_of}


def _barrier(referral: Referral) -> str:
    if referral.barrier is None:
        return _("Nothing we know of") if referral.is_weighed else _("Nobody was asked yet")
    return (
        f"{referral.barrier.shown}: {referral.met_by}"
        if referral.met_by
        else (referral.barrier.shown)
    )


def _level(found: Approval) -> str:
    if found.limit_pence is None:
        return found.who
    return _("%(who)s, up to %(limit)s") % {
        "who": found.who,
        "limit": money.show(found.limit_pence),
    }


def _shares(quote: Quote) -> list[tuple[str, str]]:
    """Return who bears which part of it, where several organisations share what it costs."""
    return [
        (
            _("Borne by %(organisation)s") % {"organisation": share.organisation.name},
            money.show(share.amount_pence),
        )
        for share in quote.shares.select_related("organisation")
    ]


def _rows(found: Approval, *, left_pence: int) -> list[dict[str, str]]:
    referral, quote = found.referral, found.referral.quote
    rows = [
        (_("For"), referral.person.first_name),
        (_("Provider"), referral.service.provider.name),
        (_("Amount"), money.show(found.amount_pence)),
    ]
    if quote is not None:
        rows += [
            (_("How much"), f"{quote.quantity} × {money.show(quote.unit_amount_pence)}"),
            (_("Quoted until"), date_format(timezone.localtime(quote.expires_at), "j F Y, H:i")),
            *_shares(quote),
            (_("How sure the price is"), f"{quote.get_confidence_display()}, {quote.price_year}"),
            (_("How it is funded"), str(quote.get_funding_display())),
        ]
    rows += [
        (_("The family’s yes"), _("Given") if referral.has_yes else _("Not yet")),
        (_("Comes"), _instead(referral)),
        (_("What could stop it"), _barrier(referral)),
        (_("Asked now"), _level(found)),
        (_("Left in the plan now"), money.show(left_pence)),
        (_("Left if you say yes"), money.show(left_pence - found.amount_pence)),
    ]
    return [{"key": key, "value": value} for key, value in rows]
