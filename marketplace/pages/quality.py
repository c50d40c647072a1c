"""How good an organisation's entries are, for who keeps them and for whose they are; and as CSV."""

import csv
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms import freshness
from cms.freshness import Stage
from cms.models import Service
from marketplace.insight import quality
from marketplace.notices import entries
from marketplace.pages import doors
from marketplace.pages.public import cards
from marketplace.people.roles import Role
from pricing.models import Price

PER_PAGE = 20
TONES = {Stage.FRESH: "good", Stage.ASKED: "wait", Stage.CHASED: "wait"}

WAITING = {
    "late": gettext_lazy("wait to be checked"),
    "incomplete": gettext_lazy("lack something"),
    "problems": gettext_lazy("have a problem that a reader or an import found"),
    "placeholder": gettext_lazy("have a placeholder for a price"),
    "answers": gettext_lazy("were answered late in the last year"),
    "times": gettext_lazy("can be booked and offer no free time"),
}


@dataclass(frozen=True)
class Figure:
    """One count, and the list of what it counts."""

    number: int
    words: str
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class Row:
    """One entry on the page: where it is put right depends on whose page it is."""

    entry: quality.Entry
    stage: str
    tone: str
    name_href: str
    lacks: tuple[tuple[str, str], ...]
    check_href: str


