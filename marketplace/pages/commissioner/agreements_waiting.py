"""Many cells at once: everything that waits for us, and asking others what they can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cms.models import Organisation, Service
from marketplace.authority import matrix as table
from marketplace.authority import pathways
from marketplace.authority.models import Agreement, Offer, Pathway
from marketplace.pages import doors
from marketplace.pages.commissioner import agreements_cells as cells
from marketplace.pages.commissioner import agreements_due as due
from marketplace.pages.commissioner import agreements_versions as versions
from marketplace.pages.commissioner.agreements_acts import seen_at
from marketplace.pages.commissioner.agreements_answers import Answers, Row
from marketplace.pages.commissioner.agreements_desk import Desk, at_desk
from marketplace.people.models import Membership

PER_PAGE = 20


@dataclass(frozen=True)
class Waiting:
    """One cell that waits for us, with what is answered or signed in it."""

    talk: table.Talk
    title: str
    href: str
    offers: tuple[Offer, ...]
    terms: tuple[versions.Term, ...]

    @property
    def key(self) -> str:
        """Return what the cell is called in a form."""
        return str(self.talk.pathway.reference)


class Sign(django_forms.Form):
    """The cells that are signed together."""

    cells = django_forms.ModelMultipleChoiceField(
        label=gettext_lazy("Sign these"),
        queryset=Pathway.objects.none(),
        to_field_name="reference",
        widget=django_forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick what you sign.")},
    )

    def __init__(self, data: Any, *, ours: Organisation) -> None:
        super().__init__(data)
        field = self.fields["cells"]
        assert isinstance(field, django_forms.ModelMultipleChoiceField)
        field.queryset = Pathway.objects.filter(Q(service__owner=ours) | Q(holder=ours))


class Ask(django_forms.Form):
    """Which of our services, and which organisations are asked about them."""

    services = django_forms.MultipleChoiceField(
        label=gettext_lazy("Which of our services"),
        widget=django_forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one service.")},
    )
    holders = django_forms.MultipleChoiceField(
        label=gettext_lazy("Whom to ask"),
        widget=django_forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one organisation.")},
    )

    def __init__(
        self, data: Any, *, services: Sequence[Service], holders: Sequence[Organisation]
    ) -> None:
        super().__init__(data)
        for name, choices in (
            ("services", [(one.slug, one.name) for one in services]),
            ("holders", [(str(one.reference), one.name) for one in holders]),
        ):
            field = self.fields[name]
            assert isinstance(field, django_forms.MultipleChoiceField)
            field.choices = choices


@at_desk
def waiting(request: HttpRequest, visit: doors.Visit, desk: Desk) -> HttpResponse:
    """Show all that waits for us, to answer or sign many at once."""
    talks = table.waiting(organisation=desk.ours)
    page = Paginator(talks, PER_PAGE).get_page(request.GET.get("page"))
    shown = _shown(desk, list(page))
    answerable = [one for one in shown if one.talk.due == "answer"]
    signable = [one for one in shown if one.talk.due == "sign"]
    is_answer = request.POST.get("act") == "answer"
    offers = [offer for one in answerable for offer in one.offers]
    answers = due.answer_form(
        request.POST if is_answer else None,
        offers=due.sent_offers(request.POST, owner=desk.ours) if is_answer else offers,
        owner=desk.ours,
        at=visit.at,
    )
    sign = Sign(request.POST if request.POST.get("act") == "sign" else None, ours=desk.ours)
    sent: django_forms.Form = sign if sign.is_bound else answers
    if request.method == "POST":
        desk.must_speak()
        answer = _act(request, visit, desk, answers=answers, sign=sign)
        if answer is not None:
            return answer
    rows = answers.rows
    told = set(request.POST.getlist("cells"))
    context = {
        "desk": desk,
        "ours": desk.ours,
        "page_obj": page,
        "answerable": [(one, _rows_of(one, rows)) for one in answerable],
        "signable": signable,
        "ticked": told,
        "to_offer": [one for one in shown if one.talk.due == "offer"],
        "answers": answers,
        "sign": sign,
        "sent": sent,
        "seen": visit.at.isoformat(),
        "form_key": request.POST.get("form_key", ""),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "commissioner/agreements_waiting.html", context, status=status)


@at_desk
def ask(request: HttpRequest, visit: doors.Visit, desk: Desk) -> HttpResponse:
    """Ask other organisations which steps of our services they have the skills for."""
    services = list(table.services(day=visit.today).filter(owner=desk.ours))
    holders = list(
        Organisation.objects.filter(memberships__in=Membership.objects.on(visit.today))
        .exclude(pk=desk.ours.pk)
        .distinct()
        .order_by("name", "pk")
    )
    form = Ask(request.POST or None, services=services, holders=holders)
    if request.method == "POST":
        desk.must_speak()
        if form.is_valid():
            answer = _ask(request, visit, desk, form, services=services, holders=holders)
            if answer is not None:
                return answer
    context = {
        "desk": desk,
        "form": form,
        "has_services": bool(services),
        "form_key": request.POST.get("form_key", ""),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "commissioner/agreements_ask.html", context, status=status)


def _ask(
    request: HttpRequest,
    visit: doors.Visit,
    desk: Desk,
    form: Ask,
    *,
    services: Sequence[Service],
    holders: Sequence[Organisation],
) -> HttpResponseRedirect | None:
    def do() -> str:
        pathways.invite(
            services=[one for one in services if one.slug in form.cleaned_data["services"]],
            holders=[one for one in holders if str(one.reference) in form.cleaned_data["holders"]],
            by=visit.by,
            at=visit.at,
        )
        return desk.table_href

    try:
        answer = doors.once(request, visit, do)
    except doors.REFUSALS as refusal:
        form.add_error(None, refusal.sentence)
        return None
    messages.success(request, _("Asked. The table shows who has offered what."))
    return answer


def _act(
    request: HttpRequest,
    visit: doors.Visit,
    desk: Desk,
    *,
    answers: Answers,
    sign: Sign,
) -> HttpResponseRedirect | None:
    """Answer or sign what was sent; None where something is wrong with it."""
    form: django_forms.Form = sign if sign.is_bound else answers
    if not form.is_valid():
        return None
    done: list[int] = []

    def do() -> str:
        if form is answers:
            found = pathways.answer(
                answers=answers.said(),
                cover=answers.cover,
                starts_on=answers.first_day,
                words=answers.cleaned_data["words"],
                by=visit.by,
                at=visit.at,
            )
        else:
            found = pathways.sign(
                pathways=sign.cleaned_data["cells"],
                party=desk.ours,
                by=visit.by,
                at=visit.at,
                seen=seen_at(request),
            )
        done.append(len(found))
        return desk.waiting_href

    try:
        answer = doors.once(request, visit, do)
    except doors.REFUSALS as refusal:
        form.add_error(None, refusal.sentence)
        return None
    for number in done:
        messages.success(
            request,
            ngettext("Done for %(number)s cell.", "Done for %(number)s cells.", number)
            % {"number": number},
        )
    return answer


def _shown(desk: Desk, talks: Sequence[table.Talk]) -> list[Waiting]:
    """Return cells with their lines; as many queries for many as for one."""
    tables = Agreement.objects.filter(
        pk__in=[talk.version.pk for talk in talks if talk.version]
    ).prefetch_related(
        Prefetch("offers", Offer.objects.select_related("agreement")), "offers__answers__cover"
    )
    known = {version.pathway_id: version for version in tables}
    found = []
    for talk in talks:
        version, pathway = known.get(talk.pathway.pk), talk.pathway
        names = {"service": pathway.service.name, "holder": cells.name_of(pathway.holder)}
        found.append(
            Waiting(
                talk=talk,
                title=_("%(service)s: %(holder)s") % names,
                href=desk.of(pathway),
                offers=tuple(version.offers.all()) if version else (),
                terms=versions.terms_of(version) if version else (),
            )
        )
    return found


def _rows_of(one: Waiting, rows: Sequence[Row]) -> list[Row]:
    keys = {offer.pk for offer in one.offers}
    return [row for row in rows if row.offer.pk in keys]
