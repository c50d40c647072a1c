"""The places where money can be: found, opened and locked."""

from collections.abc import Iterable

from budgets.models import Account, AccountKind
from cms.models import Organisation


def of(*, kind: AccountKind, organisation: Organisation) -> Account:
    """Return an organisation's account of a kind, opened when first asked for."""
    found = Account.objects.filter(kind=kind, organisation=organisation).first()
    return found or Account.objects.get_or_create(kind=kind, organisation=organisation)[0]


def lock(*, accounts: Iterable[Account]) -> dict[int, Account]:
    """Lock accounts in the order of their ids, in the caller's transaction; return them fresh."""
    wanted = [account.pk for account in accounts]
    return {account.pk: account for account in Account.objects.locked().filter(pk__in=wanted)}
