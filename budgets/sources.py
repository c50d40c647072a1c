"""What is left of another system's number when somebody is erased: a mark, and not the number.

A feed that still has her would bring her back, and shown where she was hidden. By the mark an
import knows that it must not; without our key nobody can tell which number it was.
"""

from django.utils.crypto import salted_hmac

ERASED = "erased-"
DIGITS = 40


def mark(*, source: str, number: str) -> str:
    """Return the mark of a number in a source."""
    digest = salted_hmac("budgets.sources", f"{source}\n{number}", algorithm="sha256")
    return f"{ERASED}{digest.hexdigest()[:DIGITS]}"
