"""Eight for the last place: one wins, and with lock and CHECK off all would.

The same race on both databases: PostgreSQL is safe by the row lock, SQLite by its one writer.
"""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from budgets.models import Family
from marketplace.bookings import bookings, sessions, slots
from marketplace.bookings.models import Booking, Session, SessionState, Slot
from tests.cast import MENTOR_PENCE, Cast
from tests.marketplace.bookings.conftest import Mentoring, build
from tests.marketplace.referrals import climbing

AT_ONCE = 8
CHECK = "bookings_slot_not_overfull"

pytestmark = pytest.mark.django_db(transaction=True)


def race(act: Callable[[int], object]) -> list[object]:
    """Let eight act at the same moment, each on a connection of its own; return how each ended."""
    barrier = threading.Barrier(AT_ONCE)
    ends: list[object] = []

    def run(number: int) -> None:
        connection.ensure_connection()
        barrier.wait()
        try:
            ends.append(act(number))
        except Exception as error:  # whatever it is, the test looks at it
            ends.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_of_eight_who_ask_for_the_last_place_one_wins(cast: Cast) -> None:
    first = climbing.offer_times(cast, cast.youth_club, count=1)
    asking = [
        climbing.refer(cast, service=cast.youth_club, person=person)
        for person in (
            *(cast.jamie, cast.josh, cast.fred, cast.anne),
            *(climbing.sibling(cast) for _each in range(4)),
        )
    ]
    ends = race(
        lambda number: bookings.ask(
            referral=asking[number], first=first, by=cast.by(cast.amira), at=cast.at
        )
    )
    won = [end for end in ends if isinstance(end, Booking)]
    told = [end for end in ends if isinstance(end, slots.Taken)]
    assert (len(won), len(told)) == (1, 7), ends
    assert Slot.objects.get(pk=first.pk).taken == 1
    assert Session.objects.count() == 1


def test_of_eight_families_at_the_last_place_one_wins(cast: Cast) -> None:
    """Nothing but the place is shared here: no lock on a family or a referral helps."""
    first = climbing.offer_times(cast, cast.youth_club, count=1)
    ends = race(lambda number: slots.take(slots=[first]))
    assert len([end for end in ends if isinstance(end, list)]) == 1, ends
    assert len([end for end in ends if isinstance(end, slots.Taken)]) == 7
    assert Slot.objects.get(pk=first.pk).taken == 1


def carelessly_take(first: Slot, at_the_gate: threading.Barrier) -> bool:
    """Read, compare, then write: what comparing alone does."""
    with transaction.atomic():
        slot = Slot.objects.get(pk=first.pk)
        at_the_gate.wait(timeout=20)
        if slot.is_full:
            return False
        with connection.cursor() as cursor:
            cursor.execute("UPDATE bookings_slot SET taken = taken + 1 WHERE id = %s", [slot.pk])
    return True


@pytest.fixture
def unchecked(cast: Cast) -> Iterator[Slot]:
    """Take the CHECK away for one test."""
    first = climbing.offer_times(cast, cast.youth_club, count=1)
    constraint = next(one for one in Slot._meta.constraints if one.name == CHECK)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Slot, constraint)
    yield first
    Slot.objects.update(taken=0)
    with connection.schema_editor() as editor:
        editor.add_constraint(Slot, constraint)


@pytest.mark.postgres
def test_without_lock_and_check_the_same_race_overbooks(unchecked: Slot) -> None:
    gate = threading.Barrier(AT_ONCE)
    assert race(lambda number: carelessly_take(unchecked, gate)) == [True] * AT_ONCE
    assert Slot.objects.get(pk=unchecked.pk).taken == AT_ONCE


@pytest.mark.postgres
def test_without_the_lock_the_check_still_lets_one_through_only(cast: Cast) -> None:
    first = climbing.offer_times(cast, cast.youth_club, count=1)
    gate = threading.Barrier(AT_ONCE)
    ends = race(lambda number: carelessly_take(first, gate))
    assert [end for end in ends if end is True] == [True]
    assert Slot.objects.get(pk=first.pk).taken == 1


def accepted(cast: Cast) -> tuple[Mentoring, Session]:
    """Return mentoring with agreed times, and its first session."""
    mentoring = build(cast)
    return mentoring, mentoring.accept().sessions.order_by("number")[0]


def test_of_eight_who_record_a_session_one_spends_its_money(cast: Cast) -> None:
    mentoring, session = accepted(cast)
    ends = race(
        lambda number: sessions.record(
            session=session,
            state=SessionState.DELIVERED,
            by=cast.by(cast.dev),
            at=session.starts_at,
        )
    )
    assert len([end for end in ends if isinstance(end, Session)]) == 1, ends
    assert len([end for end in ends if isinstance(end, sessions.NotPlanned)]) == 7
    assert mentoring.money()[2] == MENTOR_PENCE


def test_of_eight_colleagues_who_accept_one_answers(cast: Cast) -> None:
    mentoring = build(cast)
    booking = mentoring.ask()
    ends = race(lambda number: bookings.accept(booking=booking, by=cast.by(cast.dev), at=cast.at))
    assert len([end for end in ends if isinstance(end, Booking)]) == 1, ends
    assert len([end for end in ends if isinstance(end, bookings.NotWaiting)]) == 7
    assert booking.sessions.filter(hold__isnull=False).count() == 6
    assert Family.objects.filter(pk=cast.family.pk).exists()
