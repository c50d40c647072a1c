"""Who can have a service: pure rules. Facts in; met, not met or not known out.

Knows nothing of budgets, of the database or of Django (report §5.4.2: criteria are kept apart
from money).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.sharing import criteria


@dataclass(frozen=True)
class Criterion:
    """One rule: a fact, how to compare it, with what, and the sentence people read."""

    fact: str
    operator: str
    value: Any
    sentence: str


@dataclass(frozen=True)
class Answer:
    """What one rule says of these facts: met is None where the fact is not known."""

    criterion: Criterion
    met: bool | None


@dataclass(frozen=True)
class Result:
    """What all rules say: met is None while something is missing and nothing fails."""

    answers: tuple[Answer, ...]

    @property
    def met(self) -> bool | None:
        """Return False where a rule fails, None where a fact is missing, else True."""
        if any(answer.met is False for answer in self.answers):
            return False
        return None if self.missing else True

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the facts that still have to be asked, each once, in the rules' order."""
        unknown = (answer.criterion.fact for answer in self.answers if answer.met is None)
        return tuple(dict.fromkeys(unknown))

    @property
    def failed(self) -> tuple[str, ...]:
        """Return the sentences of the rules that fail."""
        return tuple(answer.criterion.sentence for answer in self.answers if answer.met is False)


def evaluate(rules: Iterable[Criterion], facts: Mapping[str, Any]) -> Result:
    """Compare facts with rules.

    Operators: between (both ends included), at_least, at_most, is, one_of. A fact that is absent,
    None or "" is not known.
    """
    return Result(tuple(Answer(rule, _met(rule, facts.get(rule.fact))) for rule in rules))


def _met(rule: Criterion, fact: Any) -> bool | None:
    return criteria.meets(operator=rule.operator, fact=fact, value=rule.value)
