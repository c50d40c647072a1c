"""What was looked for in vain in the last year, so that commissioners see what is missing."""

from datetime import timedelta
from typing import Any

from cms import unmet_searches
from cms.searches import Asked
from marketplace.management.demonstration.stage import Stage, read

FILE = "cms/data/unmet_searches.json"
DAYS_BACK = 300
# Somewhere in the county: of a distance only that one was chosen is counted.
MIDDLE = (52.64, -1.13)


def look(stage: Stage) -> None:
    """Let each search of the file be made in vain on some days of the last months."""
    for number, row in enumerate(read(FILE)["searches"]):
        dice = stage.dice(f"gap {number}")
        for _time in range(row["times"]):
            day = stage.day(dice.randint(0, DAYS_BACK))
            unmet_searches.count(asked=_asked(stage, row), on=day, district=row["district"])


def _asked(stage: Stage, row: dict[str, Any]) -> Asked:
    said = row["asked"]
    return Asked(
        words=row["words"],
        terms=tuple(stage.terms_of(row["terms"])),
        kinds=tuple(row["kinds"]),
        age=said.get("age"),
        near=(*MIDDLE, float(said["miles"])) if "miles" in said else None,
        price_to_pence=said.get("price"),
        wait_to_days=said.get("wait"),
        weekday=said.get("weekday"),
        part_of_day=said.get("part", ""),
        free_by=stage.on + timedelta(days=said["free"]) if "free" in said else None,
        step_free=bool(said.get("step_free")),
    )
