"""Keeps personal data out of the logs.

Our own code logs references only. This filter is for the rest: request lines, what a database says
of a row it refused, what a library wrote into its exception. References, organisations and services
stay, so that a line is still of use.
"""

import functools
import logging
import re
import traceback
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import OperationalError, models
from django.template import TemplateDoesNotExist, TemplateSyntaxError

LEFT_OUT = "A log line was left out, because it could not be cleaned."
HIDDEN = "[hidden]"

# Their words come from programs and servers, not from what somebody typed.
TALKATIVE: tuple[type[BaseException], ...] = (
    AttributeError,
    ImportError,
    ImproperlyConfigured,
    NameError,
    NotImplementedError,
    OSError,
    OperationalError,
    RecursionError,
    SyntaxError,
    TemplateDoesNotExist,
    TemplateSyntaxError,
    TypeError,
)

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_QUERY = re.compile(r"\?[^\s\"'<>]+")
_SEGMENT = re.compile(r"(?<=/)[\w:=-]{20,}(?=[/\s\"'.,]|$)")
_SECRETS = re.compile(
    r"\b((?:set-)?cookie|authorization|(?:x-)?csrf\w*|password\w*|secret\w*|api_?key|token|sessionid)"
    r"\b['\"]?\s*[:=]\s*(?:(?:bearer|basic)\s+)?(?:'[^']*'|\"[^\"]*\"|[^\s,;'\"]+)",
    re.I,
)
_ROW = re.compile(r"(\bKey \([^)]*\)=|\bFailing row contains )\(.*?\)(?=[ .]|$)", re.S)
_EMAIL = re.compile(r"[\w.+'%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.-])(?:\+44|0044|0)(?:[\s()-]{0,2}\d){9,11}(?![\w-])")
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?(?:\s|\+|%20)?\d[a-z]{2}\b", re.I)
_CALLED = re.compile(
    r"\b(Mr|Mrs|Ms|Miss|Mx|Dr|PC|Hello|Hi|Dear)\.? +[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?"
)
_ALWAYS = ("first_name", "last_name", "full_name", "name", "email", "phone", "postcode", "address")


class PersonalDataFilter(logging.Filter):
    """Removes what could name somebody from a log line, and never stops the line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record in place."""
        try:
            _clean_record(record)
        except Exception:  # whatever went wrong: logging must not break what it tells of
            record.msg, record.args = LEFT_OUT, ()
            record.exc_info = record.exc_text = record.stack_info = None
        return True


def _clean_record(record: logging.LogRecord) -> None:
    record.msg, record.args = clean(_message(record)), ()
    if record.exc_info and record.exc_info[1] is not None:
        record.exc_text = "".join(_told(record.exc_info[1], seen=set())).rstrip()
    elif record.exc_text:
        record.exc_text = clean(record.exc_text)
    record.exc_info = None
    if record.stack_info:
        record.stack_info = clean(record.stack_info)
    # Handlers that print the request would print its forms and cookies.
    record.__dict__.pop("request", None)


def clean(text: str) -> str:
    """Return a text without addresses, numbers, postcodes, tokens, queries and named fields."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\x00{len(kept) - 1}\x00"

    text = _UUID.sub(keep, text.replace("\x00", ""))
    text = _QUERY.sub("?" + HIDDEN, text)
    text = _SECRETS.sub(rf"\1={HIDDEN}", text)
    text = _ROW.sub(rf"\1({HIDDEN})", text)
    text = _fields().sub(rf"\1={HIDDEN}", text)
    for pattern in (_EMAIL, _PHONE, _POSTCODE):
        text = pattern.sub(HIDDEN, text)
    text = _CALLED.sub(rf"\1 {HIDDEN}", text)
    text = _SEGMENT.sub(_unless_slug, text)
    return re.sub(r"\x00(\d+)\x00", lambda found: kept[int(found[1])], text)


def _unless_slug(found: re.Match[str]) -> str:
    return found[0] if _SLUG.fullmatch(found[0]) else HIDDEN


def _message(record: logging.LogRecord) -> str:
    """Return the line, with models and exceptions in it told by their kind only."""
    if not record.args:
        return str(_safe(record.msg))
    if isinstance(record.args, dict):
        return str(record.msg) % {name: _safe(value) for name, value in record.args.items()}
    return str(record.msg) % tuple(_safe(value) for value in record.args)


def _safe(value: Any) -> Any:
    if isinstance(value, BaseException):
        return _short(value)
    if isinstance(value, models.Model):
        return f"{value._meta.label} {value.pk}"
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe(item) for item in value]
    if isinstance(value, dict):
        return {name: _safe(item) for name, item in value.items()}
    return value


def _short(error: BaseException) -> str:
    """Return an exception's kind, and its words only where nobody typed them."""
    name = type(error).__qualname__
    if isinstance(error, TALKATIVE) and str(error):
        return f"{name}: {clean(str(error))}"
    return name


def _told(error: BaseException, *, seen: set[int]) -> Iterator[str]:
    """Return a traceback as usual, with each exception told by `_short`."""
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _told(before, seen=seen)
        yield "\nAnd then:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield _short(error) + "\n"


def _fields() -> re.Pattern[str]:
    """Return what finds a field of ours that is personal, with its value: `words='…'`."""
    return _pattern(_personal() if apps.ready else _ALWAYS)


@functools.cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"\b({'|'.join(map(re.escape, names))})\b['\"]?\s*[:=]\s*"
        # In quotation marks, in brackets, or up to a comma or the next field.
        r"(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\{[^}]*\}|"
        r"(?:(?!\s+\w+\s*[:=])[^,;)}\]\n'\"])+)"
    )


@functools.cache
def _personal() -> tuple[str, ...]:
    """Return the names of the fields with words or dates that our models say are personal."""
    found = set(_ALWAYS)
    for model in apps.get_models():
        for name, is_personal in getattr(model, "PERSONAL", {}).items():
            if is_personal and _is_told(model, name):
                found.add(name)
    return tuple(sorted(found))


def _is_told(model: type[models.Model], name: str) -> bool:
    """Tell whether a field holds words or dates of somebody's own, not a choice or a relation."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return True
    return not field.is_relation and not getattr(field, "choices", None)
