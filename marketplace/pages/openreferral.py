"""The feed for machines: Open Referral UK 3.0, open to everybody, for reading only."""

import functools
import hashlib
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.encoding import iri_to_uri
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page

from cms.models import Service, TermTaxonomy
from marketplace.openreferral import asked, lists, narrowing, published, records, standard
from marketplace.openreferral.asked import Asked, BadParameter

P = ParamSpec("P")
Answer = HttpResponseBase
View = Callable[Concatenate[HttpRequest, P], Answer]

HERE = "/openreferral/"
METHODS = "GET, HEAD, OPTIONS"
LINES = 100  # records written at a time to a stream


class OpenMiddleware:
    """Lets every page of every site read the feed, its refusals and its faults too (CORS)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark what answers below the feed's address as open."""
        answer = self.get_response(request)
        if request.path.startswith(HERE):
            answer["Access-Control-Allow-Origin"] = "*"
            answer["Access-Control-Expose-Headers"] = "ETag, Last-Modified"
        return answer


def door(view: View[P]) -> View[P]:
    """Answer to reading only, say in one shape what is wrong, and compress."""

    @gzip_page
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> Answer:
        if request.method == "OPTIONS":
            return preflight()
        if request.method not in ("GET", "HEAD"):
            refused = problem(405, _("This feed is for reading only."))
            refused["Allow"] = METHODS
            return refused
        try:
            return view(request, *args, **kwargs)
        except BadParameter as refusal:
            return problem(400, refusal.sentence, parameter=refusal.name)

    return cast(View[P], answer)


def preflight() -> HttpResponse:
    """Answer a browser that asks first what it may do."""
    answer = HttpResponse(status=204)
    answer["Allow"] = answer["Access-Control-Allow-Methods"] = METHODS
    answer["Access-Control-Allow-Headers"] = (
        "Accept, Content-Type, If-None-Match, If-Modified-Since"
    )
    answer["Access-Control-Max-Age"] = "86400"
    return answer


def problem(status: int, sentence: str, *, parameter: str = "") -> HttpResponse:
    """Say what is wrong (RFC 9457), and which parameter it is about."""
    told = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
    }
    if parameter:
        told["parameter"] = parameter
    return HttpResponse(dumped(told), status=status, content_type="application/problem+json")


def dumped(record: Any) -> bytes:
    """Write a record as JSON."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def sent(request: HttpRequest, record: Any, *, changed_at: datetime | None = None) -> HttpResponse:
    """Send a record, or only that it is as it was (304)."""
    body = dumped(record)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    answer = HttpResponse(body, content_type="application/json")
    answer["ETag"] = etag
    if changed_at is not None:
        answer["Last-Modified"] = http_date(changed_at.timestamp())
    seconds = int(changed_at.timestamp()) if changed_at is not None else None
    known = get_conditional_response(request, etag, seconds, answer) or answer
    # To be asked for again each time, and answered with 304 where nothing changed.
    known["Cache-Control"] = "public, no-cache"
    patch_vary_headers(known, ["Accept-Encoding"])
    return known


def one(request: HttpRequest, record: Any | None, *, changed_at: datetime) -> HttpResponse:
    """Send one record, or that there is none."""
    if record is None:
        return problem(404, _("There is nothing here of that id."))
    return sent(request, record, changed_at=changed_at)


def many(request: HttpRequest, wanted: Asked, found: lists.Found, *, at: datetime) -> Answer:
    """Send a page of a list, or all of it line by line."""
    if wanted.is_ndjson and not wanted.is_paged:
        return streamed(request, found.stream())
    page = lists.envelope(found, page=wanted.page, per_page=wanted.per_page)
    if wanted.is_ndjson:
        return streamed(request, iter(page["contents"]))
    return sent(request, page, changed_at=published.catalogue_changed_at(at=at))


def streamed(request: HttpRequest, rows: Iterator[Any]) -> Answer:
    """Send records line by line, while they are read."""
    pieces = lines(rows)
    return StreamingHttpResponse(
        later(pieces) if isinstance(request, ASGIRequest) else pieces,
        content_type="application/x-ndjson",
        headers={"Cache-Control": "public, no-cache"},
    )


def lines(rows: Iterable[Any]) -> Iterator[bytes]:
    """Yield records as lines, some at a time."""
    waiting: list[bytes] = []
    for row in rows:
        waiting.append(dumped(row) + b"\n")
        if len(waiting) == LINES:
            yield b"".join(waiting)
            waiting.clear()
    yield b"".join(waiting)


async def later(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield pieces that ask the database, without keeping others waiting."""
    take = sync_to_async(functools.partial(next, pieces, None))
    while (piece := await take()) is not None:
        yield piece


@door
def about(request: HttpRequest) -> Answer:
    """Say which standard this is, and where its document lies."""
    asked.read(request.GET, allowed=())
    address = settings.SITE_URL.rstrip("/") + reverse("openreferral_document")
    told = {"version": standard.PROFILE, "profile": standard.PROFILE, "openapi_url": address}
    return sent(request, told)


