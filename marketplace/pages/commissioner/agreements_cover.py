"""Cover that ends: renewed for many cells at once, on the terms that both signed."""

import contextlib
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import Organisation
from marketplace.authority import covers
from marketplace.authority.models import Cover, CoverKind
from marketplace.pages import doors
from marketplace.pages.commissioner import agreements_cells as cells
from marketplace.pages.commissioner.agreements_desk import Desk, at_desk
from marketplace.pages.commissioner.agreements_versions import cover_words
from marketplace.pages.commissioner.forms import Pounds

SOON_DAYS = 60


class Renewal(forms.Form):
    """Which cover goes on, with whom, for how much and until when."""

    cover = forms.MultipleChoiceField(
        label=gettext_lazy("Which cover goes on"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick what is renewed.")},
    )
    insurer = forms.CharField(
        label=gettext_lazy("Insurer"),
        help_text=gettext_lazy("Left empty: the same as before."),
        max_length=150,
        required=False,
    )
    policy_reference = forms.CharField(label=gettext_lazy("Policy"), max_length=64, required=False)
    amount = Pounds(label=gettext_lazy("Insured for"), required=False)
    valid_to = forms.DateField(
        label=gettext_lazy("Until"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: Any, *, among: Sequence[Cover]) -> None:
        super().__init__(data)
        self.known = {str(cover.reference): cover for cover in among}
        field = self.fields["cover"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(key, name_of(cover)) for key, cover in self.known.items()]

    @property
    def chosen(self) -> list[Cover]:
        """Return the covers that go on."""
        return [self.known[key] for key in self.cleaned_data["cover"]]


def name_of(cover: Cover) -> str:
    """Return whose agreement a cover is for, on which service, and what it is."""
    agreement = cover.agreement
    return _("%(service)s: %(owner)s → %(holder)s. %(cover)s") % {
        "service": agreement.pathway.service.name if agreement.pathway else _("Several services"),
        "owner": agreement.owner.name,
        "holder": cells.name_of(agreement.holder),
        "cover": cover_words(cover),
    }


@at_desk
def renew(request: HttpRequest, visit: doors.Visit, desk: Desk) -> HttpResponse:
    """Show the cover that we bear and that ends, and record that it goes on."""
    is_sent = request.method == "POST"
    # With what was renewed just now, so that a form that is sent twice gets its answer again.
    found = _ending(desk, visit) | (_sent(request, desk.ours) if is_sent else set())
    among = list(
        Cover.objects.filter(pk__in=found)
        .select_related("agreement__owner", "agreement__holder", "agreement__pathway__service")
        .order_by("valid_to", "pk")
    )
    form = Renewal(request.POST if is_sent else None, among=among)
    if is_sent:
        desk.must_speak()
        answer = _renew(request, visit, desk, form)
        if answer is not None:
            return answer
    context = {
        "desk": desk,
        "form": form,
        "has_any": bool(among),
        "form_key": request.POST.get("form_key", ""),
    }
    template = "commissioner/agreements_cover.html"
    return render(request, template, context, status=422 if is_sent else 200)


def _renew(
    request: HttpRequest, visit: doors.Visit, desk: Desk, form: Renewal
) -> HttpResponse | None:
    if not form.is_valid():
        return None
    said = form.cleaned_data

    def act() -> str:
        for cover in form.chosen:
            covers.renew(
                cover=cover,
                insurer=said["insurer"],
                policy_reference=said["policy_reference"],
                amount_pence=said["amount"],
                valid_from=max(cover.valid_to, visit.today) if cover.valid_to else visit.today,
                valid_to=said["valid_to"],
                by=visit.by,
                at=visit.at,
            )
        return desk.cover_href

    try:
        answer = doors.once(request, visit, act)
    except doors.REFUSALS as refusal:
        form.add_error(None, refusal.sentence)
        return None
    messages.success(request, _("Renewed. The other side has been told."))
    return answer


def _borne(ours: Organisation) -> Q:
    """Return what tells the cover that an organisation bears itself."""
    is_owners = Q(kind=CoverKind.OWNER)
    return Q(is_owners, agreement__owner=ours) | Q(~is_owners, agreement__holder=ours)


def _ending(desk: Desk, visit: doors.Visit) -> set[int]:
    found = (
        covers.lapsed(on=visit.today, organisation=desk.ours),
        covers.lapsing(on=visit.today, within=SOON_DAYS, organisation=desk.ours),
    )
    return {cover.pk for some in found for cover in some.filter(_borne(desk.ours))}


def _sent(request: HttpRequest, ours: Organisation) -> set[int]:
    references = []
    for text in request.POST.getlist("cover"):
        with contextlib.suppress(ValueError):
            references.append(uuid.UUID(text))
    found = Cover.objects.filter(_borne(ours), reference__in=references)
    return set(found.values_list("pk", flat=True))
