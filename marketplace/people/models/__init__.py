from marketplace.people.models.appointment import Appointment, Lead
from marketplace.people.models.competence import Competence, Interest
from marketplace.people.models.invitation import Invitation
from marketplace.people.models.membership import Membership
from marketplace.people.models.mentor_contact import MentorContact
from marketplace.people.models.user import User

__all__ = [
    "Appointment",
    "Competence",
    "Interest",
    "Invitation",
    "Lead",
    "Membership",
    "MentorContact",
    "User",
]
