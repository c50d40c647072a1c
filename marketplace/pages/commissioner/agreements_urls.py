"""Where the addresses of agreements lead; the same pages stand behind two doors."""

from django.urls import URLPattern, path

from marketplace.pages.commissioner import (
    agreements,
    agreements_acts,
    agreements_cell,
    agreements_cover,
    agreements_monitoring,
    agreements_waiting,
)


def behind(door: str) -> list[URLPattern]:
    """Return the addresses behind a front door, each named after it."""
    cells = (f"agreements/<slug:slug>/{holder}/" for holder in ("families", "<uuid:holder>"))
    one = [
        pattern
        for cell in cells
        for pattern in (
            path(cell, agreements_cell.show, name=f"{door}_agreement"),
            path(f"{cell}<slug:act>/", agreements_acts.act, name=f"{door}_agreement_act"),
        )
    ]
    return [
        path("agreements/", agreements.matrix, name=f"{door}_agreements"),
        path("agreements/waiting/", agreements_waiting.waiting, name=f"{door}_agreements_waiting"),
        path("agreements/ask/", agreements_waiting.ask, name=f"{door}_agreements_ask"),
        path("agreements/cover/", agreements_cover.renew, name=f"{door}_agreements_cover"),
        path(
            "agreements/monitoring/",
            agreements_monitoring.overview,
            name=f"{door}_agreements_monitoring",
        ),
        path(
            "agreements/monitoring/<uuid:reference>/",
            agreements_monitoring.judge,
            name=f"{door}_agreements_judge",
        ),
        path(
            "agreements/about/<uuid:reference>/",
            agreements_cell.about,
            name=f"{door}_agreement_about",
        ),
        *one,
    ]
