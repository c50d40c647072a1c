"""Every page of the doors that people come to for their work: whole, usable, no complaint."""

import pytest

from tests.journeys import doors
from tests.journeys.conftest import Visit
from tests.journeys.doors import Door, site  # noqa: F401 - a fixture: pages with something to show
from tests.journeys.place import Place


@pytest.mark.parametrize("door", doors.AT_WORK.values(), ids=doors.AT_WORK)
def test_every_page_of_a_front_door_is_fit_to_be_seen(
    visit: Visit,
    site: Place,  # noqa: F811
    door: Door,
) -> None:
    assert doors.faults(visit(door.who), site, door) == []
