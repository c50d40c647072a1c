"""What this room does every night: reviews that are due, and what comes out by itself."""

from datetime import datetime

from marketplace.sharing import emergencies, held_back, nudges


def nightly(*, at: datetime) -> dict[str, int]:
    """Nudge late reviews, escalate unreviewed emergencies, let out what is due; return how many."""
    return {
        "reviews": nudges.nightly(at=at),
        "emergencies": emergencies.nightly(at=at),
        "let_out": held_back.nightly(at=at),
    }
