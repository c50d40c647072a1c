"""What the monthly totals cost: commissions per second with and without them, in one run.

    python -m tests.servers -- python -m bench.ledger --clients 4 --seconds 3
    python -m bench.ledger                                        (SQLite)

A commission here is what it costs in the ledger: the family locked, one hold, one event, one
transaction. The two ways alternate, round by round, so that both meet the same machine; the ratio
is the figure to keep, the rates belong to the machine they were measured on.
"""

import argparse
import multiprocessing
import os
import statistics
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - after the set-up above

from budgets import families, funds, history, ledger, plans, proofs, totals  # noqa: E402
from budgets.models import Envelope, Family  # noqa: E402
from tests import databases  # noqa: E402
from tests.budgets import conftest  # noqa: E402
from tests.cast import NOW  # noqa: E402

ENVELOPE_PENCE = 100_000
FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Round:
    """What one client did in one round."""

    has_totals: bool
    seconds: float
    took: list[float]


def main() -> None:
    """Measure, prove that the ledger still holds, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--envelopes", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=2.0, help="of one round")
    parser.add_argument("--rounds", type=int, default=4, help="of each way")
    said = parser.parse_args()
    name = databases.clone("bench")
    try:
        purse = conftest.build()
        envelopes = [purse.envelope, *(another(purse, number) for number in range(said.envelopes))]
        report(said, compete(purse, envelopes, said))
        check()
    finally:
        databases.drop(name)


def another(purse: conftest.Purse, number: int) -> Envelope:
    """Add a family with a plan and money in it."""
    by = purse.by
    family = families.add_family(name=f"Household {number}", by=by, at=NOW, is_synthetic=True)
    plan = plans.open(
        family=family,
        starts_on=NOW.date(),
        ends_on=NOW.date().replace(year=2029),
        vision="",
        by=by,
        at=NOW,
    )
    fund = purse.fund
    funds.pay_in(fund=fund, amount_pence=ENVELOPE_PENCE, key=f"in {number}", by=by, at=NOW)
    return funds.allocate(
        fund=fund,
        plan=plan,
        year=2026,
        amount_pence=ENVELOPE_PENCE,
        key=f"plan {number}",
        by=by,
        at=NOW,
    )


def compete(
    purse: conftest.Purse, envelopes: Sequence[Envelope], said: argparse.Namespace
) -> list[Round]:
    """Let every client commission at once, the two ways by turns."""
    found: multiprocessing.Queue[list[Round]] = FORK.Queue()
    gate = FORK.Barrier(said.clients)
    connection.close()  # a connection is not shared over a fork
    processes = [
        FORK.Process(
            target=client, args=(purse, envelopes[number :: said.clients], gate, said, found)
        )
        for number in range(said.clients)
    ]
    for process in processes:
        process.start()
    rounds = [round_ for _process in processes for round_ in found.get(timeout=600)]
    for process in processes:
        process.join()
    return rounds


def client(
    purse: conftest.Purse,
    envelopes: Sequence[Envelope],
    gate: Barrier,
    said: argparse.Namespace,
    found: "multiprocessing.Queue[list[Round]]",
) -> None:
    """Commission from one's own share of the envelopes, in every round."""
    kept = totals.keep
    rounds = []
    for number in range(2 * said.rounds):
        has_totals = number % 2 == 0
        totals.keep = kept if has_totals else leave  # the one thing that differs
        commission(purse, envelopes[0])  # warm
        gate.wait()
        start, took = time.perf_counter(), []
        while time.perf_counter() - start < said.seconds:
            began = time.perf_counter()
            commission(purse, envelopes[len(took) % len(envelopes)])
            took.append(time.perf_counter() - began)
        rounds.append(Round(has_totals, time.perf_counter() - start, took))
    found.put(rounds)
    connection.close()


def leave(transfer: Any) -> None:
    """Keep no totals."""


def commission(purse: conftest.Purse, envelope: Envelope) -> None:
    """Do what a commission costs in the ledger."""
    subject = uuid.uuid4()
    with transaction.atomic():
        family_id = envelope.plan.family_id
        family = Family.objects.select_for_update(no_key=True).get(pk=family_id)
        held = ledger.hold(
            envelope=envelope,
            organisation=purse.mentors,
            amount_pence=1,
            key=str(subject),
            service=purse.service,
            subject=subject,
            by=purse.by,
            at=NOW,
        )
        history.record(
            by=purse.by,
            at=NOW,
            verb="commission",
            subject_kind="referral",
            subject=subject,
            family=family,
            from_state="hard_referred",
            to_state="commissioned",
            transfers=[held.reference],
        )


def report(said: argparse.Namespace, rounds: list[Round]) -> None:
    """Print commissions per second and how long they took."""
    print(f"{connection.vendor}, {said.clients} clients, {said.envelopes + 1} envelopes")
    rates = {}
    for has_totals in (True, False):
        those = [one for one in rounds if one.has_totals is has_totals]
        took = sorted(seconds for one in those for seconds in one.took)
        rate = statistics.mean(len(one.took) / one.seconds for one in those) * said.clients
        rates[has_totals] = rate
        p50, p99 = (took[int(len(took) * part)] * 1000 for part in (0.5, 0.99))
        name = "with totals   " if has_totals else "without totals"
        print(f"{name}  {rate:7.0f} a second   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms")
    print(f"ratio           {rates[True] / rates[False]:7.2f}")


def check() -> None:
    """Prove the ledger: only the totals that were left out on purpose may be missing."""
    problems = [one for one in proofs.prove().problems if one.account or one.transfer]
    print(f"ledger          {problems or 'holds'}")


if __name__ == "__main__":
    main()
