"""One field of a feed at a time, made clean; what is wrong with it goes on a list.

Feeds are written by many hands: any field may be missing, of another type, or hold a surprise.
"""

import datetime
import html
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from cms import places
from marketplace.openreferral.feeds import FeedPlace, FeedPrice, FeedProblem
from pricing import money

Row = Mapping[str, Any]

OLDEST = 130
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SPACES = re.compile(r"[ \t\u00a0\u202f]+")
CLOCK = re.compile(r"(?:^|T|\s)([01]?\d|2[0-3])[:.]([0-5]\d)")
POUNDS = re.compile(r"£\s?\d")
UNIT_IN_WORDS = re.compile(r"\bper\s+(?!person|child|adult|item|family|household|head|each)\w+")


class Problems:
    """What is wrong with the entries of one file, each kind once an entry."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], FeedProblem] = {}

    def add(self, source_id: str, code: str, sentence: str) -> None:
        """Note a problem; the first sentence of a kind stands."""
        problem = FeedProblem(source_id[:100], code, sentence)
        self._found.setdefault((problem.source_id, code), problem)

    def all(self) -> tuple[FeedProblem, ...]:
        """Return them in the order they were found."""
        return tuple(self._found.values())


class Entry:
    """One entry being read: its fields, its name in the review list, and where problems go."""

    def __init__(
        self, row: Row, *, source_id: str, called: str, problems: Problems, is_plain: bool = False
    ) -> None:
        self.row, self.source_id, self.called = row, source_id, called
        # A catalogue like ours writes plain text: what looks like markup there are its words.
        self.is_plain = is_plain
        self._problems = problems

    def problem(self, code: str, sentence: str, **values: object) -> None:
        """Note a problem of this entry, with its name in front."""
        told = sentence % values if values else sentence
        self._problems.add(self.source_id, code, f"{self.called}: {told}")

    def text(self, key: str, *, longest: int | None = None) -> str:
        """Return a text without markup and odd characters; a number is its digits."""
        raw = plain(self.row.get(key))
        if self.is_plain:
            return raw if longest is None else raw[:longest]
        if TAG.search(raw):
            self.problem(
                "html_in_text",
                _("it has web-page code in “%(field)s”. We kept the words."),
                field=key,
            )
            raw = SCRIPT.sub("", raw)
            raw = html.unescape(strip_tags(re.sub(r"<(?:br|/p|/li)\b[^<>]*>", "\n", raw)))
        told = tidy(html.unescape(raw))
        if longest is not None and len(told) > longest:
            self.problem(
                "too_long", _("“%(field)s” is too long. We kept its beginning."), field=key
            )
            told = told[: longest - 1].rstrip() + "…"
        return told

    def line(self, key: str, *, longest: int) -> str:
        """Return a text on one line."""
        if self.is_plain:
            return self.text(key, longest=longest)
        told = " ".join(self.text(key).split())
        if len(told) > longest:
            self.problem(
                "too_long", _("“%(field)s” is too long. We kept its beginning."), field=key
            )
            told = told[: longest - 1].rstrip() + "…"
        return told

    def address_of_page(self, key: str) -> str:
        """Return a web address that can be followed, or nothing."""
        told = plain(self.row.get(key)).strip()
        if told and not told.lower().startswith(("http://", "https://")) and "." in told:
            told = told if ":" in told else f"https://{told}"
        try:
            if told:
                URLValidator(schemes=["http", "https"])(told)
        except ValidationError:
            self.problem(
                "bad_url", _("its web address cannot be followed: %(value)s"), value=told[:200]
            )
            return ""
        if len(told) > 500:
            self.problem("bad_url", _("its web address is too long."))
            return ""
        return told

    def email(self, key: str) -> str:
        """Return an e-mail address, or nothing."""
        told = plain(self.row.get(key)).strip()
        try:
            if told:
                EmailValidator()(told)
        except ValidationError:
            self.problem(
                "bad_email", _("its e-mail address cannot be used: %(value)s"), value=told[:100]
            )
            return ""
        return told[:254]

    def day(self, key: str, *, of: Row | None = None) -> datetime.date | None:
        """Return a day, or None; what is written and is none is noted."""
        told = plain((self.row if of is None else of).get(key)).strip()
        try:
            return datetime.date.fromisoformat(told[:10]) if told else None
        except ValueError:
            self.problem("bad_date", _("“%(date)s” is not a date."), date=told[:20])
            return None

    def rows(self, key: str) -> list[Row]:
        """Return a list of records, leaving out what is none."""
        value = self.row.get(key)
        return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []

    def ages(self, low: object, high: object) -> tuple[int | None, int | None]:
        """Return youngest and oldest; what cannot be is left out and noted."""
        youngest, oldest = self.age(low), self.age(high)
        if youngest is not None and oldest is not None and youngest > oldest:
            self.problem(
                "ages_crossed",
                _("its youngest age (%(low)s) is above its oldest (%(high)s). We left out both."),
                low=youngest,
                high=oldest,
            )
            return None, None
        return youngest, oldest

    def age(self, value: object) -> int | None:
        """Return an age in whole years, or None."""
        told = plain(value).strip()
        if not told:
            return None
        number = int(float(told)) if re.fullmatch(r"-?\d{1,6}(\.0+)?", told) else None
        if number is not None and number < 0:
            self.problem("age_negative", _("an age of %(age)s. We left it out."), age=number)
            return None
        if number is None or number > OLDEST:
            self.problem("bad_age", _("“%(age)s” is not an age. We left it out."), age=told[:20])
            return None
        return number

    def clock(self, value: object) -> datetime.time | None:
        """Return a time of day, or None."""
        told = plain(value).strip()
        found = CLOCK.search(told)
        if told and not found:
            self.problem("bad_time", _("“%(time)s” is not a time of day."), time=told[:20])
        return datetime.time(int(found[1]), int(found[2])) if found else None

    def hours(self, low: object, high: object) -> tuple[datetime.time | None, datetime.time | None]:
        """Return from and until; an end that is not after its beginning is left out and noted."""
        opens_at, closes_at = self.clock(low), self.clock(high)
        if opens_at is not None and closes_at is not None and closes_at <= opens_at:
            self.problem("bad_hours", _("a time ends before it begins. We left out the end."))
            return opens_at, None
        return opens_at, closes_at

    def price(self, amount: str, words: str) -> FeedPrice | None:
        """Return a price from a figure and its words ("4.50", "per session"), or None, noted."""
        told = " ".join(part for part in (amount, words) if part)
        found = money.parse_price(told)
        if found is None:
            self.problem(
                "price_in_words", _("its price is only in words: %(words)s"), words=told[:200]
            )
            return None
        pence, unit = found
        if unit == "one_off" and (not words or UNIT_IN_WORDS.search(words.lower())):
            self.problem(
                "price_unit_unclear",
                _("what one price buys is not clear: %(words)s. We took it as for one."),
                words=told[:200],
            )
        return FeedPrice(pence, unit, told[:200])

    def one_a_unit(self, prices: list[FeedPrice]) -> tuple[FeedPrice, ...]:
        """Keep one price a unit: the highest, so that nobody is asked for more than they read."""
        kept: dict[str, FeedPrice] = {}
        for price in sorted(prices, key=lambda price: -price.amount_pence):
            kept.setdefault(price.unit, price)
        if len(kept) < len({(price.unit, price.amount_pence) for price in prices}):
            self.problem(
                "several_prices",
                _("several prices for the same unit. We kept the highest: %(words)s"),
                words="; ".join(price.words for price in prices)[:300],
            )
        return tuple(sorted(kept.values(), key=lambda price: price.unit))

    def prices_in_description(self, description: str) -> None:
        """Note a price that is told only in the description."""
        if POUNDS.search(description):
            self.problem("price_in_words", _("its price is only in its description."))

    def point(self, latitude: object, longitude: object) -> tuple[float | None, float | None]:
        """Return a point on earth, or nothing, noted."""
        told = plain(latitude).strip(), plain(longitude).strip()
        if not any(told):
            return None, None
        try:
            north, east = float(told[0]), float(told[1])
        except ValueError:
            north, east = 999.0, 999.0
        # 0, 0 is in the sea off Africa, and what a blank field becomes in many systems.
        if not (-90 <= north <= 90 and -180 <= east <= 180) or (north, east) == (0.0, 0.0):
            self.problem(
                "bad_point",
                _("its point on the map is none: %(point)s"),
                point=", ".join(told)[:100],
            )
            return None, None
        return north, east

    def located(self, place: FeedPlace, *, written: str) -> FeedPlace:
        """Complete a place from its postcode; note a postcode that is none or leads nowhere."""
        postcode = places.tidy(written)
        known = places.find(postcode=postcode) if postcode else None
        has_point = place.latitude is not None
        if written.strip() and not postcode:
            self.problem(
                "bad_postcode",
                _("“%(postcode)s” is not a postcode."),
                postcode=written.strip()[:20],
            )
        elif not has_point and known is None:
            self.problem(
                "unknown_postcode",
                _("it cannot be put on the map: we do not know where “%(postcode)s” is."),
                postcode=postcode or _("nowhere"),
            )
        return FeedPlace(
            source_id=place.source_id,
            name=place.name,
            address=place.address,
            postcode=postcode,
            district=known.district if known else "",
            latitude=place.latitude if has_point else (known.latitude if known else None),
            longitude=place.longitude if has_point else (known.longitude if known else None),
            step_free=place.step_free,
        )


def plain(value: object) -> str:
    """Return a value as text; what is neither text nor number is nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return CONTROL.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))


def tidy(text: str) -> str:
    """Return a text with single spaces and at most one empty line together."""
    lines = [SPACES.sub(" ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def key_of(value: object) -> str:
    """Return an entry's number as text, or nothing."""
    return plain(value).strip()[:100]


def first_sentence(text: str, *, longest: int = 255) -> str:
    """Return the first sentence of a text, cut at a word where it is too long."""
    sentence = re.split(r"(?<=[.!?])\s", " ".join(text.split()), maxsplit=1)[0]
    if len(sentence) <= longest:
        return sentence
    return sentence[: longest - 1].rsplit(" ", 1)[0] + "…"
