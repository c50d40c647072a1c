"""Write every row of the search afresh: after a repair by hand, or a change of its words."""

from typing import Any

from django.core.management import base
from django.utils.translation import ngettext

from cms import listings


class Command(base.BaseCommand):
    """Write every row of the search afresh."""

    help = "Writes every row of the search afresh; prices, times and ratings stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say how many."""
        count = listings.rebuild()
        words = ngettext("%(count)s service listed.", "%(count)s services listed.", count)
        self.stdout.write(words % {"count": count})
