"""Integer pence: parse, show, split, round half up. Imports no Django."""

import re
from collections.abc import Sequence

LARGEST_PENCE = 10_000_000_00
"""Ten million pounds: anything above it in a price is a slip of the keyboard."""

_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,12})(?:\.[0-9]{1,2})?(?![0-9,]*[0-9]|\.[0-9])"
_PLAIN = re.compile(rf"£?\s*({_NUMBER})")
_PENNIES = re.compile(r"([0-9]{1,12})\s?p(?:ence)?")
_AMOUNT = re.compile(
    r"(?<![\w.,£])(?<!\s-)(?<!^-)"
    rf"(?:(?:£|gbp)\s?(?P<pounds>{_NUMBER})"
    r"|(?P<pence>[0-9]{1,12})\s?p(?:ence)?\b"
    rf"|(?P<words>{_NUMBER})(?:\s?(?:gbp|pounds?)\b|(?=\s?(?:per\b|/))))"
)
_FREE = re.compile(r"\b(?:free|no (?:charge|cost|fee)|nil)\b")
_NOT_FREE = re.compile(r"\bnot free\b|\bfree (?:trial|parking|taster)\b|\b\w+-free\b")
_UNITS = {
    "session": r"sessions?|class(?:es)?|lessons?|visits?|appointments?|meetings?|groups?",
    "hour": r"hours?|hrs?|ph|hourly",
    "day": r"days?|daily",
    "week": r"weeks?|weekly|wk|pw",
    "month": r"months?|monthly|pcm",
    "course": r"courses?|terms?|termly|programmes?|blocks?",
    "place": r"places?|person|child|adults?|family|household|head|pp",
    "one_off": r"each|items?|one-off|once",
}
_FOR_ONE = ("place", "one_off")
_UNIT = re.compile(
    r"(?:^\s?|/\s?|\b(?:per|an?|each|every)\s(?:[0-9]+[ -]\w+[ -])?)(?:"
    + "|".join(rf"(?P<{unit}>{words})" for unit, words in _UNITS.items())
    + r")\b"
)


def parse(text: str) -> int:
    """Return the pence in a text that is one amount of money, such as "£1,250", "4.5" or "50p".

    Raises ValueError where it is anything else.
    """
    plain = text.strip().lower()
    if pennies := _PENNIES.fullmatch(plain):
        return _bounded(int(pennies[1]), text)
    if pounds := _PLAIN.fullmatch(plain):
        return _bounded(_pence(pounds[1]), text)
    raise ValueError(f"not an amount of money: {text!r}")


def parse_price(text: str) -> tuple[int, str] | None:
    """Return the pence and the unit of a price as people write it, or None where it has no figure.

    "£4.50 per session" is (450, "session"); a price that names no unit is paid once; "free" is
    nothing. Of a range the higher figure, so that nobody is asked for more than they were told.
    """
    plain = " ".join(text.lower().split())
    try:
        return parse(plain), "one_off"
    except ValueError:
        found = _amounts(plain)
    if found:
        unit = next((unit for _, unit in found if unit), "")
        highest = max(pence for pence, other in found if not unit or other == unit)
        return (highest, unit or "one_off") if highest <= LARGEST_PENCE else None
    if _FREE.search(_NOT_FREE.sub("", plain)):
        return 0, "one_off"
    return None


def show(pence: int) -> str:
    """Return the amount as people read it: 125000 pence is "£1,250.00"."""
    sign = "-" if pence < 0 else ""
    pounds, rest = divmod(abs(pence), 100)
    return f"{sign}£{pounds:,}.{rest:02d}"


def split(pence: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in pence by weights into parts that add up to it exactly.

    What cannot be divided goes to the largest remainders, the earlier first. Raises ValueError
    where the amount or a weight is below nothing, or all weights are nothing.
    """
    whole = sum(weights)
    if pence < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("an amount is split by weights of which one at least is above nothing")
    parts = [pence * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda place: (-(pence * weights[place] % whole), place)
    )
    for place in by_remainder[: pence - sum(parts)]:
        parts[place] += 1
    return parts


def round_half_up(numerator: int, denominator: int) -> int:
    """Return the quotient rounded to a whole number, a half going up.

    Raises ValueError where the denominator is not above nothing.
    """
    if denominator <= 0:
        raise ValueError("a denominator is above nothing")
    return (2 * numerator + denominator) // (2 * denominator)


def _pence(number: str) -> int:
    pounds, _, rest = number.replace(",", "").partition(".")
    return int(pounds) * 100 + int(rest.ljust(2, "0"))


def _bounded(pence: int, text: str) -> int:
    if pence > LARGEST_PENCE:
        raise ValueError(f"too much money: {text!r}")
    return pence


def _amounts(plain: str) -> list[tuple[int, str]]:
    """Return each amount of a text with the unit that follows it, an empty one where none does."""
    found = list(_AMOUNT.finditer(plain))
    ends = [*(later.start() for later in found[1:]), len(plain)][: len(found)]
    amounts = []
    for match, end in zip(found, ends, strict=True):
        pounds = match["pounds"] or match["words"]
        pence = _pence(pounds) if pounds else int(match["pence"])
        amounts.append((pence, _unit(plain[match.end() : end])))
    return amounts


def _unit(words: str) -> str:
    """Return the unit named after an amount in its sentence; time goes before "per person"."""
    sentence = words.split(". ")[0]
    units = [match.lastgroup or "" for match in _UNIT.finditer(sentence)]
    return next((unit for unit in units if unit not in _FOR_ONE), units[0] if units else "")
