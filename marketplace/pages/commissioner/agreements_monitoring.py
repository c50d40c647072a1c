"""How agreements have worked: how often each rule was used, what was spent, how well it decided."""

import functools
import uuid
from collections import Counter
from collections.abc import Iterable

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Event
from cms.models import Organisation, Step
from marketplace.authority import covers, monitoring, uses
from marketplace.authority.models import DecisionReview, Rule
from marketplace.pages import doors
from marketplace.pages.commissioner import agreements_cells as cells
from marketplace.pages.commissioner.agreements_desk import JUDGES, Desk, at_desk
from marketplace.pages.templatetags.alongside import day as day_words
from marketplace.people.roles import Role
from marketplace.referrals import decisions, uncovered
from marketplace.referrals.models import Referral
from pricing import money

PER_PAGE = 20
SOON_DAYS = 30
YEARS_BACK = 5
behind = functools.partial(at_desk, roles=JUDGES)


class Verdict(django_forms.Form):
    """Whether the service would have decided the same."""

    would_have_made = django_forms.ChoiceField(
        label=gettext_lazy("Would your service have decided the same?"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        widget=django_forms.RadioSelect,
    )
    words = django_forms.CharField(
        label=gettext_lazy("What it would have decided, and why"),
        required=False,
        max_length=1000,
        widget=django_forms.Textarea(attrs={"rows": 3}),
    )


@behind
def overview(request: HttpRequest, visit: doors.Visit, desk: Desk) -> HttpResponse:
    """Show the year's use of each rule, cover that ends or has lapsed, and what is to be judged."""
    this_year = uses.year_of(visit.today)
    year = _year(request.GET.get("year", ""), this_year)
    found = monitoring.use_of_rules(owner=desk.ours, year=year)
    accuracy = {one.rule.lineage: one for one in monitoring.accuracy(owner=desk.ours)}
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    queue = monitoring.waiting(owner=desk.ours, by=visit.by)
    context = {
        "desk": desk,
        "ours": desk.ours,
        "year": year,
        "years": [(one, _years(one)) for one in range(this_year, this_year - YEARS_BACK, -1)],
        "page_obj": page,
        "rows": [_use_row(one, accuracy.get(one.rule.lineage)) for one in page],
        "heads": heads(),
        "figures": [
            {"label": _("Times a rule was used"), "shown": str(sum(one.times for one in found))},
            {
                "label": _("Spent under them"),
                "shown": money.show(sum(one.spent_pence for one in found)),
            },
            {"label": _("To be judged by you"), "shown": str(len(queue))},
        ],
        "uncovered": _uncovered(desk, visit),
        "ending": _ending(desk, visit),
        "queue": [
            {"text": name_of(one.rule), "href": desk.judge_href(one), "month": one.month}
            for one in queue[:PER_PAGE]
        ],
        "more": max(len(queue) - PER_PAGE, 0),
    }
    return render(request, "commissioner/agreements_monitoring.html", context)


@behind
def judge(
    request: HttpRequest, visit: doors.Visit, desk: Desk, reference: uuid.UUID
) -> HttpResponse:
    """Show one sampled decision, and say whether the service would have made it."""
    found = monitoring.of(owner=desk.ours).filter(reference=reference).first()
    if found is None:
        raise Http404
    sampled: DecisionReview = found
    form = Verdict(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():

        def do() -> str:
            monitoring.judge(
                sampled=sampled,
                would_have_made=form.cleaned_data["would_have_made"] == "yes",
                words=form.cleaned_data["words"],
                by=visit.by,
                at=visit.at,
            )
            left = monitoring.waiting(owner=desk.ours, by=visit.by)
            return desk.judge_href(left[0]) if left else desk.monitoring_href

        try:
            answer = doors.once(request, visit, do)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("Recorded."))
            return answer
    decided = decisions.of(event=sampled.event, subject=sampled.subject, step=sampled.rule.step)
    context = {
        "desk": desk,
        "review": sampled,
        "title": name_of(sampled.rule),
        "facts": _facts(sampled, decided),
        "decided": decided,
        "rested": [{"key": one.sentence, "value": _met(one.met)} for one in decided.rested],
        "referral": visit.visible(Referral.objects.filter(reference=sampled.subject)).first(),
        "form": form,
        "form_key": request.POST.get("form_key", ""),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "commissioner/agreements_judge.html", context, status=status)


def name_of(rule: Rule) -> str:
    """Return what a rule lets whom do, in words."""
    about = _("Every service")
    if rule.service is not None:
        about = rule.service.name
    elif rule.term is not None:
        about = rule.term.name
    return _("%(service)s: %(step)s, %(role)s at %(holder)s") % {
        "service": about,
        "step": Step(rule.step).label,
        "role": Role(rule.role).label,
        "holder": cells.name_of(rule.agreement.holder),
    }


def of_cell(
    *, rules: Iterable[Rule], owner: Organisation, year: int
) -> list[tuple[str, str, str, str]]:
    """Return how the rules of one cell were used in a year, in all their versions.

    Each: the role and step, how often and when last, what was spent, how well it decided.
    """
    lineages = {rule.lineage for rule in rules}
    accuracy = {one.rule.lineage: one for one in monitoring.accuracy(owner=owner)}
    return [
        (
            f"{Role(one.rule.role).label}: {Step(one.rule.step).label}",
            _times(one),
            money.show(one.spent_pence) if one.rule.step == Step.COMMISSION else "–",
            accuracy_words(accuracy.get(one.rule.lineage)),
        )
        for one in monitoring.use_of_rules(owner=owner, year=year)
        if one.rule.lineage in lineages
    ]


def _times(one: monitoring.RuleUse) -> str:
    if one.last_used_at is None:
        return "0"
    return _("%(times)s, last on %(day)s") % {
        "times": one.times,
        "day": day_words(one.last_used_at),
    }


def heads() -> list[object]:
    """Return what the columns of used rules are called."""
    return [
        _("Rule"),
        {"text": _("Used"), "is_number": True},
        {"text": _("Spent"), "is_number": True},
        {"text": _("Left this year"), "is_number": True},
        _("Last used"),
        _("Would have decided the same"),
    ]


def _use_row(one: monitoring.RuleUse, said: monitoring.Accuracy | None) -> list[str]:
    limit = one.rule.limit_year_pence
    is_money = one.rule.step == Step.COMMISSION
    return [
        name_of(one.rule),
        str(one.times),
        money.show(one.spent_pence) if is_money else "–",
        money.show(max(limit - one.spent_pence, 0)) if limit is not None else "–",
        day_words(one.last_used_at) if one.last_used_at else "–",
        accuracy_words(said),
    ]


def accuracy_words(said: monitoring.Accuracy | None) -> str:
    """Return how well a rule decided; how many are judged where they are too few to say."""
    if said is None:
        return "–"
    if said.agreed is None:
        return _("too few judged (%(judged)s of %(fewest)s)") % {
            "judged": said.judged,
            "fewest": monitoring.FEWEST_SHOWN,
        }
    return _("%(percent)s%% of %(judged)s") % {"percent": said.percent, "judged": said.judged}


def _met(met: bool | None) -> str:
    if met is None:
        return _("Not known")
    return _("Yes") if met else _("No")


def _facts(sampled: DecisionReview, decided: decisions.Decided) -> list[dict[str, str]]:
    rule = sampled.rule
    taken = Event.objects.filter(reference=sampled.event).values_list("at", flat=True).first()
    rows = [
        (_("What was decided"), str(Step(rule.step).label)),
        (_("For which service"), rule.service.name if rule.service else _("one of several")),
        (_("By"), f"{Role(rule.role).label}, {cells.name_of(rule.agreement.holder)}"),
        (_("On"), day_words(taken)),
    ]
    if decided.amount_pence is not None:
        rows.append((_("For how much"), money.show(decided.amount_pence)))
    return [{"key": key, "value": value} for key, value in rows]


def _uncovered(desk: Desk, visit: doors.Visit) -> list[dict[str, object]]:
    """Count live commissions whose cover has lapsed, by service; nobody is named."""
    found = uncovered.of(owner=desk.ours, on=visit.today).values_list("service__name", flat=True)
    return [{"service": name, "count": count} for name, count in sorted(Counter(found).items())]


def _ending(desk: Desk, visit: doors.Visit) -> list[dict[str, object]]:
    """Return the cover that ends soon or has ended, of agreements that we are a party of."""
    known = [
        *covers.lapsed(on=visit.today, organisation=desk.ours),
        *covers.lapsing(on=visit.today, within=SOON_DAYS, organisation=desk.ours),
    ]
    return [
        {
            "owner": cover.agreement.owner.name,
            "holder": cells.name_of(cover.agreement.holder),
            "kind": cover.get_kind_display(),
            "insurer": cover.insurer,
            "until": cover.valid_to,
            "has_lapsed": cover.valid_to is not None and cover.valid_to <= visit.today,
        }
        for cover in known
    ]


def _year(text: str, this_year: int) -> int:
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else this_year
    return wanted if this_year - YEARS_BACK < wanted <= this_year else this_year


def _years(year: int) -> str:
    return f"{year}/{(year + 1) % 100:02d}"
