"""What a copy of somebody's record leaves out, each with its reason, and what its parts are called.

A law test compares: whatever is personal and not named here is in the copy.
"""

from django.utils.translation import gettext_lazy as _

# Nothing that says anything: row numbers, and what only the database needs.
EVERYWHERE: dict[str, str] = {
    "id": "a row's number says nothing",
}

MODELS: dict[str, str] = {
    "authority.Use": "the running total of a rule, kept for whoever made the rule; the household's "
    "sum would show what another member keeps to herself",
    "people.Invitation": "a worker's address, and nobody's family; deleted after a year",
    "people.MentorContact": "who a mentor is, and nobody's family; hers to change or take back",
    "budgets.FamilySource": "a household's number elsewhere, and what was said there of anybody "
    "in it; what was said about her is with her own number",
    "budgets.FormKey": "only that a form was sent; deleted after a month",
    "budgets.Account": "the household's balances, which would show what another member keeps to "
    "herself; her own movements are in the copy",
    "rights.Redaction": "what a copy leaves out, and why: to show it would undo it",
}

FIELDS: dict[str, str] = {
    "budgets.EventText.salt": "a random number",
    "budgets.Event.text_digest": "a digest of a text that is in the copy",
    "budgets.Transfer.previous": "a link of the chain",
    "budgets.Transfer.digest": "a link of the chain",
    "budgets.Transfer.key": "what makes a transfer happen once",
    "people.User.password": "a secret, even from us",
    "people.User.is_superuser": "a switch of the site",
    "people.User.is_staff": "a switch of the site",
    "people.User.is_active": "a switch of the site",
    "people.User.reference": "an address",
    "people.User.id": "a row's number says nothing",
    "rights.RightsRequest.texts_read": "marks of the reviewer's reading",
    "rights.RightsRequest.about": "an address",
}

# Foreign keys to a person that are no way to the record of whom they name.
PERSONS: dict[str, str] = {
    "budgets.Person.merged_into": "another record of hers, and that is walked too",
    "people.User.person": "found by the sign-in",
}

# These hold the reference of a user, a person or an organisation, never a name.
REFERENCES = frozenset(
    {
        "actor_reference", "asked_by", "answered_by", "decides_alone_by", "organisation_reference",
        "on_behalf_of", "withdrawn_by", "offered_by", "reviewed_by", "checked_by", "organisation",
        "recorded_by", "held_back_by", "opened_by", "placed_by", "lifted_by", "merged_by",
        "undone_by",
    }
)  # fmt: skip

TITLES: dict[str, object] = {
    "bookings.Booking": _("Times that were asked for"),
    "bookings.Session": _("Times of support"),
    "budgets.Envelope": _("Money put aside for the plan"),
    "budgets.Event": _("What was done, and when"),
    "budgets.EventText": _("What was written when something was done"),
    "budgets.Family": _("The household"),
    "budgets.Goal": _("Goals"),
    "budgets.Member": _("Homes"),
    "budgets.Person": _("The person"),
    "budgets.Plan": _("The plan"),
    "budgets.Responsibility": _("Who may decide"),
    "budgets.PersonMerge": _("Records that are of one person"),
    "budgets.FamilyMerge": _("Records that are of one household"),
    "budgets.PersonSource": _("Numbers elsewhere"),
    "budgets.Relationship": _("Relatives"),
    "budgets.Transfer": _("Movements of money"),
    "notices.Notice": _("Messages that were sent"),
    "notices.Watch": _("What somebody waits to hear of"),
    "people.Appointment": _("Advocates"),
    "people.Lead": _("Who leads the help"),
    "people.User": _("The sign-in"),
    "referrals.Amendment": _("What services were told otherwise later"),
    "referrals.Application": _("What services were told"),
    "referrals.Approval": _("Costs that needed a yes"),
    "referrals.Assessment": _("How much was given, and by which rule"),
    "referrals.Draft": _("Forms that are not sent yet"),
    "referrals.Ending": _("How support went"),
    "referrals.Enquiry": _("What was told when help was asked for"),
    "referrals.Pause": _("When something was on hold"),
    "referrals.Promise": _("What was promised"),
    "referrals.Take": _("Who took it on"),
    "referrals.Referral": _("Support that was asked for"),
    "referrals.StepTaken": _("Steps that were taken"),
    "referrals.TurnedAway": _("When a service was for somebody else"),
    "rights.LegalHold": _("Why something has to be kept"),
    "rights.RightsRequest": _("What was asked about this record"),
    "sharing.Consent": _("What was said yes to"),
    "sharing.Emergency": _("When it was opened in an emergency"),
    "sharing.Fact": _("Facts"),
    "sharing.FactOffer": _("Facts that were offered to somebody"),
    "sharing.Call": _("When somebody was to be rung"),
    "sharing.HeldBack": _("What was held back for a while"),
    "sharing.Look": _("Who has looked"),
    "sharing.Reason": _("Who may look, and why"),
    "sharing.Safeguard": _("Worries about safety"),
}

FIELD_TITLES: dict[str, object] = {
    "born_on": _("Birthday"),
    "actor_kind": _("What acted"),
    "actor_reference": _("Who did it"),
    "on_behalf_of": _("On whose behalf"),
    "organisation_reference": _("For which organisation"),
    "subject": _("Reference of what it is about"),
    "subject_kind": _("What it is about"),
    "yes_by": _("Who said yes"),
    "is_confidential": _("Kept from others at home"),
    "user": _("Who"),
}
