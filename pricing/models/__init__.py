from pricing.models.cost_share import CostShare
from pricing.models.price import Confidence, Funding, Price, PriceUnit
from pricing.models.price_change import PriceChange, PriceChangeKind
from pricing.models.price_proposal import PriceProposal, ProposalState
from pricing.models.quote import Quote
from pricing.models.quote_share import QuoteShare
from pricing.models.staff_line import StaffLine
from pricing.models.unit_cost import UnitCost

__all__ = [
    "Confidence",
    "CostShare",
    "Funding",
    "Price",
    "PriceChange",
    "PriceChangeKind",
    "PriceProposal",
    "PriceUnit",
    "ProposalState",
    "Quote",
    "QuoteShare",
    "StaffLine",
    "UnitCost",
]
