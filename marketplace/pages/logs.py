"""Keeps personal data out of the logs."""

import logging


class PersonalDataFilter(logging.Filter):
    """Removes what could name somebody from a log line."""
