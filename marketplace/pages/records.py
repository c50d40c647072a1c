"""Requests about records, for whoever answers: read, leave out, release; or answer in words."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marketplace.notices import notices
from marketplace.pages import doors
from marketplace.people.roles import Role
from marketplace.rights import copies, corrections, erasure, requests
from marketplace.rights.models import Redaction, RedactionReason, RightsRequest
from marketplace.rights.record import Field, Kind, Row

PER_PAGE = 20
ROWS_PER_PAGE = 25
LONGEST = 2000
STAFF = tuple(role for role in Role if role != Role.FAMILY)


class AnswerForm(forms.Form):
    """Yes or no, and the words that whoever asked reads."""

    decision = forms.ChoiceField(
        label=gettext_lazy("What is the answer?"),
        widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
    )
    words = forms.CharField(
        label=gettext_lazy("Your answer, in words that they can read"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )

    def __init__(self, *args: Any, only_no: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if only_no:  # a copy is released on its own button
            del self.fields["decision"]
            self.fields["words"].required = True


# Short enough for a phone; a copy says it in full.
REASONS = [
    (RedactionReason.ABOUT_ANOTHER, gettext_lazy("About somebody else")),
    (RedactionReason.ENDANGERS, gettext_lazy("Could endanger")),
    (RedactionReason.LEGAL_ADVICE, gettext_lazy("Legal advice")),
]


@dataclass(frozen=True)
class Shown:
    """One row as its reviewer reads it: each field with the reason why it is left out, if it is."""

    row: Row
    gone: str
    fields: tuple[tuple[Field, str], ...]
    restores: tuple[tuple[str, str], ...]


@doors.staff(*STAFF)
def waiting(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what waits for this user's answer, the soonest due first."""
    rows = (
        requests.answers(user=visit.user, at=visit.at)
        .open()  # type: ignore[attr-defined]
        .select_related("person", "organisation", "taken_by")
        .order_by("due_on", "pk")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "records/waiting.html", {"page_obj": page, "today": visit.today})


