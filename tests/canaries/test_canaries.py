"""Five hundred canaries through a whole run: none where they may not be, none with strangers."""

from collections.abc import Container
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from budgets.models import Goal, Person, Relationship
from cms.models import Organisation
from marketplace.bookings import sessions
from marketplace.bookings.models import Session, SessionState
from marketplace.notices import notices
from marketplace.pages.administrator import scope
from marketplace.pages.commissioner import holds
from marketplace.people import invitations
from marketplace.people.models import Invitation, Membership, User
from marketplace.people.roles import Role
from marketplace.referrals import endings
from marketplace.referrals.models import EndReason, Enquiry, Referral
from marketplace.rights import requests
from marketplace.rights.models import LegalHold, RightsRequest
from marketplace.sharing import managers, sharing
from marketplace.sharing.models import Emergency, Fact, FactOffer, HeldBack
from tests import factories
from tests.canaries import planting
from tests.canaries.cages import Cages
from tests.canaries.planting import CANARY, Flock
from tests.cast import Cast
from tests.marketplace.pages import test_matrix
from tests.marketplace.pages.test_matrix import path_of, table, visitors
from tests.marketplace.sharing import record

pytestmark = pytest.mark.once

scene = test_matrix.scene
TYPED = ("words", "evidence", "why", "reason", "answer", "wanted", "before", "name", "likes")
# Between organisations, who say there what they like to one another.
ABOUT_NOBODY = (
    "commissioner_agreement",
    "provider_agreement",
    "commissioner_fund",
    "commissioner_price",
    "commissioner_criteria",
)
# They have nothing to do with the household of the report.
STRANGERS = ("nobody", "olive", "nadia", "edie", "femi")


@pytest.fixture(autouse=True)
def written(cast_today: Cast) -> None:
    """Both households' whole record; what the scene does comes on top."""
    record.write(cast_today)
    lifted = LegalHold.objects.earliest("pk")
    LegalHold.objects.filter(pk=lifted.pk).update(
        lifted_at=lifted.placed_at, lifted_by=cast_today.adam, lifted_for="Settled."
    )
    for person in (cast_today.fred, cast_today.stacey, cast_today.olive):
        for _line in range(8):
            factories.event(cast_today, person)
    # The scene has facts of its own, and asks for a mentor itself.
    Fact.objects.update(key="record")
    Referral.objects.filter(service=cast_today.mentor).update(service=cast_today.youth_club)
    kept_elsewhere(cast_today)


def kept_elsewhere(cast: Cast) -> None:
    """Let another organisation, which has managers of its own, keep and answer for as much."""
    mo = factories.worker(cast, cast.trust, Role.ADMINISTRATOR)
    kit = factories.person(cast, first_name="Kit")
    factories.legal_hold(cast, kit, organisation=cast.trust, placed_by=mo)
    factories.rights_request(cast, kit, organisation=cast.trust)
    factories.emergency(cast, kit, organisation=cast.trust, user=cast.ruth)
    factories.held_back(cast, factories.safeguard(cast, kit))
    invitations.invite(
        email="kit@alongside.example",
        organisation=cast.trust,
        role=Role.FINANCE,
        by=factories.CLOCK,
        at=cast.at,
    )


@pytest.fixture
def flock(scene: dict[str, Any]) -> Flock:
    """A canary in every personal field of everything."""
    return planting.plant()


def read_all(
    cast: Cast,
    scene: dict[str, Any],
    caged: Cages,
    *,
    everybody: bool,
    only: Container[str] = test_matrix.VISITORS,
    pages: str | tuple[str, ...] = "",
) -> dict[str, set[str]]:
    """Open every address of the table, and return the canaries that each visitor met there.

    Each address as one of those whom it lets in, in turn, or as everybody.
    """
    met: dict[str, set[str]] = {visitor: set() for visitor in test_matrix.VISITORS}
    browsers = visitors(cast)
    for number, row in enumerate(table()):
        let_in = [each for each in browsers if each in only and row[each] in ("200", "in")]
        if row["method"] == "GET" and let_in and row["name"].startswith(pages):
            for visitor in let_in if everybody else [let_in[number % len(let_in)]]:
                page = caged.note(browsers[visitor].get(path_of(row, scene)))
                met[visitor] |= set(CANARY.findall(page))
    return met


def write_all(cast: Cast, scene: dict[str, Any], caged: Cages) -> None:
    """Post every form of the table as whoever may, with canaries typed into it."""
    typed = dict.fromkeys(TYPED, "Typed by canary9999x.")
    browsers = visitors(cast)
    for row in table():
        let_in = [each for each in browsers if row[each] == "in"]
        if row["method"] == "POST" and let_in and not row["name"].startswith(ABOUT_NOBODY):
            with transaction.atomic():
                caged.note(browsers[let_in[0]].post(path_of(row, scene), typed))


