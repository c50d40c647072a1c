"""While a concern is open nothing of the person's tapers, closes or expires: none can forget it.

The verbs that do so take `must_be_safe` and have no default for it, or ask for themselves; whoever
calls them from above hands down the one function that knows.
"""

import ast
import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from budgets import funds, plans
from budgets.models import Envelope, PlanStatus
from marketplace.referrals import endings
from marketplace.referrals.models import Referral, Rung
from marketplace.rights import erasure, retention
from marketplace.sharing import safeguards, sharing
from marketplace.sharing.models import Basis, Reason, ReasonKind, SafeguardEnd
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK
from tests.laws import tree
from tests.laws.tree import Source
from tests.marketplace.sharing import keeping

HANDED_DOWN: dict[str, Callable[..., Any]] = {
    "plans.close": plans.close,
    "funds.release": funds.release,
}
GUARD = "safeguards.must_be_none_at_home"
ENDS = {"expire", "expired"}


def unguarded(source: Source) -> Iterator[str]:
    """Yield each call from above that hands down something else than the guard."""
    for node in ast.walk(source.parsed):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in HANDED_DOWN:
            continue
        given = {word.arg: ast.unparse(word.value) for word in node.keywords}
        own = source.path.startswith("budgets/") and given.get("must_be_safe") == "must_be_safe"
        if given.get("must_be_safe") != GUARD and not own:
            yield f"{source.path}:{node.lineno}"


def expiries(source: Source) -> Iterator[str]:
    """Yield each place that takes the ladder's arrow to `expired`."""
    for node in ast.walk(source.parsed):
        is_arrow = isinstance(node, ast.keyword) and node.arg == "arrow"
        value = node.value if is_arrow and isinstance(node, ast.keyword) else None
        if isinstance(value, ast.Constant) and value.value in ENDS:
            yield f"{source.path}:{value.lineno}"


@pytest.mark.once
def test_whoever_closes_or_tapers_hands_down_the_guard_and_one_verb_lets_expire() -> None:
    ours = [source for source in tree.python() if "plans" in source.text or "fund" in source.text]
    assert [place for source in ours for place in unguarded(source)] == []
    climbs = [source for source in tree.python() if "arrow" in source.text]
    found = [place for source in climbs for place in expiries(source)]
    assert [place.split(":")[0] for place in found] == ["marketplace/referrals/endings.py"]
    for verb in HANDED_DOWN.values():
        asked = inspect.signature(verb).parameters["must_be_safe"]
        assert asked.default is inspect.Parameter.empty


@pytest.mark.once
def test_another_guard_or_none_would_be_seen() -> None:
    bad = "plans.close(plan=plan, must_be_safe=lambda family, at: None)\nfunds.release(key='a')\n"
    assert len(list(unguarded(Source("marketplace/pages/a.py", bad)))) == 2
    assert list(expiries(Source("a.py", "ladder.end(referral=referral, arrow='expire')")))


def close_plan(cast: Cast) -> object:
    """Close the household's plan."""
    return plans.close(
        plan=cast.plan,
        on=cast.day,
        must_be_safe=safeguards.must_be_none_at_home,
        by=CLOCK,
        at=cast.at,
    )


def taper(cast: Cast) -> object:
    """Take what is left of this year's money out of the plan."""
    return funds.release(
        envelope=Envelope.objects.filter(plan=cast.plan).earliest("pk"),
        key="taper",
        must_be_safe=safeguards.must_be_none_at_home,
        by=CLOCK,
        at=cast.at,
    )


def expire(cast: Cast) -> object:
    """End what Josh never answered."""
    open_one = Referral.objects.open().filter(person=cast.josh).first()
    referral = open_one or factories.referral(cast, cast.josh, rung=Rung.SIGNPOSTED)
    return endings.expire(referral=referral, by=CLOCK, at=cast.at)


ENDINGS = {"close": close_plan, "taper": taper, "expire": expire}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ENDINGS)
def test_nothing_ends_while_a_concern_is_open_and_it_can_once_it_is_closed(
    name: str, cast: Cast
) -> None:
    concern = keeping.concern(cast)
    with pytest.raises(safeguards.StillSafeguarded) as refusal:
        ENDINGS[name](cast)
    for told in ("drugs", "Josh", "safety", "concern"):  # the household may not know of it
        assert told not in refusal.value.sentence
    cast.plan.refresh_from_db()
    assert cast.plan.status == PlanStatus.ACTIVE
    safeguards.close(
        safeguard=concern,
        reason=SafeguardEnd.SAFE_NOW,
        words="He is with his aunt.",
        by=cast.by(cast.ruth),
        at=cast.at,
    )
    assert ENDINGS[name](cast) is not None


@pytest.mark.django_db
@pytest.mark.parametrize("name", ENDINGS)
def test_with_the_guard_off_it_would_end(
    name: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping.concern(cast)
    monkeypatch.setattr(safeguards, "must_be_none", lambda persons: None)
    assert ENDINGS[name](cast) is not None


@pytest.mark.django_db
def test_the_years_end_is_no_taper(cast: Cast) -> None:
    keeping.concern(cast)
    envelope = Envelope.objects.filter(plan=cast.plan).earliest("pk")
    released = funds.release(
        envelope=envelope,
        key="year end",
        must_be_safe=safeguards.must_be_none_at_home,
        by=CLOCK,
        at=cast.later(days=366),
    )
    assert released is not None


@pytest.mark.django_db
def test_who_keeps_somebody_safe_knows_for_as_long_as_it_is_open(cast: Cast) -> None:
    """No such reason rests on a yes, or has an end of its own, so that none lapses."""
    keeping.concern(cast, is_confidential=False)
    reason = Reason.objects.get(kind=ReasonKind.SAFEGUARD)
    assert reason.ends_at is None
    assert reason.basis != Basis.CONSENT
    assert reason.is_live(cast.at + timedelta(days=3650))
    with pytest.raises(sharing.CannotBeStopped):
        sharing.stop(reason=reason, by=cast.by(cast.fred_user), at=cast.at)


@pytest.mark.django_db
def test_nothing_is_erased_while_a_concern_is_open(cast: Cast) -> None:
    keeping.concern(cast)
    assert "safeguard" in [why.code for why in erasure.why_not(person=cast.josh, at=cast.at)]
    assert "Safeguard.objects.open()" in inspect.getsource(retention)
