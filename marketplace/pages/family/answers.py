"""A family's yes, and the time that suits it: the rest of one sitting."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from budgets import funds
from cms.models import Service, Term, TermTaxonomy
from marketplace.bookings import bookings, cooling_off, diary, slots
from marketplace.bookings.models import Slot
from marketplace.pages import doors
from marketplace.pages.family import acting, asking, choose, forms, household, stories, words
from marketplace.pages.family import money as amounts
from marketplace.pages.family.referral import each, theirs, whole
from marketplace.pages.templatetags import alongside
from marketplace.referrals import acts, commissions, referrals
from marketplace.referrals.models import Referral
from pricing import money

MOST_TIMES = 8
MOST_EASES = 2


@dataclass(frozen=True)
class Sum:
    """What is left now, and would be after, in words."""

    now: str
    after: str
    is_enough: bool


@doors.family
def yes(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Show what it is and what would be left, and take a yes."""
    home = household.of(visit)
    referral = theirs(visit, reference)
    form = _before(request, visit, home, referral)
    if request.method == "POST" and (form is None or form.is_valid()):

        def act() -> str:
            if form is not None:
                _weigh(referral, form, visit=visit, home=home)
            agreed = asking.agree(
                referral,
                person=visit.person,
                by=acting.by(visit, referral.person),
                at=visit.at,
            )
            name = "family_times" if agreed.is_commissioned else "family_referral"
            return reverse(name, kwargs={"reference": reference})

        here = reverse("family_yes", kwargs={"reference": reference})
        return acting.perform(request, visit, act, back=here, done=_("You said yes."))
    story = stories.one(referral, visit=visit, home=home)
    context = {"story": story, "referral": referral, "service": referral.service}
    if story.turn != stories.YES:
        return render(request, "family/answered.html", context)
    context |= {
        "whole": whole(referral),
        "cost": each(referral),
        "sum": _sum(referral, visit, home),
        "eases": _eases(referral, visit),
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "advocate": asking.advocate_of(referral.person, at=visit.at),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "family/yes.html", context, status=status)


@doors.family
@require_POST
def add(request: HttpRequest, visit: doors.Visit, reference: UUID, slug: str) -> HttpResponse:
    """Put beside it, in one tap, what helps with what could get in the way."""
    referral = theirs(visit, reference)
    service = get_object_or_404(Service.objects.offered(visit.today), slug=slug)
    here = reverse("family_yes", kwargs={"reference": reference})

    def act() -> str:
        by = acting.by(visit, referral.person)
        commissions.add_beside(referral=referral, service=service, by=by, at=visit.at)
        return here

    done = _("Added. You find it under “What happens next”.")
    return acting.perform(request, visit, act, back=here, done=done)


@doors.family
def take_back(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Take a yes back until they have agreed a time; what was set aside is left again."""
    home = household.of(visit)
    referral = theirs(visit, reference)
    here = reverse("family_referral", kwargs={"reference": reference})
    if request.method == "POST":

        def act() -> str:
            by = acting.by(visit, referral.person)
            cooling_off.take_yes_back(referral=referral, by=by, at=visit.at)
            return here

        return acting.perform(
            request, visit, act, back=here, done=_("You took your yes back. You can say yes again.")
        )
    story = stories.one(referral, visit=visit, home=home)
    context = {"story": story, "referral": referral, "service": referral.service}
    if not cooling_off.is_open(referral):
        return render(request, "family/answered.html", context)
    context["whole"] = whole(referral)
    return render(request, "family/take_back.html", context)


@doors.family
def times(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Choose a time, and ask for it."""
    home = household.of(visit)
    referral = theirs(visit, reference)
    count = _how_many(referral)
    choices = free(referral, count=count, visit=visit)
    form = forms.TimesForm(request.POST or None, choices=choices)
    if request.method == "POST" and (form.is_valid() or _was_sent(request)):
        slot = get_object_or_404(
            Slot, service=referral.service, reference=_reference(request.POST.get("slot", ""))
        )

        def act() -> str:
            by = acting.by(visit, referral.person)
            bookings.ask(referral=referral, first=slot, by=by, at=visit.at)
            referrals.hand_over(referral=referral, by=by, at=visit.at)
            return reverse("family_referral", kwargs={"reference": reference})

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, words.refused(refusal))
    story = stories.one(referral, visit=visit, home=home)
    context = {
        "story": story,
        "referral": referral,
        "service": referral.service,
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "choices": choices,
        "count": count,
    }
    if story.turn != stories.TIME:
        return render(request, "family/answered.html", context)
    return render(request, "family/times.html", context)