@door
def document(request: HttpRequest) -> Answer:
    """Send the standard's OpenAPI document."""
    address = settings.SITE_URL.rstrip("/") + reverse("openreferral").rstrip("/")
    return sent(request, standard.openapi(title=_("Alongside"), address=address))


@door
def services(request: HttpRequest) -> Answer:
    """List services."""
    wanted, at = asked.read(request.GET, allowed=asked.SERVICES), timezone.now()
    return many(request, wanted, lists.services(asked=wanted, at=at), at=at)


@door
def service(request: HttpRequest, reference: uuid.UUID) -> Answer:
    """Send one service; one that has ended says so."""
    asked.read(request.GET, allowed=())
    at = timezone.now()
    on = timezone.localdate(at)
    row: Service | None = published.whole(published.ever(on=on).filter(reference=reference)).first()
    if row is None:
        return problem(404, _("There is no service of that id."))
    record = records.service(row, on=on, at=at)
    return sent(request, record, changed_at=published.changed_at(row, at=at))


@door
def at_locations(request: HttpRequest) -> Answer:
    """List services at places."""
    wanted, at = asked.read(request.GET, allowed=asked.SERVICE_AT_LOCATIONS), timezone.now()
    return many(request, wanted, lists.at_locations(asked=wanted, at=at), at=at)


@door
def at_location(request: HttpRequest, reference: uuid.UUID) -> Answer:
    """Send one service at one place."""
    asked.read(request.GET, allowed=())
    at = timezone.now()
    near = narrowing.at_locations(asked=Asked(), on=timezone.localdate(at), at=at).filter(
        service__reference__range=standard.services_at(reference)
    )
    links = [
        link
        for link in near.select_related("service", "place")
        if standard.at_location(link.service.reference, link.place.reference) == str(reference)
    ]
    found = lists.located(links, on=timezone.localdate(at), at=at, full=True)
    changed_at = published.catalogue_changed_at(at=at)
    return one(request, next(iter(found), None), changed_at=changed_at)


@door
def organizations(request: HttpRequest) -> Answer:
    """List organisations."""
    wanted, at = asked.read(request.GET, allowed=asked.ORGANISATIONS), timezone.now()
    return many(request, wanted, lists.organisations(asked=wanted, at=at), at=at)


@door
def organization(request: HttpRequest, reference: uuid.UUID) -> Answer:
    """Send one organisation with what it runs."""
    wanted, at = asked.read(request.GET, allowed=asked.ORGANISATION), timezone.now()
    on = timezone.localdate(at)
    rows = [*published.organisations(on=on).filter(reference=reference)]
    found = lists.with_services(rows, on=on, at=at, full=wanted.full_service)
    changed_at = published.catalogue_changed_at(at=at)
    return one(request, next(iter(found), None), changed_at=changed_at)


@door
def taxonomies(request: HttpRequest) -> Answer:
    """List taxonomies."""
    wanted, at = asked.read(request.GET, allowed=asked.TAXONOMIES), timezone.now()
    return many(request, wanted, lists.taxonomies(asked=wanted), at=at)


@door
def taxonomy(request: HttpRequest, reference: uuid.UUID) -> Answer:
    """Send one taxonomy with its terms."""
    asked.read(request.GET, allowed=())
    names = {made: name for name, made in standard.taxonomy_ids().items()}
    name = names.get(str(reference), "")
    found = None
    if name in TermTaxonomy.values:
        terms = narrowing.terms(asked=Asked(taxonomy_id=reference))
        found = records.taxonomy(name, terms=[records.term(row) for row in terms])
    return one(request, found, changed_at=published.catalogue_changed_at(at=timezone.now()))


@door
def taxonomy_terms(request: HttpRequest) -> Answer:
    """List terms."""
    wanted, at = asked.read(request.GET, allowed=asked.TAXONOMY_TERMS), timezone.now()
    return many(request, wanted, lists.terms(asked=wanted), at=at)


@door
def taxonomy_term(request: HttpRequest, reference: uuid.UUID) -> Answer:
    """Send one term."""
    asked.read(request.GET, allowed=())
    row = narrowing.terms(asked=Asked()).filter(reference=reference).first()
    found = None if row is None else records.term(row)
    return one(request, found, changed_at=published.catalogue_changed_at(at=timezone.now()))


@door
def nothing(request: HttpRequest, rest: str) -> Answer:
    """Say that there is no such address, or lead to it without the slash at its end."""
    if rest.endswith("/"):
        query = request.META.get("QUERY_STRING", "")
        address = iri_to_uri(request.path.rstrip("/")) + (f"?{query}" if query else "")
        return HttpResponsePermanentRedirect(address)
    return problem(404, _("There is no such address in this feed."))
