"""Mentors and role models: all of them beside each other, and their pictures."""

import hashlib
import uuid
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext_lazy as _

from cms import mentors, pictures
from cms.models import Mentor, Picture, Service, ServiceKind, Term, TermTaxonomy, Weekday
from marketplace.pages import mentor_self, mentors_shown
from marketplace.pages.public import cards

PER_PAGE = 12
KINDS = [
    ("", _("Both")),
    (ServiceKind.MENTOR, _("Mentors")),
    (ServiceKind.ROLE_MODEL, _("Role models")),
]


class Liked(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A list of terms in the words that families read."""

    def label_from_instance(self, term: Term) -> str:
        """Return what families read."""
        return str(term.shown)


class Wanted(forms.Form):
    """Whom somebody looks for."""

    is_filter = True

    kind = forms.ChoiceField(label=_("Mentor or role model"), choices=KINDS, required=False)
    interest = Liked(
        label=_("Likes"),
        queryset=Term.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("Anything"),
    )
    language = Liked(
        label=_("Speaks"),
        queryset=Term.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("Any language"),
    )
    day = forms.TypedChoiceField(
        label=_("Free on"),
        choices=[("", _("Any day")), *Weekday.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        for name, taxonomy in (
            ("interest", TermTaxonomy.INTEREST),
            ("language", TermTaxonomy.LANGUAGE),
        ):
            rows = Term.objects.of(taxonomy).order_by("plain_name", "name")
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


def gallery(request: HttpRequest) -> HttpResponse:
    """Show who there is today, with the checks that meeting people needs, twelve a page."""
    form = Wanted(request.GET)
    found = fitting(form.cleaned_data) if form.is_valid() else Service.objects.none()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    people = [
        {
            "service": service,
            "mentor": mentors_shown.shown(service, getattr(service, "mentor", None)),
            "ages": cards.ages(service),
        }
        for service in page
    ]
    context = {"form": form, "people": people, "page_obj": page, "count": page.paginator.count}
    return render(request, "public/mentors.html", context)


def fitting(asked: dict[str, Any]) -> QuerySet[Service]:
    """Return the mentors who may be met today and fit, with all that is shown of them."""
    found = Service.objects.offered(timezone.localdate()).mentors()
    if asked["kind"]:
        found = found.filter(kind=asked["kind"])
    if asked["interest"]:
        found = found.filter(mentor__interests=asked["interest"])
    if asked["language"]:
        found = found.filter(terms=asked["language"])
    if asked["day"] is not None:
        free = Q(mentor__hours__weekday=asked["day"]) | Q(schedules__weekday=asked["day"])
        found = found.filter(free)
    return (
        found.distinct()
        .select_related("provider")
        .prefetch_related("terms", Prefetch("mentor", Mentor.objects.whole()))
        .order_by("name", "pk")
    )


def picture(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Serve a picture while the mentor's own yes to it stands, or to who keeps it; else 404.

    A browser may keep it but has to ask each time: when she takes it back it is gone at once.
    """
    found = mentors.shown_picture(reference=reference)
    if found is None or not _is_offered(found):
        found = _kept(request, reference)
    if found is None:
        raise Http404
    etag = quote_etag(hashlib.sha256(f"{found.reference}".encode()).hexdigest()[:32])
    response: HttpResponse
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(bytes(found.content), content_type=pictures.CONTENT_TYPE)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex, noimageindex"
    return response


def _is_offered(found: Picture) -> bool:
    today = timezone.localdate()
    return Service.objects.offered(today).filter(pk=found.mentor.service_id).exists()


def _kept(request: HttpRequest, reference: uuid.UUID) -> Picture | None:
    """Return a picture that is not shown, to the mentor herself and who keeps it for her."""
    found = Picture.objects.select_related("mentor__service").filter(reference=reference).first()
    return found if found is not None and mentor_self.may_keep(request, found.mentor) else None
