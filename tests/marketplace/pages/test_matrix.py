"""Every address × each of the cast: who gets in, who is turned away, who learns nothing.

The table is `matrix.csv`, beside this file: one row an address, one column a visitor. A cell is the
answer's status; `sign-in` is a redirect to signing in, `on` any other redirect, and `in` any answer
but 403 and 404 (a form that was let in and then had something to say). An address that the
resolver knows and the table does not fails the build.
"""

import csv
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from budgets import person_merges, relationships
from budgets.models import Event, Goal, Kin
from marketplace.authority import pathways
from marketplace.authority.models import DecisionReview
from marketplace.bookings.models import Booking, Session
from marketplace.people import invitations, memberships
from marketplace.people.models import Appointment, Competence, User
from marketplace.people.roles import AdvocateKind, Role
from marketplace.referrals.models import PromiseKind, Referral, Rung
from marketplace.sharing import calls, sharing
from marketplace.sharing.models import Basis, Reason, ReasonKind, Scope
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.pages import mentoring, shelves
from tests.marketplace.referrals import climbing, forms
from tests.marketplace.sharing import keeping

pytestmark = pytest.mark.once

TABLE = Path(__file__).with_name("matrix.csv")
VISITORS = [
    "nobody",
    "fred",
    "stacey",
    "olive",
    "amira",
    "nadia",
    "dev",
    "lena",
    "ingrid",
    "colin",
    "femi",
    "edie",
    "adam",
    "sam",
]
# Other people's rooms, each with a rule for all of its addresses instead of a row for each.
THIRD_PARTIES = ("cms/", "account/")


