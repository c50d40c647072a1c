"""Asks the product and the oracle the same, and says where they differ."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from marketplace.authority import authority
from marketplace.referrals import acts
from tests.cast import Cast
from tests.oracle import cells, oracle
from tests.oracle.scene import Asked, Scene
from tests.oracle.standing import STEP_OF

CELLS, PARTS, CELLS_A_SITUATION = 20_000, 4, 8
SEED = 20111

Said = tuple[bool, frozenset[str], bool, str]


@dataclass
class Comparison:
    """How many cells were compared, which rows decided them, and what differed."""

    cells: int = 0
    allowed: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def compare(scene: Scene, situations: Iterable[dict[str, str]]) -> Comparison:
    """Compare eight cells a situation: what `acts` says of each step, and `decide()` of one.

    `available()` answers for every step still to do, and decides each; `act_for()` for the others.
    """
    found = Comparison()
    for number, situation in enumerate(situations):
        asked = scene.put(situation)
        for step, act in _acts(scene, asked).items():
            _note(found, situation, step, "referral", _said(scene, act))
        step = cells.STEPS[number // 2 % 7] if number % 2 else "commission"
        _note(found, situation, step, "authority", _said(scene, _decide(scene, asked, step)))
    return found


def part_of_the_sample(part: int) -> list[dict[str, str]]:
    """Draw one of the parts of the sample, the same at each run."""
    return cells.sample(CELLS // CELLS_A_SITUATION // PARTS, SEED + part)


def compare_part(cast: Cast, *, part: int) -> Comparison:
    """Compare one part of the sample."""
    return compare(Scene(cast), part_of_the_sample(part))


def _acts(scene: Scene, asked: Asked) -> dict[str, acts.Act]:
    """Return every step as an act: still to do, done, or not needed."""
    found = acts.available(referral=asked.referral, by=asked.by, at=scene.cast.at)
    answers = {act.step.value.replace("_", " "): act for act in found}
    for step in cells.STEPS:
        if step not in answers:
            answers[step] = acts.act_for(
                referral=asked.referral, step=STEP_OF[step], by=asked.by, at=scene.cast.at
            )
    return answers


def _decide(scene: Scene, asked: Asked, step: str) -> authority.Decision:
    return authority.decide(
        by=asked.by,
        step=STEP_OF[step],
        service=asked.referral.service,
        family=asked.referral.family,
        amount_pence=asked.amount_pence,
        at=scene.cast.at,
    )


def _said(scene: Scene, answer: Any) -> Said:
    codes = frozenset(reason.code for reason in answer.reasons)
    return answer.allowed, codes, answer.needs_approval, _rule(scene, answer.rule)


def _rule(scene: Scene, rule: Any) -> str:
    if rule is None:
        return "none"
    return next(name for (name, _step), row in scene.stands.rules.items() if row.pk == rule.pk)


def _note(
    found: Comparison, situation: dict[str, str], step: str, question: str, said: Said
) -> None:
    expected = oracle.answer({**situation, "Step": step}, question=question)
    found.cells += 1
    found.allowed += expected.allowed
    found.rows.update(expected.rows)
    if said != (expected.allowed, expected.codes, expected.ask, expected.rule):
        told = {column: word for column, word in situation.items() if word != cells.PLAIN[column]}
        found.differences.append(
            f"{question}, {step}: {told}\n  oracle: {expected}\n  product: {said}"
        )
