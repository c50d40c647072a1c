from marketplace.bookings.models.booking import Booking, BookingState
from marketplace.bookings.models.session import Session, SessionState
from marketplace.bookings.models.slot import Slot

__all__ = ["Booking", "BookingState", "Session", "SessionState", "Slot"]
