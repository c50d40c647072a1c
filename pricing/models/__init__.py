from pricing.models.price import Confidence, Funding, Price, PriceUnit
from pricing.models.quote import Quote
from pricing.models.unit_cost import UnitCost

__all__ = ["Confidence", "Funding", "Price", "PriceUnit", "Quote", "UnitCost"]
