"""The pages of every front door, as one who follows its links comes to them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.urls import resolve

from tests.journeys import looking, place
from tests.journeys.browsing import Visitor
from tests.journeys.place import Place
from tests.marketplace.pages import test_matrix

# These answer with another page's address, with a file, or with no page.
NO_PAGES = {
    "admin",
    "advocate_booking",
    "advocate_record_download",
    "commissioner_agreement_about",
    "commissioner_criteria_about",
    "commissioner_price_about",
    "commissioner_home",
    "commissioner_quality_csv",
    "commissioner_routes_about",
    "commissioner_spend_csv",
    "family_my_record_download",
    "family_my_record_request",
    "provider_agreement_about",
    "provider_home",
    "provider_quality_csv",
    "records_held_download",
}
# What says that a link is no longer good.
GONE = {"/invitation/no-longer-good/"}
# What is asked for in an address so that there is less, or other, of the same.
NARROWING = {"for", "goal", "month", "on", "page", "person", "provider", "service", "week"}
# What looks different from case to case is looked at more than once.
OFTEN = {
    "advocate_referral": 3,
    "commissioner_agreement": 3,
    "family_referral": 4,
    "provider_booking": 2,
    "provider_referral": 2,
    "service": 2,
    "wagtail_serve": 3,
}

# A link in a drawing keeps its address in another place.
HREFS = "all => all.map((one) => new URL(one.href.baseVal ?? one.href, document.baseURI).href)"

OF_FREDS = (
    "SELECT r.reference FROM referrals_referral r JOIN budgets_family f ON f.id = r.family_id"
    " JOIN cms_service s ON s.id = r.service_id WHERE s.slug = ? AND NOT f.is_synthetic"
)


@dataclass(frozen=True)
class Door:
    """A front door: who goes in, where its pages are, and which of them no link leads to."""

    who: str
    folders: tuple[str, ...]
    names: tuple[str, ...] = ()
    """What the names of its addresses begin with: every one of them must be seen."""
    elsewhere: frozenset[str] = frozenset()
    """Names that begin so, too, and are seen through another door."""
    also: tuple[str, ...] = ()


# What intake does, and a provider's worker does not.
INTAKE = (
    "provider_agreements_judge",
    "provider_agreements_monitoring",
    "provider_concern",
    "provider_concern_act",
    "provider_emergency",
    "provider_emergency_record",
    "provider_enquiries",
    "provider_enquiry",
    "provider_enquiry_ask",
    "provider_pause",
    "provider_promise",
    "provider_referral",
)
WITH_FAMILIES = {
    "public": Door(
        who="",
        folders=(
            "",
            "services",
            "mentors",
            "glossary",
            "accessibility",
            "privacy",
            "cookies",
            "guides",
        ),
        also=(
            "/services/compare/?pick=mentor-kai&pick=mentor-shanice",
            "/services/?words=swiming",
            "/mentors/",
            "/mentors/me/",
            "/services/?words=nothing+is+called+so",
            "/account/login/",
            "/account/login/code/",
            "{invitation}",
            "/invitation/no-longer-good/",
        ),
    ),
    "family": Door(
        who="Fred",
        folders=("family",),
        names=("family_",),
        also=(
            "/family/next/{shanice}/how/",
            "/family/next/{answered}/",
            "/family/next/{declined}/",
        ),
    ),
    "advocate": Door(
        who="Amira",
        folders=("advocate", "beside", "me", "records", "told"),
        names=("advocate_", "beside_", "me", "records_held", "told"),
        elsewhere=frozenset(
            # Everybody's, and a mentor's own.
            {"mentor_link", "mentor_picture", "mentor_self", "mentor_self_change", "mentors"}
        ),
        also=(
            "/advocate/shortlist/",
            "/advocate/safety/?show=others",
            "/advocate/safety/{concern}/hand-over/",
            "/beside/",
            "/beside/danger/",
            "/me/",
            "/told/{jamie}/",
            "/advocate/referrals/{answered}/",
            "/advocate/families/{family}/form/?person={jamie}&pick=mentor-kai&pick=mentor-tomasz",
            "/advocate/families/{family}/form/"
            "?person={jamie}&pick=mentor-kai&pick=mentor-tomasz&safe=yes",
        ),
    ),
}
AT_WORK = {
    "provider": Door(
        who="Dev",
        folders=("provider",),
        names=("provider_",),
        elsewhere=frozenset(INTAKE),
        also=(
            "/provider/inbox/",
            "/provider/bookings/{booking}/cancel/",
            "/provider/agreements/ask/",
            "/provider/agreements/cover/",
            "/provider/agreements/waiting/",
        ),
    ),
    "intake": Door(
        who="Ingrid",
        folders=("provider",),
        names=INTAKE,
        also=(
            "/provider/inbox/",
            "/provider/referrals/{answered}/",
            "/provider/agreements/monitoring/{review}/",
        ),
    ),
    "commissioner": Door(
        who="Colin",
        folders=("commissioner",),
        names=("commissioner_",),
        elsewhere=frozenset(
            {
                # The administrator's.
                "commissioner_holds",
                # The same page as behind the other doors; a manager learns of one once it is late.
                "commissioner_concern",
                "commissioner_concern_act",
                # Only on the page of a service whose provider has asked for a price.
                "commissioner_price_accept",
                "commissioner_price_refuse",
            }
        ),
        also=(
            "/commissioner/spend/",
            "/commissioner/agreements/?on=2026-03-03",
            "/commissioner/agreements/cover/",
            "/commissioner/agreements/monitoring/{review}/",
        ),
    ),
    "administrator": Door(
        who="Adam",
        folders=("admin", "records"),
        names=("admin_", "commissioner_holds", "records_request", "records_waiting"),
        also=("/records/", "/commissioner/holds/", "/admin/approvals/{sleeping}/"),
    ),
}


@pytest.fixture(scope="module")
def site(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Serve a place in which every page has something to show."""
    file = tmp_path_factory.mktemp("shown") / "site.sqlite3"
    place.copy(seeded, file)
    file.with_suffix(".invitation").write_text(place.run(file, "-m", "tests.journeys.shown"))
    with place.serve(file) as served:
        yield served