def _before(
    request: HttpRequest, visit: doors.Visit, home: household.Household, referral: Referral
) -> forms.BeforeForm | None:
    """Return what is asked before money is set aside, where nobody has asked it yet."""
    if referral.is_weighed or acts.amount_pence(referral) == 0:
        return None
    said = {"goal": referral.goal.reference if referral.goal else ""}
    said |= {"barrier": referral.barrier.slug if referral.barrier else ""}
    return forms.BeforeForm(
        request.POST or None,
        initial=said | {"met_by": referral.met_by, "instead_of": referral.instead_of},
        goals=choose.wishes(visit, home, [referral.person]),
        barriers=Term.objects.of(TermTaxonomy.BARRIER).order_by("plain_name", "name"),
    )


def _weigh(
    referral: Referral, form: forms.BeforeForm, *, visit: doors.Visit, home: household.Household
) -> None:
    said = form.cleaned_data
    goals = choose.wishes(visit, home, [referral.person])
    barriers = Term.objects.of(TermTaxonomy.BARRIER)
    commissions.weigh(
        referral=referral,
        goal=next((one for one in goals if str(one.reference) == said["goal"]), None),
        barrier=barriers.filter(slug=said["barrier"]).first() if said["barrier"] else None,
        met_by=said["met_by"] if said["barrier"] else "",
        instead_of=said["instead_of"],
        by=acting.by(visit, referral.person),
        at=visit.at,
    )


def free(referral: Referral, *, count: int, visit: doors.Visit) -> list[tuple[str, str]]:
    """Return the times from which a whole weekly series is free, the soonest first, in words."""
    found = slots.open_series(service=referral.service, count=count, at=visit.at, most=MOST_TIMES)
    return [(str(one.first.reference), alongside.day_time(one.first.starts_at)) for one in found]


def _how_many(referral: Referral) -> int:
    try:
        return diary.count(referral=referral, wanted=None)
    except diary.NotEnoughSetAside:
        return 1  # nothing is to be booked now; the verb says so, should it be asked


def _was_sent(request: HttpRequest) -> bool:
    """Tell whether a slot was named that may be gone, so that the verb says what is true now."""
    return _reference(request.POST.get("slot", "")) is not None


def _reference(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _sum(referral: Referral, visit: doors.Visit, home: household.Household) -> Sum | None:
    quote = referral.quote
    if home.plan is None or quote is None or referral.service.is_statutory:
        return None
    left = amounts.of(visit, home.plan, year=funds.year_of(visit.today)).left_pence
    return Sum(
        now=money.show(left),
        after=money.show(left - quote.total_pence),
        is_enough=left >= quote.total_pence,
    )


def _eases(referral: Referral, visit: doors.Visit) -> list[Service]:
    """Return services that meet what could get in the way, and are not asked for yet."""
    if referral.barrier_id is None:
        return []
    found = Service.objects.offered(visit.today).filter(terms=referral.barrier_id)
    there = visit.visible(Referral.objects.open().filter(person=referral.person))
    found = found.exclude(pk=referral.service_id).exclude(pk__in=there.values("service"))
    return list(found.order_by("name")[:MOST_EASES])
