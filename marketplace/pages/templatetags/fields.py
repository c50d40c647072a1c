"""Fields of a Django form in our classes, tied to their hint and error (components/field.html)."""

from typing import Any

from django import forms, template
from django.utils import safestring
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def anchor(field: forms.BoundField) -> str:
    """Return the id that an error's link goes to: a group's first choice, or the field."""
    return f"{field.auto_id}_0" if is_group(field) else str(field.id_for_label or field.auto_id)


@register.filter
def said(field: forms.BoundField) -> list[str]:
    """Return a field's errors as sentences that say what to do."""
    sentences = []
    for error in field.errors.as_data():
        is_plain = (
            error.code == "required" and error.message == field.field.error_messages["required"]
        )
        sentences += [_("Please answer this.")] if is_plain else [str(each) for each in error]
    return sentences


@register.filter
def named(field: forms.BoundField) -> str:
    """Return a field's label as a name: without its question mark or colon."""
    return str(field.label).rstrip("?: ")


@register.filter
def is_group(field: forms.BoundField) -> bool:
    """Say whether a field is a list of radios or checkboxes."""
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.filter
def is_radios(field: forms.BoundField) -> bool:
    """Say whether one of several may be chosen."""
    widget = field.field.widget
    return isinstance(widget, forms.RadioSelect) and not isinstance(
        widget, forms.CheckboxSelectMultiple
    )


@register.filter
def is_checkbox(field: forms.BoundField) -> bool:
    """Say whether a field is one box to tick."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_password(field: forms.BoundField) -> bool:
    """Say whether a field hides what is typed."""
    return isinstance(field.field.widget, forms.PasswordInput)


@register.filter
def is_compound(field: forms.BoundField) -> bool:
    """Say whether a field is made of several inputs of its own."""
    return isinstance(field.field.widget, forms.MultiWidget | forms.SelectDateWidget)


@register.filter
def prefix(field: forms.BoundField) -> str:
    """Return what stands before the input (`attrs={"data-prefix": "£"}`)."""
    return str(field.field.widget.attrs.get("data-prefix", ""))


@register.filter
def suffix(field: forms.BoundField) -> str:
    """Return what stands after the input (`attrs={"data-suffix": "hours"}`)."""
    return str(field.field.widget.attrs.get("data-suffix", ""))


@register.filter
def as_input(field: forms.BoundField) -> safestring.SafeString:
    """Render a field's widget in our classes, tied to its hint and its error."""
    widget = field.field.widget
    _prefer_native(widget)
    # A placeholder vanishes as soon as one types; the label and the hint say it and stay.
    widget.attrs.pop("placeholder", None)
    names = [str(widget.attrs.get("class", "")), *_classes(widget, has_error=bool(field.errors))]
    attrs: dict[str, str | bool] = {"class": " ".join(filter(None, names))}
    described = describes(field)
    if described:
        attrs["aria-describedby"] = described
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


@register.filter
def as_choice(option: Any, name: str) -> safestring.SafeString:
    """Render one radio or checkbox of a group with a class."""
    option.data["attrs"]["class"] = name
    # A box of a group need not be ticked because one of them must be.
    option.data["attrs"].pop("required", None)
    rendered: safestring.SafeString = option.tag()
    return rendered


@register.filter
def describes(field: forms.BoundField) -> str:
    """Return the ids of the hint and the error of a field."""
    ids = [f"{field.auto_id}_helptext"] if field.help_text else []
    return " ".join([*ids, f"{field.auto_id}_error"] if field.errors else ids)


def _prefer_native(widget: forms.Widget) -> None:
    """Let the browser's own pickers do dates and times; they need no script of ours."""
    if isinstance(widget, forms.DateTimeInput):
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    elif isinstance(widget, forms.TimeInput):
        widget.input_type, widget.format = "time", "%H:%M"


def _classes(widget: forms.Widget, *, has_error: bool) -> list[str]:
    if isinstance(widget, forms.CheckboxInput):
        return ["govuk-checkboxes__input"]
    if isinstance(widget, forms.Textarea):
        base = "govuk-textarea"
    elif isinstance(widget, forms.Select):
        base = "govuk-select"
    elif isinstance(widget, forms.ClearableFileInput | forms.FileInput):
        base = "govuk-file-upload"
    else:
        base = "govuk-input"
    names = [base, f"{base}--error"] if has_error else [base]
    if isinstance(widget, forms.DateInput | forms.DateTimeInput | forms.TimeInput):
        names.append("govuk-input--date")
    elif isinstance(widget, forms.NumberInput):
        names.append("govuk-input--width-10")
    elif isinstance(widget, forms.PasswordInput):
        names.append("govuk-password-input__input govuk-js-password-input-input")
    return names
