"""One cell of the table: what holds, what is being talked about, and how it came to be."""

import uuid
from datetime import date

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.authority import matrix as table
from marketplace.authority import pathways, uses
from marketplace.authority.models import (
    Agreement,
    AgreementState,
    Pathway,
    PathwayState,
    Rule,
    RuleQuerySet,
)
from marketplace.pages import doors
from marketplace.pages.commissioner import agreements_cells as cells
from marketplace.pages.commissioner import agreements_due as due
from marketplace.pages.commissioner import agreements_found as cell
from marketplace.pages.commissioner import agreements_monitoring as monitored
from marketplace.pages.commissioner import agreements_versions as versions
from marketplace.pages.commissioner.agreements_desk import Desk, asked_day, at_desk
from marketplace.pages.commissioner.agreements_found import Found

STAGES = {
    "listed": gettext_lazy("Steps listed"),
    "offered": gettext_lazy("Skills offered"),
    "answered": gettext_lazy("Answered"),
    "signed": gettext_lazy("Signed by both"),
    "live": gettext_lazy("Live"),
}
STAGE_OF_STATE = {
    PathwayState.AGREED: "signed",
    PathwayState.LIVE: "live",
    PathwayState.SUSPENDED: "live",
}


@at_desk
def show(
    request: HttpRequest,
    visit: doors.Visit,
    desk: Desk,
    slug: str,
    holder: uuid.UUID | None = None,
) -> HttpResponse:
    """Show one cell, today or on another day."""
    day = asked_day(request, visit.today)
    found = cell.find(desk, slug=slug, holder=holder, day=day)
    return page(request, visit, desk, found, day=day)


@at_desk
def about(
    request: HttpRequest, visit: doors.Visit, desk: Desk, reference: uuid.UUID
) -> HttpResponse:
    """Go on to the cell that a message is about, or to the table for an agreement on many."""
    pathway = (
        Pathway.objects.filter(reference=reference).select_related("service", "holder").first()
    )
    if pathway is not None:
        slug, holder = pathway.service.slug, pathway.holder.reference
        cell.find(desk, slug=slug, holder=holder, day=visit.today)
        return HttpResponseRedirect(desk.of(pathway))
    ours = Q(owner=desk.ours) | Q(holder=desk.ours)
    if not Agreement.objects.filter(ours, reference=reference).exists():
        raise Http404
    return HttpResponseRedirect(desk.table_href)


