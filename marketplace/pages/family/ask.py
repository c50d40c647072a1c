"""Asking for one service: first whether anybody is in danger, then the form, filled in."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from budgets import funds
from budgets.models import Goal, Person
from cms.models import Criterion, Service, Step, Term, TermTaxonomy
from marketplace.authority import authority
from marketplace.pages import danger, doors
from marketplace.pages.family import acting, asking, choose, forms, household, saved, words
from marketplace.pages.family import money as amounts
from marketplace.referrals import eligibility, facts, turned_away
from marketplace.referrals.models import Referral, Rung
from pricing import money, prices

# The buttons, and the script, that only save.
SAVES = ("keep", "later", "discard")


@doors.family
def page(request: HttpRequest, visit: doors.Visit, slug: str) -> HttpResponse:
    """Ask for one service, for the visitor or a child she decides for."""
    home = household.of(visit)
    service = get_object_or_404(choose.offered(visit), slug=slug)
    person = home.find(request.POST.get("person") or request.GET.get("for", ""))
    if service.is_confidential:
        person = home.person  # what is a secret is asked for by nobody else
    if request.method == "GET" and request.GET.get("safe") != "yes":
        query = request.GET.copy()
        query["safe"] = "yes"
        go_on = f"{request.path}?{query.urlencode()}"
        return render(
            request, "family/danger.html", {"contacts": danger.contacts(), "go_on": go_on}
        )
    before = _asked_before(visit, person, service)
    context: dict[str, Any] = {
        "service": service,
        "person": person,
        "name": home.called(person),
        "others": [] if service.is_confidential else _others(request, home, person),
        "price": _price(visit, home, service),
    }
    if request.method == "GET" and before is not None and _is_asked_for(before):
        return render(request, "family/asked.html", context | {"referral": before})
    if home.family is None:
        return render(request, "family/ask_refused.html", context)
    failed = _failed(service, home, person, visit)
    if failed:
        return render(request, "family/ask_refused.html", context | {"failed": failed})
    refusal = _refusal(visit, home, service)
    if refusal is not None:
        return _for_advocate(request, visit, home, person, service, before, refusal, context)
    return _form(request, visit, home, person, service, before, context)


def _form(
    request: HttpRequest,
    visit: doors.Visit,
    home: household.Household,
    person: Person,
    service: Service,
    before: Referral | None,
    context: dict[str, Any],
) -> HttpResponse:
    goals = choose.wishes(visit, home, [person])
    form = _empty_form(request, visit, home, person, service, goals)
    by = acting.by(visit, person)
    if request.method == "POST" and request.POST.get("act") in SAVES:
        return _saved(request, visit, home, person, service, form)
    if request.method == "POST" and form.is_valid():
        wish = _wish(form, home, person, service, goals)

        def act() -> str:
            if before is not None and _is_asked_for(before):
                return _next_address(before)
            asked = asking.ask(wish, begun=before, by=by, at=visit.at)
            saved.settle(visit, person, service, asked)
            return _next_address(asked)

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, words.refused(refusal))
    context |= {
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "is_filled_in": any(form.initial.get(name) for name in form.answers),
        "draft": saved.of(visit, person, service),
    }
    return render(request, "family/ask.html", context)


def _saved(
    request: HttpRequest,
    visit: doors.Visit,
    home: household.Household,
    person: Person,
    service: Service,
    form: forms.AskForm,
) -> HttpResponse:
    """Keep what was typed, complete or not, or throw it away; to do so twice changes nothing."""
    assert home.family is not None  # the page ends before, where there is none
    if request.POST["act"] == "discard":
        saved.discard(visit, person, service)
        return HttpResponseRedirect(reverse("family_choose"))
    draft = saved.keep(
        request, visit, family=home.family, person=person, service=service, form=form
    )
    if request.POST["act"] == "keep":
        return render(request, "family/parts/saved.html", {"draft": draft})
    messages.success(request, _("Saved. You can go on with it from your home page."))
    return HttpResponseRedirect(reverse("family_home"))


def _next_address(referral: Referral) -> str:
    """Return where the sitting goes on: to the yes, to the times, or to what happens next."""
    following = [step for step in (Step.COMMISSION, Step.BOOK) if asking.is_theirs(referral)]
    reference = {"reference": referral.reference}
    if following and referral.rung == Rung.HARD_REFERRED:
        return reverse("family_yes", kwargs=reference)
    if following:
        return reverse("family_times", kwargs=reference)
    return reverse("family_referral", kwargs=reference)


def _for_advocate(
    request: HttpRequest,
    visit: doors.Visit,
    home: household.Household,
    person: Person,
    service: Service,
    before: Referral | None,
    refusal: authority.Decision,
    context: dict[str, Any],
) -> HttpResponse:
    """Say why not and who can; one button hands it to the person's advocate."""
    advocate = asking.advocate_of(person, at=visit.at)
    if request.method == "POST" and advocate is not None and home.family is not None:
        wish = asking.Wish(person=person, family=home.family, service=service, plan=home.plan)

        def act() -> str:
            referral = asking.to_advocate(
                wish, advocate=advocate, begun=before, by=acting.by(visit, person), at=visit.at
            )
            return reverse("family_referral", kwargs={"reference": referral.reference})

        return acting.perform(
            request, visit, act, back=reverse("family_choose"), done=_("Your advocate knows now.")
        )
    who = authority.who_can(step=Step.CHECK_ELIGIBILITY, service=service, at=visit.at)
    context |= {
        "reasons": words.why_not(refusal.reasons)
        if home.says_yes
        else [_("A grown-up at home can ask for you. Or your advocate can.")],
        "who": [{"organisation": one.organisation, "contact": one.contact} for one in who[:1]],
        "advocate": advocate,
        "hidden": {"person": str(person.reference)},
    }
    return render(request, "family/ask_refused.html", context)