def addresses(
    resolver: URLResolver | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Walk every pattern that the resolver knows."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, path)
        else:
            yield path, entry


def table() -> list[dict[str, str]]:
    """Read the table."""
    with TABLE.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def deals(cast: Cast, applied: Referral) -> dict[str, Any]:
    """Something of agreements to open: a cell that is talked about, a decision to be judged."""
    (pathway,) = pathways.invite(
        services=[cast.family_support], holders=[cast.trust], by=cast.by(cast.colin), at=cast.at
    )
    review = DecisionReview.objects.create(
        rule=cast.agreement.rules.earliest("pk"),
        event=uuid.uuid4(),
        subject=applied.reference,
        month=cast.day.replace(day=1),
        sampled_on=cast.day,
    )
    return {
        "beacon": cast.beacon.reference,
        "trust": cast.trust.reference,
        "talk_slug": cast.family_support.slug,
        "pathway": pathway.reference,
        "review": review.reference,
    }


def workers(cast: Cast) -> dict[str, Any]:
    """Workers and advocates to open: of the county, of elsewhere, one invited, one chosen."""
    invited = invitations.invite(
        email="new@alongside.example",
        organisation=cast.county,
        role=Role.FINANCE,
        by=CLOCK,
        at=cast.at,
    )
    return {
        "worker": cast.ingrid.reference,
        "elsewhere": cast.amira.reference,
        "relative": cast.stacey_user.reference,
        "place": cast.county.reference,
        "other_place": cast.beacon.reference,
        "role": cast.ingrid.memberships.get().reference,
        "other_role": cast.amira.memberships.get().reference,
        "checked": Competence.objects.get(user=cast.helena).reference,
        "invited": invited.reference,
        "token": invitations.token(invited),
        "chosen": Appointment.objects.get(user=cast.amira, person=cast.jamie).reference,
    }


@pytest.fixture
def scene(cast_today: Cast) -> dict[str, Any]:
    """Something of every kind to open: what each address of the table is about."""
    cast = cast_today
    booked = climbing.climb(cast, to=Rung.BOOKED)
    applied = climbing.refer(cast, service=cast.family_support, person=cast.fred)
    climbing.climb(cast, to=Rung.APPLIED, referral=applied)
    secret = factories.referral(cast, cast.stacey, service=cast.confidential, is_confidential=True)
    approval = factories.approval(cast, applied, asked_by=str(cast.amira.reference))
    sharing.open_reason(
        person=cast.fred,
        organisation=cast.county,
        role=Role.COMMISSIONER,
        kind=ReasonKind.APPROVAL,
        scope=Scope.SUBJECT,
        basis=Basis.PUBLIC_TASK,
        subject=applied.reference,
        at=cast.at,
    )
    concern = keeping.concern(
        cast,
        person=cast.jamie,
        owner=cast.dev,
        organisation=cast.mentors,
        by=cast.by(cast.dev),
        is_with_social_worker=True,
    )
    held = keeping.hold_back(cast, concern, by=cast.by(cast.dev))
    booking = Booking.objects.get(referral=booked)
    return {
        "booked": booked.reference,
        "applied": applied.reference,
        "secret": secret.reference,
        "approval": approval.reference,
        "sleeping": factories.approval(cast, booked, overdue_at=cast.at).reference,
        "booking": booking.reference,
        "session": Session.objects.filter(booking=booking).earliest("starts_at").reference,
        "promise": factories.promise(cast, booked).reference,
        "broken": _broken(cast, booked),
        **_told(cast, applied),
        "fred": cast.fred.reference,
        "concern": keeping.concern(
            cast, person=cast.jamie, owner=cast.dev, organisation=cast.mentors
        ).reference,
        "held_back": held.reference,
        "call": calls.ask(person=cast.jamie, by=cast.by(cast.jamie_user), at=cast.at).reference,
        "emergency": keeping.emergency(cast, person=cast.jamie).reference,
        "family": cast.family.reference,
        **_kept_at_home(cast),
        "fund": cast.county_fund.reference,
        **_at_the_door(cast),
        "used_rule": Event.objects.filter(subject=booked.reference, verb="commission").get().rule,
        "goal": Goal.objects.get(pk=cast.jamie_goal.pk).reference,
        "secret_goal": Goal.objects.get(pk=cast.stacey_secret_goal.pk).reference,
        "service": cast.mentor.reference,
        **deals(cast, applied),
        "record_asked": factories.rights_request(cast, cast.fred).reference,
        "record_ready": factories.rights_request(
            cast, cast.fred, state="released", answered_at=cast.at
        ).reference,
        "hold": factories.legal_hold(cast, cast.olive).reference,
        "olive": cast.olive.reference,
        "unknown": uuid.uuid4(),
        **mentoring.of(cast),
        **workers(cast),
        "slug": cast.mentor.slug,
        **shelves.of(cast),
    }


def _told(cast: Cast, applied: Referral) -> dict[str, Any]:
    """What is shared by a yes, a fact that was told, and to whom it was."""
    consent = factories.reason(cast, cast.fred, basis=Basis.CONSENT)
    known = factories.fact(cast, cast.fred, entered_by=cast.ruth)
    asked = Reason.objects.get(subject=applied.reference, role=Role.INTAKE_WORKER)
    offered = factories.fact_offer(cast, known, reason=asked)
    return {
        "consent": consent.reference,
        "fact": known.reference,
        "offered": offered.reference,
    }


def _broken(cast: Cast, booked: Referral) -> uuid.UUID:
    """Return a promise that stayed late until those above were told."""
    promise = factories.promise(
        cast,
        booked,
        kind=PromiseKind.CALL_BACK,
        due_on=cast.later(days=-9).date(),
        late_told_at=cast.at,
        escalated_at=cast.at,
    )
    reference: uuid.UUID = promise.reference
    return reference


def _at_the_door(cast: Cast) -> dict[str, Any]:
    """Somebody who asked at the door: here, elsewhere, sent in by Sam, linked; and what ended."""
    ended = factories.referral(
        cast,
        cast.fred,
        service=cast.youth_club,
        rung=Rung.DECLINED,
        referrer=cast.amira,
        referrer_organisation=cast.beacon,
    )
    return {
        "enquiry": factories.enquiry(cast).reference,
        "enquiry_elsewhere": factories.enquiry(cast, organisation=cast.district).reference,
        "sent_in": factories.enquiry(
            cast, asked_by=cast.sam, from_organisation=cast.police
        ).reference,
        "linked_enquiry": factories.enquiry(cast, cast.fred, family=cast.family).reference,
        "ended": ended.reference,
    }


def _kept_at_home(cast: Cast) -> dict[str, Any]:
    """Somebody at home, how two are related, and a merge that could be undone."""
    said: dict[str, Any] = {"by": cast.by(cast.amira), "at": cast.at}
    twin = factories.person(cast, cast.family, first_name="Joshua")
    # She can open both records, as each has appointed her.
    Appointment.objects.create(
        person=twin, user=cast.amira, kind=AdvocateKind.PAID_ADVOCATE, starts_on=cast.day
    )
    kin = relationships.relate(
        person=cast.jamie, relative=cast.fred, kind=Kin.PARENT, on=cast.day, **said
    )
    merge = person_merges.merge(kept=cast.josh, gone=twin, words="The same boy.", **said)
    return {
        "child": cast.jamie.reference,
        "kinship": kin.reference,
        "merge": merge.reference,
        "draft": forms.draft(cast, cast.jamie).reference,
    }


def path_of(row: dict[str, str], scene: dict[str, Any]) -> str:
    """Return the address of a row, filled with what the scene holds."""
    words = dict(pair.split("=") for pair in row["about"].split())
    kwargs = {name: scene.get(value, value) for name, value in words.items()}
    return reverse(row["name"], kwargs=kwargs)


def visitors(cast: Cast) -> dict[str, Client]:
    """Return a browser for each of the cast; families' sign-ins are named after the person."""
    users: dict[str, User | None] = {
        visitor: cast.users.get(visitor) or cast.users.get(f"{visitor}_user")
        for visitor in VISITORS
    }
    assert [name for name, user in users.items() if user is None] == ["nobody"]
    return {visitor: browser(user) for visitor, user in users.items()}


def browser(user: User | None) -> Client:
    """Return a browser with a visitor signed in, or nobody."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def visit(client: Client, *, method: str, path: str) -> str:
    """Visit an address and return the cell it gives; nothing that it did is kept."""
    with transaction.atomic():
        answer = client.generic(method, path)
        transaction.set_rollback(True)
    return cell(answer)


def cell(answer: HttpResponseBase) -> str:
    """Return an answer as the table writes it."""
    if answer.status_code in (301, 302):
        return "sign-in" if answer["Location"].startswith("/account/login/") else "on"
    return str(answer.status_code)


def fits(expected: str, found: str) -> bool:
    """Tell whether an answer is what the table says."""
    if expected == "in":
        return found not in ("403", "404", "500", "sign-in")
    return expected == found


def test_every_address_of_ours_has_a_row() -> None:
    known = {row["name"] for row in table()}
    ours = {
        pattern.name
        for path, pattern in addresses()
        if not path.startswith((*THIRD_PARTIES, "guides/"))
    }
    assert ours - known == set()
    assert known - ours == set()


def test_a_missing_row_is_noticed() -> None:
    known = {row["name"] for row in table()} - {"family_money"}
    ours = {pattern.name for path, pattern in addresses() if path.startswith("family/")}
    assert ours - known == {"family_money"}


def test_everybody_gets_the_answer_of_the_table(
    cast_today: Cast, scene: dict[str, Any], settings: Any
) -> None:
    settings.DEMO = False
    browsers = visitors(cast_today)
    wrong = []
    for row in table():
        path = path_of(row, scene)
        for visitor, client in browsers.items():
            found = visit(client, method=row["method"], path=path)
            if not fits(row[visitor], found):
                wrong.append(f"{row['name']} {row['about']} {visitor}: {found} not {row[visitor]}")
    assert wrong == []


def test_the_table_goes_red_when_a_door_is_left_open(
    cast_today: Cast, scene: dict[str, Any]
) -> None:
    """The twin: with a role that she should not have, Nadia gets in where the table says no."""
    memberships.join(
        user=cast_today.nadia,
        organisation=cast_today.county,
        role=Role.COMMISSIONER,
        on=cast_today.day,
        by=CLOCK,
        at=cast_today.at,
    )
    row = next(row for row in table() if row["name"] == "commissioner_spend")
    found = visit(browser(cast_today.nadia), method="GET", path=path_of(row, scene))
    assert not fits(row["nadia"], found)


def filled(path: str) -> str:
    """Fill whatever a third party's address asks for."""
    for token in ("<int:", "<str:", "<slug:", "<path:", "<uuid:", "<"):
        while token in path:
            start = path.index(token)
            path = path[:start] + "1" + path[path.index(">", start) + 1 :]
    return "/" + path


@pytest.mark.parametrize("visitor", ["nobody", "amira", "colin"])
def test_nobody_but_editors_and_administrators_gets_into_wagtail_or_the_admin(
    cast_today: Cast, visitor: str
) -> None:
    client = visitors(cast_today)[visitor]
    open_doors = [
        path
        for path, _pattern in addresses()
        if path.startswith(("cms/", "admin/")) and "(?P" not in path and path not in FOR_ALL
        if visit(client, method="GET", path=filled(path)) == "200"
    ]
    assert open_doors == []


# Words for scripts, the same for everybody; signing in and out.
FOR_ALL = {
    "cms/jsi18n/",
    "cms/login/",
    "cms/logout/",
    "cms/password_reset/",
    "cms/password_reset/done/",
    "cms/sprite/",
}


def test_nothing_about_a_family_has_an_address_in_the_admin() -> None:
    forbidden = ("family", "person", "plan", "referral", "transfer", "booking", "safeguard")
    assert [
        path
        for path, _pattern in addresses()
        if path.startswith("admin/") and any(f"/{word}/" in path for word in forbidden)
    ] == []
