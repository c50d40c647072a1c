"""What this room does once a local day."""

from datetime import datetime

from django.utils import timezone

from marketplace.authority import covers, monitoring, standing


def nightly(*, at: datetime) -> int:
    """Warn of covers that end, move on what began or ran out, draw last month's sample.

    Returns how many things were done; a second run on the same day does none.
    """
    return (
        covers.warn(at=at)
        + standing.settle_all(on=timezone.localdate(at))
        + monitoring.sample_last_month(at=at)
    )
