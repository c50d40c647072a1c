"""Who may take which step, answered from the table alone.

`rules.csv` is what the agencies agreed, one sentence a row, for people who govern: read it first.
This program answers a situation from it, and knows nothing else: it imports nothing of ours and no
database, so that where it and the product differ, one of them is wrong.

A situation gives a value to every column. A row fits where each of its conditions does: an empty
one always, `a / b` where the value is one of these, `anything but a / b` where it is none. Then

- part 0: the first row that fits says that there is nothing to do;
- part 1: a rule applies unless a row says it does not. Of two that apply the more specific decides:
  `main` before `broader`. Where a `second` as specific as `main` applies too, the one that says yes
  decides; or else the one that says ask; or else the one with the higher limit, then the older;
- part 2: the first row that fits says on whose right it is judged;
- part 3: every row that fits says no, or ask (the next level may say yes instead);
- part 4: every row that fits says no, because of where the referral stands.

Nothing against it means yes. `ask` counts only where nothing says no. `services.csv` names the
steps that each service needs, in its own order; `rungs.csv` what is done on each rung.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = ("Role", "Works for", "Service", "Step")
BUT = "anything but "

Situation = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One sentence of the table: its conditions by column, and what follows."""

    number: str
    part: str
    conditions: tuple[tuple[str, bool, frozenset[str]], ...]
    then: str
    code: str

    def fits(self, facts: Situation) -> bool:
        """Tell whether every condition holds. Raises KeyError for a column nobody knows."""
        return all((facts[column] in values) is meant for column, meant, values in self.conditions)


@dataclass(frozen=True)
class Answer:
    """Yes or no, why not in codes, whether the next level may say yes, and which rule decided."""

    allowed: bool
    codes: frozenset[str]
    ask: bool
    rule: str
    rows: tuple[str, ...]


def lines(name: str) -> list[dict[str, str]]:
    """Read one of the tables beside this file."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table() -> list[Row]:
    """Read the rules."""
    return [
        Row(line["Row"], line["Row"].split(".")[0], tuple(_conditions(line)), line["Then"],
            line["Code"])
        for line in lines("rules.csv")
    ]  # fmt: skip


def _conditions(line: Mapping[str, str]) -> Iterator[tuple[str, bool, frozenset[str]]]:
    pairs = [(column, line[column]) for column in COLUMNS]
    pairs += [tuple(part.split(": ", 1)) for part in line["And where"].split("; ") if part]  # type: ignore[misc]
    for column, words in pairs:
        if words and words != "any":
            values = words.removeprefix(BUT).split(" / ")
            yield column.strip(), not words.startswith(BUT), frozenset(values)


RULES = table()
SERVICES = {line["Service"]: line for line in lines("services.csv")}
RUNGS = {line["Rung"]: line for line in lines("rungs.csv")}


def answer(situation: Situation, *, question: str) -> Answer:
    """Answer one situation: may she at all (`authority`), or may she now (`referral`)?"""
    facts = dict(situation, Question=question, **_derived(situation))
    if nothing := _first("0", facts):
        return Answer(False, frozenset({nothing.code}), False, "none", (nothing.number,))
    candidates = _candidates(facts)
    answers = [_judge(dict(facts, **{"Deciding rule": rule})) for rule in candidates]
    return max(answers, key=lambda each: _merit(each, facts))


def _derived(situation: Situation) -> dict[str, str]:
    service, rung = SERVICES[situation["Service"]], RUNGS[situation["Rung"]]
    needed = service["Steps in order"].split(" / ")
    done = set(rung["Steps behind it"].split(" / "))
    if situation["Assessed already"] == "yes" and rung["Rung"] == "hard_referred":
        done |= {"assess", "diagnose"}
    to_do = [step for step in needed if step not in done]
    step = situation["Step"]
    state = "to do" if step in to_do else "done" if step in needed else "not needed"
    costs = situation["Price"] != "none" and service["Statutory"] == "no"
    return {
        "On the ladder": rung["On the ladder"],
        "Step is": state,
        "Earlier step": "still to do" if state == "to do" and to_do[0] != step else "none",
        "Costs the plan": "yes" if costs else "no",
    }


def _candidates(facts: Situation) -> list[str]:
    applies = _first("1", facts) is None
    second = ["second"] if facts["Second rule"] != "none" else []
    if second:  # as specific as the main one, whether that applies or not
        return ["main", *second] if applies else second
    if applies:
        return ["main"]
    return ["broader"] if facts["Broader rule"] != "none" else ["none"]


def _judge(facts: Situation) -> Answer:
    right = _first("2", facts)
    if right is None:
        raise LookupError("no row of part 2 fits")
    against = [right] if right.then == "no" else []
    if right.then in ("by the rule", "the owner's own"):
        against += [row for row in RULES if row.part == "3" and row.fits(facts)]
    stands = [row for row in RULES if row.part == "4" and row.fits(facts)]
    asks = bool(against) and not stands and all(row.then == "ask" for row in against)
    return Answer(
        allowed=not against and not stands,
        codes=frozenset(row.code for row in (*against, *stands)),
        ask=asks,
        rule=facts["Deciding rule"] if right.then == "by the rule" else "none",
        rows=tuple(row.number for row in (right, *against, *stands)),
    )


def _merit(found: Answer, facts: Situation) -> tuple[bool, bool, bool, bool]:
    """Rank what two equally specific rules say; only the main one has limits."""
    blocked = {row.code for row in RULES if row.part == "4"}
    own = found.codes - blocked
    hard = {row.code for row in RULES if row.part == "3" and row.then == "no"}
    main = found.rule == "main"
    unlimited = not main or facts["Limit a time"] == "no limit"
    return not own, not own & hard, unlimited, main


def _first(part: str, facts: Situation) -> Row | None:
    return next((row for row in RULES if row.part == part and row.fits(facts)), None)
