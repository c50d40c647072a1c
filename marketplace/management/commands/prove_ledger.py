"""Recompute the ledger; a line per problem, and exit 1 where there is one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from budgets import proofs
from budgets.models import Transfer


class Command(BaseCommand):
    """Prove that balances, chains, holds and totals are what the transfers say."""

    help = "Recomputes the whole ledger, prints a line per problem, and exits 1 if there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prove, keep the outcome, and print it."""
        # No bar where nobody watches: disable=None asks whether it is a terminal.
        with tqdm(total=Transfer.objects.count(), disable=None, unit=" transfers") as bar:
            outcome = proofs.run(at=timezone.now(), watch=bar.update)
        for problem in outcome.problems:
            self.stdout.write(str(problem))
        if not outcome.ok:
            raise CommandError(
                _("The ledger does not hold: %(problems)s problems in %(transfers)s transfers.")
                % {"problems": len(outcome.problems), "transfers": outcome.transfers}
            )
        self.stdout.write(
            _("The ledger holds: %(transfers)s transfers.") % {"transfers": outcome.transfers}
        )
