"""How money stands, in pence: of one account, and of one plan."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Balance:
    """One account, in pence."""

    left_pence: int
    set_aside_pence: int
    posted_pence: int


@dataclass(frozen=True)
class PlanMoney:
    """One plan, in pence, in the three words a family sees, and their sum."""

    left_pence: int
    set_aside_pence: int
    spent_pence: int

    @property
    def total_pence(self) -> int:
        """Return what was put into the plan: left, set aside and spent."""
        return self.left_pence + self.set_aside_pence + self.spent_pence

    def without(self, *, set_aside_pence: int, spent_pence: int) -> "PlanMoney":
        """Return it as somebody sees it who may not know of these: they count as left."""
        return PlanMoney(
            left_pence=self.left_pence + set_aside_pence + spent_pence,
            set_aside_pence=self.set_aside_pence - set_aside_pence,
            spent_pence=self.spent_pence - spent_pence,
        )


NOTHING = PlanMoney(left_pence=0, set_aside_pence=0, spent_pence=0)
