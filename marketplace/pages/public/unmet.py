"""Counts a search that found nothing: once a session and day, and only what people asked here."""

from datetime import date

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from cms import unmet_searches
from marketplace.pages.public import filters

SEEN = "searched_in_vain"
MOST_A_DAY = 30
ROBOTS = ("bot", "crawl", "spider", "slurp", "preview", "monitor", "curl", "wget", "python")


def count(request: HttpRequest, chosen: filters.Catalogue, *, on: date) -> bool:
    """Count a search once, and say whether it is: no robot's and no shared address's is.

    The session keeps digests of the day's searches until it ends. No address is kept, and the
    count says nothing of who asked.
    """
    if not chosen.names_on or not was_asked_here(request):
        return False
    day, digests = on.isoformat(), []
    kept = request.session.get(SEEN)
    if isinstance(kept, dict) and kept.get("day") == day:
        digests = list(kept.get("digests", []))
    digest = salted_hmac(SEEN, chosen.query()).hexdigest()[:16]
    if digest in digests:
        return True
    if len(digests) >= MOST_A_DAY:
        return False
    request.session[SEEN] = {"day": day, "digests": [*digests, digest]}
    unmet_searches.count(asked=chosen.asked(), district=chosen.district, on=on)
    return True


def was_asked_here(request: HttpRequest) -> bool:
    """Tell whether a page of ours led here, in somebody's browser.

    An address that was shared, or that a robot follows, is not somebody looking for something.
    """
    agent = request.headers.get("User-Agent", "").lower()
    if any(robot in agent for robot in ROBOTS):
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    ours = f"{request.scheme}://{request.get_host()}/"
    return request.headers.get("Referer", "").startswith(ours)
