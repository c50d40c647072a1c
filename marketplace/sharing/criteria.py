"""How one fact is compared with one rule: plain values in, yes, no or not known out.

Imports no Django: eligibility compares with it, and a fact that is offered as a yes or no.
"""

from typing import Any

OPERATORS = ("between", "at_least", "at_most", "is", "one_of")


def meets(*, operator: str, fact: Any, value: Any) -> bool | None:
    """Compare a fact with a rule's value; None where the fact is not known.

    Operators: between (both ends included), at_least, at_most, is, one_of. A fact that is None or
    "" is not known.
    """
    if fact is None or fact == "":
        return None
    if operator == "is":
        return _same(fact, value)
    if operator == "one_of":
        return any(_same(fact, choice) for choice in value)
    number = _number(fact)
    if number is None:
        return None
    if operator == "between":
        low, high = value
        return bool(low <= number <= high)
    if operator == "at_least":
        return bool(number >= value)
    return bool(number <= value)


def _same(fact: Any, value: Any) -> bool:
    if isinstance(value, bool) or isinstance(fact, bool):
        return bool(_truth(fact) is _truth(value))
    return str(fact).strip().lower() == str(value).strip().lower()


def _truth(fact: Any) -> bool:
    return fact is True or str(fact).strip().lower() in {"yes", "true"}


def _number(fact: Any) -> float | None:
    try:
        return float(fact)
    except (TypeError, ValueError):
        return None