def live(cast: Cast, scene: dict[str, Any], client: Client, caged: Cages) -> None:
    """Let things happen: a goal, a session delivered and disputed, an end, a sharing stopped."""
    client.force_login(cast.fred_user)
    said = {"words": "To see canary9998x again.", "person": str(cast.fred.reference)}
    caged.note(client.post(reverse("family_goal_add"), said))
    referral = Referral.objects.get(reference=scene["applied"])
    endings.withdraw(
        referral=referral,
        reason=EndReason.CHANGED_MIND,
        words="We told canary9997x.",
        by=cast.by(cast.amira),
        at=cast.at,
    )
    session = Session.objects.get(reference=scene["session"])
    sessions.record(
        session=session,
        state=SessionState.DELIVERED,
        by=cast.by(cast.dev),
        at=session.ends_at,
    )
    sharing.close_reasons(subject=referral.reference, at=cast.at)


def test_a_canary_sits_in_every_personal_field(flock: Flock) -> None:
    every = {f"{model._meta.label}.{found.name}" for model, found in planting.personal()}
    assert every - flock.fields == set()
    assert len(flock.perches) >= 500


@pytest.mark.parametrize(
    "everybody", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["in turn", "everybody"]
)
def test_no_canary_flies_where_it_may_not(
    everybody: bool,
    cast_today: Cast,
    scene: dict[str, Any],
    flock: Flock,
    caged: Cages,
    client: Client,
    settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.DEMO = False
    with django_capture_on_commit_callbacks(execute=True):
        met = read_all(cast_today, scene, caged, everybody=everybody)
        not_theirs = what_was_not_theirs(cast_today, flock, met)
        live(cast_today, scene, client, caged)
        write_all(cast_today, scene, caged)
        notices.sweep(at=cast_today.later(days=1))
    assert caged.escaped() == []
    assert caged.messages
    assert caged.log.getvalue()
    assert len(caged.addresses) > 100
    assert not_theirs == []
    assert sum(map(len, met.values())) > 50, "pages show people what is theirs"


def what_was_not_theirs(cast: Cast, flock: Flock, met: dict[str, set[str]]) -> list[str]:
    """Return the canaries that somebody met without a right to their row."""
    wrong = []
    for visitor, words in met.items():
        user = cast.users.get(visitor) or cast.users.get(f"{visitor}_user")
        for word in sorted(words):
            perch = flock.perches.get(word)
            if perch is not None and not may_meet(cast, visitor, user, perch):
                wrong.append(f"{visitor}: {perch.label} {perch.pk}")
    return wrong


def may_meet(cast: Cast, visitor: str, user: User | None, perch: planting.Perch) -> bool:
    """Tell whether somebody may read what is in a row; workers' names are no secret."""
    if user is None:
        return False
    if perch.model is User:
        return User.objects.filter(pk=perch.pk, person=None).exists() or perch.pk == user.pk
    rows = perch.model._base_manager.filter(pk=perch.pk)
    if not hasattr(perch.model, "FAMILY_PATH"):
        return visitor == "adam" and kept_by_adam(cast, perch.model, rows)  # whom she invited
    if visitor in STRANGERS and visitor not in ("olive", "nadia"):
        return False
    if sharing.visible(rows, user=user, at=cast.at).exists():
        return True
    return has_a_page_of_its_own(cast, visitor, user, perch)


def has_a_page_of_its_own(cast: Cast, visitor: str, user: User, perch: planting.Perch) -> bool:
    """Tell whether one of the few pages that do not go by `visible` shows it, and rightly.

    An administrator keeps holds, answers requests and looks at what was opened in an emergency or
    held back: of her own organisation, or where nobody manages; and reads whom a hold or a request
    names. What was told at the door is read where it was told to, and by whoever sent it. A fact
    that was offered is read by whom it was offered to. In an emergency the household
    is named; and whoever is named as kin is named where her kin's record is open.
    """
    name = perch.name in ("first_name", "last_name")
    if visitor == "adam":
        rows = perch.model._base_manager.filter(pk=perch.pk)
        if perch.model is Person and name:
            named = (one.objects.filter(person=perch.pk) for one in (LegalHold, RightsRequest))
            return any(kept_by_adam(cast, one.model, one) for one in named)
        return perch.model in KEPT and kept_by_adam(cast, perch.model, rows)
    if perch.name == "district" and visitor == "colin":
        return True  # in a commissioner's counts it is a place, and nobody's
    if perch.model is Enquiry:
        intake = user.memberships.filter(role=Role.INTAKE_WORKER).values("organisation")
        here = Enquiry.objects.filter(pk=perch.pk)
        return here.filter(Q(organisation__in=intake) | Q(asked_by=user)).exists()
    if perch.model is Fact:
        works = user.memberships.values("organisation")
        offers = FactOffer.objects.filter(fact=perch.pk, reason__organisation__in=works)
        return bool(offers.exists())
    if perch.model is Person and name:
        if Emergency.objects.filter(user=user).exists():
            return True
        kin = Relationship.objects.filter(relative=perch.pk, relative__is_shielded=False)
        return bool(sharing.visible(kin, user=user, at=cast.at).exists())
    return False


# Where an administrator reads what she keeps, and answers for.
KEPT_ON = ("records_", "commissioner_holds", "commissioner_safety", "admin_")
# What it is, and by which organisation it is kept.
KEPT: dict[Any, str] = {
    Invitation: "organisation",
    LegalHold: "organisation",
    RightsRequest: "organisation",
    Emergency: "organisation",
    HeldBack: "safeguard__owner_organisation",
}


def kept_by_adam(cast: Cast, model: Any, rows: Any) -> bool:
    """Tell whether the county keeps one of these rows, or looks where nobody manages."""
    places = Organisation.objects.filter(pk__in=rows.values(KEPT[model]))
    if model not in (Emergency, HeldBack):
        return places.filter(pk=cast.county.pk).exists()
    managed = Membership.objects.filter(role__in=(Role.ADMINISTRATOR, Role.COMMISSIONER))
    unmanaged = places.exclude(pk__in=managed.values("organisation"))
    return unmanaged.exists() or places.filter(pk=cast.county.pk).exists()


def what_adam_should_not_read(
    cast: Cast, scene: dict[str, Any], flock: Flock, caged: Cages
) -> list[str]:
    """Open every list that lets the county's administrator in, and what another place keeps."""
    met = read_all(cast, scene, caged, everybody=True, only=("adam",), pages=KEPT_ON)
    asked: Any = RightsRequest.objects.get(organisation=cast.trust)
    for name, row in (
        ("records_request", asked),
        ("commissioner_emergency", Emergency.objects.get(organisation=cast.trust)),
        ("commissioner_held_back", HeldBack.objects.get(safeguard__person=asked.person)),
    ):
        answer = test_matrix.browser(cast.adam).get(reverse(name, args=[row.reference]))
        met["adam"] |= set(CANARY.findall(caged.note(answer)))
    assert len(met["adam"]) > 20
    return what_was_not_theirs(cast, flock, met)


def test_an_administrator_reads_what_her_own_organisation_keeps(
    cast_today: Cast, scene: dict[str, Any], flock: Flock, caged: Cages, settings: Any
) -> None:
    settings.DEMO = False
    assert what_adam_should_not_read(cast_today, scene, flock, caged) == []


def test_that_test_goes_red_where_she_reads_everybodys(
    cast_today: Cast,
    scene: dict[str, Any],
    flock: Flock,
    caged: Cages,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The twin, of each of her lists."""
    settings.DEMO = False
    everything = RightsRequest.objects.all()
    monkeypatch.setattr(requests, "answers", lambda *, user, at: everything.all())
    monkeypatch.setattr(holds, "_own", lambda visit: LegalHold.objects.all())
    monkeypatch.setattr(scope, "invitations", lambda visit: Invitation.objects.all())
    monkeypatch.setattr(managers, "of", lambda *, organisation, on, but: [cast_today.adam])
    found = what_adam_should_not_read(cast_today, scene, flock, caged)
    labels = {line.split()[1].rpartition(".")[0] for line in found}
    assert labels >= {*(model._meta.label for model in KEPT), Person._meta.label}


def test_the_whole_record_is_met_by_no_stranger(
    cast_today: Cast, scene: dict[str, Any], flock: Flock, caged: Cages, settings: Any
) -> None:
    settings.DEMO = False
    household = {cast_today.family.pk}
    for visitor in STRANGERS:
        client = visitors(cast_today)[visitor]
        for address in (
            "/",
            "/services/",
            "/services/?words=canary0001x",
            "/privacy/",
            "/account/",
        ):
            page = caged.note(client.get(address, follow=False))
            found = {flock.perches[word] for word in CANARY.findall(page) if word in flock.perches}
            found -= {perch for perch in found if perch.name == "email"}
            assert not {perch for perch in found if perch.model in (Goal, Person)}, (
                visitor,
                household,
            )
