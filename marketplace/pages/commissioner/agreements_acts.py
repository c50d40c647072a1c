"""What is done to a cell: one verb for each form of its page."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cms.models import Service
from marketplace.authority import pathways
from marketplace.pages import doors
from marketplace.pages.commissioner import agreements_cell as cell
from marketplace.pages.commissioner import agreements_due as due
from marketplace.pages.commissioner import agreements_forms as forms
from marketplace.pages.commissioner import agreements_found as at
from marketplace.pages.commissioner.agreements_desk import Desk, at_desk
from marketplace.pages.commissioner.agreements_found import Found

# After an act the focus is on the link to the next cell that waits: Enter goes on.
NEXT = "#next"


@require_POST
@at_desk
def act(
    request: HttpRequest,
    visit: doors.Visit,
    desk: Desk,
    slug: str,
    act: str,
    holder: uuid.UUID | None = None,
) -> HttpResponse:
    """Do one thing to a cell, for the organisation that the reader speaks for."""
    found = at.find(desk, slug=slug, holder=holder, day=visit.today)
    if act not in ACTS or not found.is_party or found.holder is None:
        raise Http404
    desk.must_speak()
    return ACTS[act](request, visit, desk, found)


def _ask(request: HttpRequest, visit: doors.Visit, desk: Desk, found: Found) -> HttpResponse:
    """Ask the other organisation what it has the skills for."""

    def do() -> str:
        assert found.holder is not None
        pathways.invite(services=[found.service], holders=[found.holder], by=visit.by, at=visit.at)
        return _here(desk, found) + NEXT

    return _perform(request, visit, desk, found, do, _("Asked. Their answer comes next."))


def _offer(request: HttpRequest, visit: doors.Visit, desk: Desk, found: Found) -> HttpResponse:
    """Say what we have the skills for, here and for other services at once."""
    form = due.offer_form(request.POST, service=found.service, holder=desk.ours, day=visit.today)

    def do() -> str:
        also = Service.objects.filter(slug__in=form.cleaned_data.get("also", ()), live=True)
        pathways.offer(
            services=_needing(form, [found.service, *also.prefetch_related("processes")]),
            holder=desk.ours,
            lines=form.said(),
            by=visit.by,
            at=visit.at,
        )
        return _here(desk, found) + NEXT

    return _send(request, visit, desk, found, ("offer", form), do, _("Offered."))


def _answer(request: HttpRequest, visit: doors.Visit, desk: Desk, found: Found) -> HttpResponse:
    """Answer the lines that were offered, with risk, limits and cover."""
    offers = due.sent_offers(request.POST, owner=desk.ours)
    form = due.answer_form(request.POST, offers=offers, owner=desk.ours, at=visit.at)

    def do() -> str:
        pathways.answer(
            answers=form.said(),
            cover=form.cover,
            starts_on=form.first_day,
            words=form.cleaned_data["words"],
            by=visit.by,
            at=visit.at,
        )
        return _here(desk, found) + NEXT

    return _send(request, visit, desk, found, ("answer", form), do, _("Answered."))


def _sign(request: HttpRequest, visit: doors.Visit, desk: Desk, found: Found) -> HttpResponse:
    """Sign what lies on the table, as the signer read it."""
    seen = seen_at(request)

    def do() -> str:
        pathways.sign(
            pathways=[found.pathway], party=desk.ours, by=visit.by, at=visit.at, seen=seen
        )
        return _here(desk, found) + NEXT

    return _perform(request, visit, desk, found, do, _("Signed."))


def _say(request: HttpRequest, visit: doors.Visit, desk: Desk, found: Found) -> HttpResponse:
    """Write a line in the thread."""
    form = forms.Words(request.POST)

    def do() -> str:
        words = form.cleaned_data["words"]
        pathways.say(pathway=found.pathway, words=words, by=visit.by, at=visit.at)
        return _here(desk, found) + "#thread"

    return _send(request, visit, desk, found, ("say", form), do, "")


def _stop(
    name: str, verb: Callable[..., object], done: Promise
) -> Callable[[HttpRequest, doors.Visit, Desk, Found], HttpResponse]:
    """Return what takes back, suspends, resumes or ends a cell, with words for both to read."""

    def stop(request: HttpRequest, visit: doors.Visit, desk: Desk, found: Found) -> HttpResponse:
        form = forms.Why(request.POST)

        def do() -> str:
            words = form.cleaned_data["words"]
            verb(pathway=found.pathway, words=words, by=visit.by, at=visit.at)
            return _here(desk, found) + NEXT

        return _send(request, visit, desk, found, (name, form), do, done)

    return stop


def seen_at(request: HttpRequest) -> datetime | None:
    """Return when the page was read on which something was signed."""
    try:
        seen = datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        return None
    return seen if seen.tzinfo is not None else None


def _needing(form: forms.Offer, services: Iterable[Service]) -> list[Service]:
    """Return the services that need some of the steps that are offered."""
    steps = {line.step for line in form.said()}
    return [
        service
        for service in services
        if steps & {process.step for process in service.processes.all()}
    ]


def _here(desk: Desk, found: Found) -> str:
    return desk.cell_href(found.service, found.holder)


def _send(
    request: HttpRequest,
    visit: doors.Visit,
    desk: Desk,
    found: Found,
    sent: due.Form,
    do: Callable[[], str],
    done: str | Promise,
) -> HttpResponse:
    """Act on a form that makes sense; show it again, as it was typed, where something is wrong."""
    _name, form = sent
    if form.is_valid():
        try:
            answer = doors.once(request, visit, do)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
        else:
            if done:
                messages.success(request, str(done))
            return answer
    found = at.find(desk, slug=found.service.slug, holder=_reference(found), day=visit.today)
    return cell.page(request, visit, desk, found, day=visit.today, form=sent, status=422)


def _perform(
    request: HttpRequest,
    visit: doors.Visit,
    desk: Desk,
    found: Found,
    do: Callable[[], str],
    done: str,
) -> HttpResponse:
    try:
        answer = doors.once(request, visit, do)
    except doors.REFUSALS as refusal:
        messages.error(request, refusal.sentence)
        return at.back(desk, found)
    messages.success(request, done)
    return answer


def _reference(found: Found) -> uuid.UUID | None:
    return found.holder.reference if found.holder else None


ACTS: dict[str, Callable[[HttpRequest, doors.Visit, Desk, Found], HttpResponse]] = {
    "ask": _ask,
    "offer": _offer,
    "answer": _answer,
    "sign": _sign,
    "say": _say,
    "withdraw": _stop("withdraw", pathways.withdraw, gettext_lazy("Taken back.")),
    "suspend": _stop("suspend", pathways.suspend, gettext_lazy("Suspended from today.")),
    "resume": _stop("resume", pathways.resume, gettext_lazy("It holds again.")),
    "end": _stop("end", pathways.end, gettext_lazy("Ended from today.")),
}