def _asked_before(visit: doors.Visit, person: Person, service: Service) -> Referral | None:
    open_ones = Referral.objects.open().filter(person=person, service=service)
    found: QuerySet[Referral] = visit.visible(open_ones).select_related("service", "person")
    return found.order_by("asked_at", "pk").last()


def _is_asked_for(referral: Referral) -> bool:
    """Tell whether more was done than to tell of it: asked for, or handed to an advocate."""
    if referral.rung != Rung.SIGNPOSTED:
        return True
    return referral.promises.open().exists()


def _refusal(
    visit: doors.Visit, home: household.Household, service: Service
) -> authority.Decision | None:
    steps = [process.step for process in service.processes.all()]
    if service.is_universal or not steps:
        return None
    decision = authority.decide(
        by=visit.by, step=Step(steps[0]), service=service, family=home.family, at=visit.at
    )
    return None if decision.allowed else decision


def _known(home: household.Household, person: Person, visit: doors.Visit) -> dict[str, Any]:
    assert home.family is not None  # the page ends before, where there is none
    return facts.known(person=person, family=home.family, day=visit.today)


def _failed(
    service: Service, home: household.Household, person: Person, visit: doors.Visit
) -> tuple[str, ...]:
    """Return the rules that are not met already; who is told so is counted."""
    assert home.family is not None  # the page ends before, where there is none
    result = eligibility.evaluate(facts.criteria(service), _known(home, person, visit))
    if result.failed:
        turned_away.told(
            person=person,
            family=home.family,
            service=service,
            result=result,
            # What she only looked at for herself is nobody else's to read.
            is_confidential=person.pk == visit.user.person_id,
            by=visit.by,
            at=visit.at,
        )
    return result.failed


def _empty_form(
    request: HttpRequest,
    visit: doors.Visit,
    home: household.Household,
    person: Person,
    service: Service,
    goals: list[Goal],
) -> forms.AskForm:
    known = _known(home, person, visit)
    missing = eligibility.evaluate(facts.criteria(service), known).missing
    asked: dict[str, Criterion] = {}
    for criterion in service.criteria.all():
        if criterion.fact in missing:
            asked.setdefault(criterion.fact, criterion)
    takes_form = any(p.step == Step.TAKE_APPLICATION for p in service.processes.all())
    questions = list(service.questions.all()) if takes_form else []
    initial = {f"answer-{q.key}": forms.known_answer(known.get(q.key)) for q in questions}
    begun = saved.typed(saved.of(visit, person, service))
    return forms.AskForm(
        request.POST or None,
        initial=initial | {"goal": request.GET.get("goal", "")} | begun,
        criteria=asked.values(),
        questions=questions,
        goals=goals,
        barriers=[] if service.is_universal else _barriers(),
    )


def _barriers() -> list[Term]:
    return list(Term.objects.of(TermTaxonomy.BARRIER).order_by("plain_name", "name"))


def _wish(
    form: forms.AskForm,
    home: household.Household,
    person: Person,
    service: Service,
    goals: list[Goal],
) -> asking.Wish:
    assert home.family is not None  # the page ends before, where there is none
    said = form.cleaned_data
    barrier = said.get("barrier")
    return asking.Wish(
        person=person,
        family=home.family,
        service=service,
        plan=home.plan,
        goal=next((g for g in goals if str(g.reference) == said.get("goal")), None),
        barrier=Term.objects.of(TermTaxonomy.BARRIER).filter(slug=barrier).first()
        if barrier
        else None,
        met_by=said.get("met_by", "") if barrier else "",
        instead_of=said["instead_of"],
        # What could stop it wants an answer; else it is asked again before the money.
        is_weighed=not barrier or bool(said.get("met_by")),
        facts=form.said(form.facts),
        answers=form.said(form.answers),
    )


def _others(
    request: HttpRequest, home: household.Household, person: Person
) -> list[dict[str, str]]:
    """Return links to ask for somebody else instead."""
    goal = {"goal": request.GET["goal"]} if _is_reference(request.GET.get("goal", "")) else {}
    return [
        {
            "name": _("me") if one.pk == home.person.pk else one.first_name,
            "href": "?" + urlencode({"for": str(one.reference), "safe": "yes"} | goal),
        }
        for one in home.own
        if one.pk != person.pk
    ]


def _is_reference(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _price(visit: doors.Visit, home: household.Household, service: Service) -> dict[str, str]:
    """Return what it costs, and what would be left, in words."""
    try:
        price = prices.price_on(service=service, day=visit.today)
    except prices.NoPrice:
        return {"whole": _("We do not know the price yet.")}
    pence = 0 if service.is_statutory else price.amount_pence * service.standard_quantity
    if pence == 0:
        return {"whole": _("It takes nothing from your plan.")}
    much = words.units(service.standard_quantity, price.unit)
    shown = {"whole": _("%(much)s: %(price)s") % {"much": much, "price": money.show(pence)}}
    if home.plan is not None:
        left = amounts.of(visit, home.plan, year=funds.year_of(visit.today)).left_pence
        after = _("You would have %(left)s left.") % {"left": money.show(left - pence)}
        shown["after"] = after if pence <= left else _("This is more than you have left.")
    return shown