def page(
    request: HttpRequest,
    visit: doors.Visit,
    desk: Desk,
    found: Found,
    *,
    day: date,
    form: due.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a cell, with the form that was sent where something was wrong with it."""
    is_today = day == visit.today
    acts = due.acts(found, desk, at=visit.at, form=form) if is_today and desk.may_speak else None
    standings = table.standings(found.rules, day=day)
    context = {
        "found": found,
        "desk": desk,
        "day": day,
        "is_today": is_today,
        "is_past": day < visit.today,
        "owner": found.service.owner,
        "holder_name": cells.name_of(found.holder),
        "lines": cells.lines(standings, needed=found.needed, for_families=found.holder is None),
        "terms": [versions.term_of_rule(rule) for rule in found.rules],
        "legend": cells.legend(),
        "criteria": found.service.criteria.all(),
        "processes": cells.steps_words(step for step in table.ORDER if step in found.needed),
        "acts": acts,
        "acts_href": {name: desk.act_href(found.service, found.holder, name) for name in due.NAMES},
        "kept": [pair for pair in request.GET.items() if pair[0] != "on"],
        "today_href": _without_day(request),
        "form_key": request.POST.get("form_key", ""),
        "uses": _uses(found, visit),
        "has_ending_cover": found.is_party
        and any(one.lapses_soon or one.has_lapsed for one in standings),
        **_talked(found),
        **_waiting(desk, found),
    }
    return render(request, "commissioner/agreement.html", context, status=status)


def _uses(found: Found, visit: doors.Visit) -> dict[str, object] | None:
    """Return how the rules of a cell were used this year, for the two organisations."""
    if not found.is_party or not found.rules:
        return None
    rows = monitored.of_cell(
        rules=found.rules, owner=found.service.owner, year=uses.year_of(visit.today)
    )
    heads = [_("Role and step"), _("Used"), _("Spent"), _("Would have decided the same")]
    return {"heads": heads, "rows": rows}


def _talked(found: Found) -> dict[str, object]:
    """Return the thread and the versions: all of them for the two, what was signed for others."""
    known = pathways.versions(pathway=found.talk.pathway) if found.talk else []
    if not found.is_party:
        known = [version for version in known if version.is_signed_by_both]
    messages = (
        found.talk.pathway.messages.select_related("author", "organisation")
        if found.talk and found.is_party
        else ()
    )
    return {
        "stages": _stages(found),
        "state": _state(found),
        "is_suspended": found.talk is not None
        and found.talk.pathway.state == PathwayState.SUSPENDED,
        "versions": versions.entries(known, before=_before(found)),
        "thread": messages,
        "table_terms": [
            term for one in known if one.is_on_the_table for term in versions.terms_of(one)
        ],
    }


def _without_day(request: HttpRequest) -> str:
    kept = request.GET.copy()
    kept.pop("on", None)
    return f"?{kept.urlencode()}"


def _before(found: Found) -> RuleQuerySet:
    """Return the rules that were agreed for more than this cell, or before it was negotiated."""
    return (
        Rule.objects.filter(
            Q(service=found.service)
            | Q(service__isnull=True, term__in=found.service.terms.all())
            | Q(service__isnull=True, term__isnull=True),
            agreement__in=Agreement.objects.signed(),
            agreement__owner=found.service.owner_id,
            agreement__holder=found.holder,
            agreement__pathway__isnull=True,
        )
        .select_related("agreement__owner", "agreement__holder", "cover")
        .order_by("-agreement__valid_from", "agreement", "pk")
    )


def _stages(found: Found) -> list[dict[str, object]]:
    reached = list(STAGES).index(_stage(found))
    return [
        {"words": words, "is_reached": index <= reached, "is_current": index == reached}
        for index, words in enumerate(STAGES.values())
    ]


def _stage(found: Found) -> str:
    talk = found.talk
    if talk is not None and talk.version is not None and found.is_party:
        return "offered" if talk.version.state == AgreementState.PROPOSED else "answered"
    if talk is not None:
        return STAGE_OF_STATE.get(PathwayState(talk.pathway.state), "listed")
    return "live" if found.rules else "listed"


def _state(found: Found) -> dict[str, str]:
    """Return where a cell stands, in words and a tone."""
    state = found.talk.pathway.state if found.talk else ""
    if state == PathwayState.SUSPENDED:
        return {"text": _("Suspended"), "tone": "stop"}
    if found.rules or state == PathwayState.LIVE:
        return {"text": _("Live"), "tone": "good"}
    if not found.talk:
        return {"text": _("Nothing agreed"), "tone": "plain"}
    words = PathwayState(state).label
    return {"text": str(words), "tone": "plain" if state == PathwayState.ENDED else "wait"}


def _waiting(desk: Desk, found: Found) -> dict[str, object]:
    """Return the next and the last cell that wait for us, round the table."""
    cells_waiting = [talk.pathway for talk in table.waiting(organisation=desk.ours)]
    here = found.talk.pathway if found.talk else None
    others = [pathway for pathway in cells_waiting if here is None or pathway.pk != here.pk]
    if not others:
        return {"next": None, "waiting": len(cells_waiting)}
    name = (found.service.name, found.holder.name if found.holder else "")
    after = [one for one in others if (one.service.name, one.holder.name) > name]
    before = [one for one in others if (one.service.name, one.holder.name) < name]
    return {
        "next": (after or others)[0],
        "next_href": desk.of((after or others)[0]),
        "last_href": desk.of((before or others)[-1]),
        "waiting": len(others),
    }