def faults(visitor: Visitor, site: Place, door: Door) -> list[str]:
    """Return what is wrong with the pages of a door, and which of them no link leads to."""
    found, looked_at = [], set()
    for name, path in pages(visitor, site, door):
        looked_at.add(name)
        problems = looking.problems(visitor, is_family="family" in door.folders)
        found += [f"{path}: {what}" for what in problems]
    return found + [f"{name} was not looked at" for name in sorted(expected(door) - looked_at)]


def pages(visitor: Visitor, site: Place, door: Door) -> Iterator[tuple[str, str]]:
    """Open one page of each kind that links lead to from the door, then those named apart."""
    seen: Counter[tuple[str, ...]] = Counter()
    known = references(site)
    waiting = [f"/{door.folders[0]}/".replace("//", "/")]
    waiting += [path.format(**known) for path in door.also]
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(path)
        if seen[kind] >= OFTEN.get(kind[0], 1) or kind[0] in NO_PAGES:
            continue
        seen[kind] += 1
        assert visitor.open(path) == (410 if path in GONE else 200), path
        links = visitor.page.eval_on_selector_all("a[href]", HREFS)
        waiting += [
            path
            for link in dict.fromkeys(links)
            if (path := link.removeprefix(visitor.address).partition("#")[0]).startswith("/")
            and path.split("/")[1] in door.folders
        ]
        yield kind[0], path


def kind_of(path: str) -> tuple[str, ...]:
    """Return what makes a page look as it does: its address's name, and what is asked of it."""
    parts = urlsplit(path)
    name = resolve(parts.path).url_name or ""
    return (name, *sorted(set(parse_qs(parts.query)) - NARROWING))


def expected(door: Door) -> set[str]:
    """Return the names of a door's pages, from the table of every address."""
    names = {row["name"] for row in test_matrix.table() if row["method"] == "GET"}
    return {name for name in names if name.startswith(door.names)} - NO_PAGES - door.elsewhere


def references(site: Place) -> dict[str, str]:
    """Return the references that addresses need and no link leads to."""
    (found,) = site.rows(
        "SELECT f.reference, p.reference, r.reference, b.reference FROM referrals_referral r"
        " JOIN budgets_family f ON f.id = r.family_id JOIN budgets_person p ON p.id = r.person_id"
        " JOIN cms_service s ON s.id = r.service_id JOIN bookings_booking b ON b.referral_id = r.id"
        " WHERE s.slug = 'mentor-shanice' AND NOT f.is_synthetic"
    )
    (review,) = site.rows("SELECT reference FROM authority_decisionreview ORDER BY id LIMIT 1")
    (concern,) = site.rows(
        "SELECT s.reference FROM sharing_safeguard s JOIN budgets_person p ON p.id = s.person_id"
        " WHERE p.first_name = 'Jamie' AND s.closed_at IS NULL ORDER BY s.id LIMIT 1"
    )
    (answered,) = site.rows(OF_FREDS, "school-attendance-support")
    (declined,) = site.rows(OF_FREDS, "anger-management")
    (sleeping,) = site.rows("SELECT reference FROM referrals_approval WHERE overdue_at IS NOT NULL")
    names = (
        *("family", "jamie", "shanice", "booking", "review"),
        *("concern", "answered", "declined", "sleeping"),
    )
    found = (*found, *review, *concern, *answered, *declined, *sleeping)
    known = {name: str(UUID(reference)) for name, reference in zip(names, found, strict=True)}
    return known | {"invitation": site.file.with_suffix(".invitation").read_text()}