@doors.staff(Role.PROVIDER_WORKER, Role.EDITOR)
def provider(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show an organisation how good its own entries are."""
    return _page(request, visit, services=_theirs(visit), row=_providers_row, door="provider")


@doors.staff(Role.PROVIDER_WORKER, Role.EDITOR)
def provider_csv(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Give an organisation its own entries as CSV."""
    return _csv(_marked(request, _theirs(visit), at=visit.at), at=visit.at)


@doors.staff(Role.COMMISSIONER, Role.EDITOR)
def commissioner(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Show an owner how good its entries are, whoever provides them."""
    providers = _providers(visit)
    return _page(
        request,
        visit,
        services=_owned(visit, request.GET.get("provider", "")),
        row=_editors_row if _is_editor(visit) else _owners_row,
        door="commissioner",
        providers=providers,
    )


@doors.staff(Role.COMMISSIONER, Role.EDITOR)
def commissioner_csv(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Give an owner its entries as CSV."""
    services = _owned(visit, request.GET.get("provider", ""))
    return _csv(_marked(request, services, at=visit.at), at=visit.at)


@doors.staff(Role.PROVIDER_WORKER, Role.EDITOR)
def check(request: HttpRequest, visit: doors.Visit, reference: uuid.UUID) -> HttpResponse:
    """Show an entry of the organisation's own, and record that all of it is right today."""
    service = get_object_or_404(
        _theirs(visit).select_related("owner", "provider"), reference=reference
    )
    back = reverse("provider_quality")

    def act() -> str:
        entries.record_check(service=service, user=visit.user, by=visit.by, at=visit.at)
        messages.success(request, _("%(name)s was checked today.") % {"name": service.name})
        return back

    if request.method == "POST":
        return doors.perform(request, visit, act, back=back)
    return render(
        request,
        "provider/quality_check.html",
        {
            "service": service,
            "state": freshness.state(service, visit.today),
            "ages": cards.ages(service),
            "prices": Price.objects.on(visit.today).filter(service=service),
        },
    )


def _is_editor(visit: doors.Visit) -> bool:
    return visit.membership is not None and visit.membership.role == Role.EDITOR


def _page(
    request: HttpRequest,
    visit: doors.Visit,
    *,
    services: QuerySet[Service],
    row: Callable[[quality.Entry], Row],
    door: str,
    providers: Iterable[tuple[str, str]] = (),
) -> HttpResponse:
    every = quality.marked(services, at=visit.at)
    counts = quality.count(every)
    page = Paginator(_marked(request, services, at=visit.at), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        f"{door}/quality.html",
        {
            "counts": counts,
            "stages": [
                _figure(request, counts.stages[stage], str(stage), stage.label) for stage in Stage
            ],
            "waiting": [
                _figure(request, number, name, str(WAITING[name]))
                for name, number in _waiting(counts).items()
            ],
            "rows": [row(entry) for entry in quality.entries(page, at=visit.at)],
            "page_obj": page,
            "shown": _shown(request),
            "everything_href": request.path,
            "providers": providers,
            "provider": request.GET.get("provider", ""),
            "csv_href": f"{reverse(f'{door}_quality_csv')}?{request.GET.urlencode()}",
        },
    )


def _marked(request: HttpRequest, services: QuerySet[Service], *, at: datetime) -> QuerySet[Any]:
    """Return the entries that were asked for, the oldest check first."""
    rows = quality.marked(services, at=at).filter(quality.SHOWN.get(_shown(request), Q()))
    return quality.with_numbers(rows, at=at).order_by("counted_from", "name", "pk")


def _shown(request: HttpRequest) -> str:
    asked = request.GET.get("show", "")
    return asked if asked in quality.SHOWN else ""


def _waiting(counts: quality.Counts) -> dict[str, int]:
    return {
        "late": counts.total - counts.stages[Stage.FRESH],
        "incomplete": counts.incomplete,
        "problems": counts.with_problems,
        "placeholder": counts.placeholder,
        "answers": counts.answered_late,
        "times": counts.without_times,
    }


def _figure(request: HttpRequest, number: int, name: str, words: str) -> Figure:
    rest = request.GET.copy()
    rest.pop("page", None)
    rest["show"] = name
    return Figure(number, words, f"{request.path}?{rest.urlencode()}", _shown(request) == name)


def _theirs(visit: doors.Visit) -> QuerySet[Service]:
    return _live(visit).filter(provider=visit.organisation)


def _owned(visit: doors.Visit, provider: str) -> QuerySet[Service]:
    rows = _live(visit).filter(owner=visit.organisation)
    try:
        return rows.filter(provider__reference=uuid.UUID(provider)) if provider else rows
    except ValueError:
        return rows


def _live(visit: doors.Visit) -> QuerySet[Service]:
    return Service.objects.standing(visit.today).filter(live=True)


def _providers(visit: doors.Visit) -> list[tuple[str, str]]:
    """Return who provides for an owner, to choose one: reference and name."""
    rows = _owned(visit, "").order_by("provider__name")
    found = rows.values_list("provider__reference", "provider__name").distinct()
    return [(str(reference), name) for reference, name in found]


def _row(entry: quality.Entry, *, name: str, check: str, mend: Callable[[str], str]) -> Row:
    return Row(
        entry=entry,
        stage=entry.state.stage.label,
        tone=TONES.get(entry.state.stage, "stop"),
        name_href=name,
        lacks=tuple((str(lack.words), mend(lack.name)) for lack in entry.lacks),
        check_href=check,
    )


def _providers_row(entry: quality.Entry) -> Row:
    """Lead to the provider's own pages; what the owner sets leads nowhere."""
    reference = entry.service.reference
    fields = {lack.name: lack.field for lack in quality.LACKS}
    change = reverse("provider_change", args=[reference])
    return _row(
        entry,
        name=reverse("provider_service", args=[reference]),
        check=reverse("provider_quality_check", args=[reference]),
        mend=lambda name: f"{change}#id_{fields[name]}" if fields[name] else "",
    )


def _owners_row(entry: quality.Entry) -> Row:
    """Lead to what a commissioner sets: the price, and who can have it."""
    slug = entry.service.slug
    pages = {"price": "commissioner_price", "who": "commissioner_criteria_service"}
    return _row(
        entry,
        name=reverse("service", args=[slug]),
        check="",
        mend=lambda name: reverse(pages[name], args=[slug]) if name in pages else "",
    )


def _editors_row(entry: quality.Entry) -> Row:
    """Lead to the entry in `/cms/`."""
    pk = entry.service.pk
    edit = reverse("wagtailsnippets_cms_service:edit", args=[pk])
    return _row(
        entry,
        name=edit,
        check=reverse("wagtailsnippets_cms_service:check", args=[pk]),
        mend=lambda name: "" if name in ("price", "who") else edit,
    )


def _csv(rows: QuerySet[Any], *, at: datetime) -> HttpResponse:
    """Write one line an entry; no cell can run as a formula."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            _("Entry"),
            _("Provider"),
            _("Owner"),
            _("Last checked"),
            _("State"),
            _("Lacks"),
            _("Open problems"),
            _("Placeholder price"),
            _("Answers promised in the last year"),
            _("Of these late"),
            _("Free times"),
        ]
    )
    writer.writerows(_cells(rows, at=at))
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="quality.csv"'
    return answer


def _cells(rows: QuerySet[Any], *, at: datetime) -> Iterator[list[str]]:
    yes, no = _("yes"), _("no")
    for entry in quality.entries(rows.iterator(chunk_size=2000), at=at):
        service = entry.service
        yield [
            _plain(service.name),
            _plain(service.provider.name),
            _plain(service.owner.name),
            service.checked_on.isoformat() if service.checked_on else _("never"),
            entry.state.stage.label,
            "; ".join(str(lack.words) for lack in entry.lacks),
            str(entry.problems),
            yes if entry.is_placeholder else no,
            str(entry.answers),
            str(entry.answers_late),
            yes if entry.has_free_times else no,
        ]


def _plain(text: str) -> str:
    """Return a text that a spreadsheet shows and never runs."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
