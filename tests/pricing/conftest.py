"""A service without a price."""

import pytest

from cms.models import Organisation, OrganisationKind, Service, ServiceKind


@pytest.fixture
def service(db: None) -> Service:
    """Give a test a mentor whom nobody has priced yet."""
    mentors = Organisation.objects.create(
        name="Walk With Me Mentors", kind=OrganisationKind.MENTORS_GROUP
    )
    return Service.objects.create(
        name="A mentor for Fridays",
        slug="mentor-priced",
        kind=ServiceKind.MENTOR,
        owner=mentors,
        provider=mentors,
    )