@doors.staff(*STAFF)
def one(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Show one request: for a copy everything that was found, kind by kind."""
    asked = RightsRequest.objects.filter(reference=reference, asked_by=visit.user)
    hers = visit.visible(asked).select_related("person").first()
    if hers is not None:  # an advocate's own question, and not hers to answer
        return HttpResponseRedirect(reverse("advocate_record", args=[hers.person.reference]))
    found = _find(visit, reference)
    visit.look(
        found.person, reference=found.person.reference, kind="record", request=found.reference
    )
    notices.read(user=visit.user, subject=reference, at=visit.at)
    return _page(request, visit, found, AnswerForm(only_no=found.is_access))


@require_POST
@doors.staff(*STAFF)
def take(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Begin to look at a request."""
    found = _find(visit, reference)

    def act() -> str:
        requests.take(request=found, user=visit.user, by=visit.by, at=visit.at)
        return _address(found)

    return doors.perform(request, visit, act, back=_address(found))


@require_POST
@doors.staff(*STAFF)
def read(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Say that the texts on a page were read, as they stood on it."""
    found, label = _find(visit, reference), request.POST.get("label", "")
    back = _address(found, kind=label, page=request.POST.get("page", ""))
    marks = _marks(request.POST.get("marks", ""))

    def act() -> str:
        copies.read(
            request=found, label=label, marks=marks, user=visit.user, by=visit.by, at=visit.at
        )
        return back

    return doors.perform(request, visit, act, back=back)


@require_POST
@doors.staff(*STAFF)
def redact(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Leave a field or a row out, with its reason."""
    found, label = _find(visit, reference), request.POST.get("label", "")
    back = _address(found, kind=label, page=request.POST.get("page", ""))
    reason = request.POST.get("reason", "")
    if reason not in RedactionReason.values:
        messages.error(request, _("Choose why it is left out."))
        return HttpResponseRedirect(back)

    def act() -> str:
        copies.redact(
            request=found,
            label=label,
            row_key=request.POST.get("row", ""),
            field=request.POST.get("field", ""),
            reason=RedactionReason(reason),
            user=visit.user,
            by=visit.by,
            at=visit.at,
        )
        return back

    return doors.perform(request, visit, act, back=back)


@require_POST
@doors.staff(*STAFF)
def restore(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Put back what was left out."""
    found, label = _find(visit, reference), request.POST.get("label", "")
    back = _address(found, kind=label, page=request.POST.get("page", ""))
    gone = Redaction.objects.filter(
        request=found,
        label=label,
        row_key=request.POST.get("row", ""),
        field=request.POST.get("field", ""),
    ).first()

    def act() -> str:
        if gone is not None:
            copies.restore(redaction=gone, user=visit.user, by=visit.by, at=visit.at)
        return back

    return doors.perform(request, visit, act, back=back)


@require_POST
@doors.staff(*STAFF)
def release(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Release the copy."""
    found = _find(visit, reference)

    def act() -> str:
        copies.release(request=found, user=visit.user, by=visit.by, at=visit.at)
        return reverse("records_waiting")

    return doors.perform(request, visit, act, back=_address(found))


@require_POST
@doors.staff(*STAFF)
def answer(request: HttpRequest, visit: doors.Visit, reference: UUID) -> HttpResponse:
    """Answer in words: put right, erase, stop, or refuse; what was typed is kept."""
    found = _find(visit, reference)
    form = AnswerForm(request.POST, only_no=found.is_access)
    if form.is_valid():
        said = form.cleaned_data

        def act() -> str:
            _answer(found, visit, is_yes=said.get("decision") == "yes", words=said["words"])
            return reverse("records_waiting")

        try:
            return doors.once(request, visit, act)
        except doors.REFUSALS as refusal:
            form.add_error(None, refusal.sentence)
    return _page(request, visit, found, form, status=422)


def _answer(found: RightsRequest, visit: doors.Visit, *, is_yes: bool, words: str) -> None:
    given: dict[str, Any] = {"user": visit.user, "by": visit.by, "at": visit.at}
    if not is_yes:
        requests.refuse(request=found, words=words, **given)
    elif found.is_correction:
        corrections.accept(request=found, words=words, **given)
    elif found.is_erasure:
        erasure.erase(request=found, **given)
    else:
        requests.settle(request=found, words=words, **given)


def _find(visit: doors.Visit, reference: UUID) -> RightsRequest:
    rows = requests.answers(user=visit.user, at=visit.at).filter(reference=reference)
    found = rows.select_related("person", "organisation", "asked_by", "taken_by").first()
    if found is None:
        raise Http404
    return found


def _address(found: RightsRequest, *, kind: str = "", page: str = "") -> str:
    query = urlencode({name: value for name, value in (("kind", kind), ("page", page)) if value})
    here = reverse("records_request", args=[found.reference])
    return f"{here}?{query}" if query else here


def _marks(sent: str) -> dict[str, str]:
    """Return the marks that a page carried, or nothing where they are no marks."""
    try:
        marks = json.loads(sent)
    except ValueError:
        return {}
    if not isinstance(marks, dict):
        return {}
    return {str(place): str(mark) for place, mark in marks.items()}


def _page(
    request: HttpRequest,
    visit: doors.Visit,
    found: RightsRequest,
    form: AnswerForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "found": found,
        "form": form,
        "form_key": request.POST.get("form_key", ""),
        "what": corrections.title(found) if found.is_correction else "",
        "whys": erasure.why_not(person=found.person, at=visit.at) if found.is_erasure else [],
        "is_late": found.is_open and found.due_on < visit.today,
    }
    if found.is_access and found.is_open:
        context |= _found(request, visit, found)
    return render(request, "records/request.html", context, status=status)


def _found(request: HttpRequest, visit: doors.Visit, found: RightsRequest) -> dict[str, Any]:
    kinds = copies.found(request=found, at=visit.at)
    unread = copies.unread(request=found, kinds=kinds)
    chosen = next((kind for kind in kinds if kind.label == request.GET.get("kind")), None)
    context: dict[str, Any] = {
        "kinds": [
            {
                "label": kind.label,
                "title": kind.title,
                "count": len(kind.rows),
                "is_unread": kind.title in unread,
            }
            for kind in kinds
        ],
        "unread": unread,
        "reasons": REASONS,
        "chosen": chosen,
    }
    if chosen is not None:
        page = Paginator(chosen.rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
        part = Kind(chosen.label, chosen.title, tuple(page))
        context |= {
            "page_obj": page,
            "rows": [_row(found, chosen.label, row) for row in part.rows],
            "marks": json.dumps(copies.marks(request=found, kind=part)),
        }
    return context


def _row(found: RightsRequest, label: str, row: Row) -> Shown:
    gone = {
        one.field: str(one.get_reason_display())
        for one in Redaction.objects.filter(request=found, label=label, row_key=row.key)
    }
    return Shown(
        row=row,
        gone=gone.get(copies.WHOLE_ROW, ""),
        fields=tuple((field, gone.get(field.name, "")) for field in row.fields if field.text),
        restores=tuple(gone.items()),
    )
