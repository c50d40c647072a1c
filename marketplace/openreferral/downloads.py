"""Fetches a whole Open Referral UK feed from its address, page by page, into one file's content.

Only http and https, no more than so many bytes and pages, and never the same page for ever.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPException
from typing import Any

from django.utils.translation import gettext as _

from marketplace.openreferral import files
from marketplace.openreferral.feeds import BadFeed

TIMEOUT_SECONDS = 30
PER_PAGE = 100
MOST_PAGES = 20_000
MOST_BYTES = files.LARGEST_BYTES
AGENT = "Alongside (Open Referral UK reader)"
# What a feed need not have, and what refers to services.
OPTIONAL = ("taxonomy_terms", "organizations")

Progress = Callable[[Iterable[Any]], Iterable[Any]]


def is_address(text: str) -> bool:
    """Say whether a text is the address of a feed and not a file's name."""
    return text.lower().startswith(("http://", "https://"))


def fetch(*, address: str, progress: Progress = lambda rows: rows) -> bytes:
    """Fetch everything that a feed has; return it as one file. Raises `BadFeed`.

    A feed whose lists are not whole is asked for each of its services.
    """
    reader = Reader(address)
    try:
        services = [*progress(reader.rows("services", full="true"))]
    except BadFeed:
        # One that does not know the word may refuse it.
        services = [*progress(reader.rows("services"))]
    if services and not any(is_whole(row) for row in services):
        services = [*progress(reader.each(services))]
    bundle = {"services": services, **{name: reader.optional(name) for name in OPTIONAL}}
    return json.dumps(bundle).encode()


def is_whole(row: Any) -> bool:
    """Say whether a record of a list has what only a whole one has."""
    return isinstance(row, dict) and any(
        isinstance(row.get(name), list)
        for name in ("attributes", "service_at_locations", "schedules", "cost_options")
    )


class Reader:
    """Reads the lists of one feed, and counts what was read."""

    def __init__(self, address: str) -> None:
        scheme = urllib.parse.urlsplit(address).scheme.lower()
        if scheme not in ("http", "https"):
            raise BadFeed(_("The address has to begin with http:// or https://."))
        self.base, self.bytes_left = address.split("?")[0].rstrip("/"), MOST_BYTES
        # No other scheme, also not by a redirect: a feed must not lead to a file of ours.
        self.opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler,
            urllib.request.HTTPHandler,
            urllib.request.HTTPSHandler,
            urllib.request.HTTPRedirectHandler,
            urllib.request.HTTPDefaultErrorHandler,
            urllib.request.HTTPErrorProcessor,
        ):
            self.opener.add_handler(handler())

    def rows(self, name: str, **asked: str) -> Iterator[Any]:
        """Yield every record of a list: to its last page, or until a page says nothing new."""
        before: list[Any] | None = None
        for number in range(1, MOST_PAGES + 1):
            told = self.get(f"/{name}", page=str(number), per_page=str(PER_PAGE), **asked)
            page = page_of(told)
            if page is None:
                raise BadFeed(_("%(name)s of this feed is not a list.") % {"name": name})
            if not page or page == before:
                return
            yield from page
            before = page
            if not isinstance(told, dict) or is_last(told, number):
                return

    def each(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Yield each service whole; one that cannot be read stays as its list has it."""
        for row in rows:
            number = row.get("id") if isinstance(row, dict) else None
            if not isinstance(number, str | int):
                yield row
                continue
            try:
                whole = self.get(f"/services/{urllib.parse.quote(str(number), safe='')}")
            except BadFeed:
                whole = row
            yield whole if isinstance(whole, dict) else row

    def optional(self, name: str) -> list[Any]:
        """Return a list that a feed need not have."""
        try:
            return [*self.rows(name)]
        except BadFeed:
            return []

    def get(self, path: str, **asked: str) -> Any:
        """Ask one address; return its JSON. Raises `BadFeed`."""
        query = f"?{urllib.parse.urlencode(asked)}" if asked else ""
        address = f"{self.base}{path}{query}"
        request = urllib.request.Request(
            address, headers={"Accept": "application/json", "User-Agent": AGENT}
        )
        try:
            with self.opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                content: bytes = answer.read(self.bytes_left + 1)
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            told = _("%(address)s cannot be read: %(reason)s.")
            raise BadFeed(told % {"address": address, "reason": reason}) from error
        self.bytes_left -= len(content)
        if self.bytes_left < 0:
            raise BadFeed(_("The feed is larger than 200 MB."))
        return files.parse(content)


def page_of(told: Any) -> list[Any] | None:
    """Return the records of a page, in the standard's envelope, an older one, or bare."""
    if isinstance(told, dict):
        told = next((told[name] for name in ("contents", "content") if name in told), None)
    return told if isinstance(told, list) else None


def is_last(told: dict[str, Any], number: int) -> bool:
    """Say whether a page is the last; a feed that does not say is asked for the next."""
    if told.get("last_page") is True or told.get("last") is True:
        return True
    pages = told.get("total_pages", told.get("totalPages"))
    return isinstance(pages, int) and number >= pages
