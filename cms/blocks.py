"""The design system's components as Wagtail blocks, one template each."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTable, TypedTableBlock
from wagtail.rich_text import RichText, expand_db_html
from wagtail.snippets.blocks import SnippetChooserBlock
from wagtail.whitelist import Whitelister, allow_without_attributes, attribute_rule, check_url

KEPT = ("b", "br", "em", "i", "li", "ol", "p", "strong", "ul")


class Harmless(Whitelister):
    """Keeps what a paragraph is made of, whoever wrote it and however it came in."""

    element_rules: ClassVar[Mapping[str, Any]] = {
        "[document]": allow_without_attributes,
        "a": attribute_rule({"href": check_url}),
        **dict.fromkeys(KEPT, allow_without_attributes),
    }
    never = frozenset({"script", "style", "template", "noscript", "iframe", "svg", "math"})

    def clean_tag_node(self, doc: Any, tag: Any) -> None:
        """Take away what is no text with all that is in it; unwrap other strangers."""
        if tag.name in self.never:
            tag.extract()
        else:
            super().clean_tag_node(doc, tag)


class ParagraphBlock(blocks.RichTextBlock):
    """Plain text with links and lists."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(features=["bold", "link", "ol", "ul"], **kwargs)

    def get_context(
        self, value: RichText, parent_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Add the text made harmless: Wagtail cleans what its form sends, and nothing else."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        written = expand_db_html(value.source) if value else ""
        context["harmless"] = mark_safe(Harmless().clean(written))
        return context

    class Meta:
        icon = "pilcrow"
        template = "cms/blocks/paragraph.html"
        label = _("Paragraph")


class HeadingBlock(blocks.CharBlock):
    """A heading inside the page."""

    class Meta:
        icon = "title"
        template = "cms/blocks/heading.html"
        label = _("Heading")


class InsetBlock(blocks.TextBlock):
    """Something set apart from the text."""

    class Meta:
        icon = "openquote"
        template = "cms/blocks/inset.html"
        label = _("Set apart")


class WarningBlock(blocks.TextBlock):
    """Something nobody should miss."""

    class Meta:
        icon = "warning"
        template = "cms/blocks/warning.html"
        label = _("Warning")


class DetailsBlock(blocks.StructBlock):
    """A question that opens to show its answer."""

    question = blocks.CharBlock(label=_("Question"))
    answer = ParagraphBlock(label=_("Answer"))

    class Meta:
        icon = "help"
        template = "cms/blocks/details.html"
        label = _("Question and answer")


class AddressBlock(blocks.RegexBlock):
    """An address on this site: nothing else can be linked to."""

    def __init__(self, **kwargs: object) -> None:
        words = {"invalid": _("Give an address on this site, such as /services/.")}
        super().__init__(regex=r"^/(?!/)[^\s\\]*$", error_messages=words, **kwargs)


class ButtonBlock(blocks.StructBlock):
    """A button that leads to another page."""

    label = blocks.CharBlock(label=_("Words on it"), max_length=60)
    address = AddressBlock(label=_("Address"), help_text=_("For example /services/"))

    class Meta:
        icon = "link"
        template = "cms/blocks/button.html"
        label = _("Button")


class CardBlock(blocks.StructBlock):
    """A card with a heading, a sentence and a link."""

    heading = blocks.CharBlock(label=_("Heading"), max_length=80)
    text = blocks.CharBlock(label=_("Sentence"), max_length=200)
    address = AddressBlock(label=_("Address"), required=False)

    class Meta:
        icon = "form"
        template = "cms/blocks/card.html"
        label = _("Card")


class StepBlock(blocks.StructBlock):
    """One thing that is done, and what to know of it."""

    text = blocks.CharBlock(label=_("What is done"), max_length=120)
    more = blocks.CharBlock(label=_("What to know"), max_length=255, required=False)

    class Meta:
        icon = "list-ol"
        label = _("Step")


class StepsBlock(blocks.StructBlock):
    """What happens, in order."""

    title = blocks.CharBlock(label=_("Heading"), max_length=80)
    steps = blocks.ListBlock(StepBlock(), label=_("Steps"), min_num=1)

    class Meta:
        icon = "list-ol"
        template = "cms/blocks/steps.html"
        label = _("Steps in order")


class ContactBlock(blocks.StructBlock):
    """Somebody to turn to."""

    name = blocks.CharBlock(label=_("Who"), max_length=100)
    note = blocks.CharBlock(
        label=_("When, and for what"),
        max_length=200,
        required=False,
        help_text=_("For example: weekdays from nine to five."),
    )
    phone = blocks.RegexBlock(
        regex=r"^\+?[0-9 ()-]{3,25}$",
        label=_("Telephone"),
        required=False,
        error_messages={"invalid": _("Write a telephone number in figures.")},
    )
    email = blocks.EmailBlock(label=_("E-mail address"), required=False)

    class Meta:
        icon = "user"
        template = "cms/blocks/contact.html"
        label = _("Somebody to turn to")


class FactBlock(blocks.StructBlock):
    """A fact and its name."""

    key = blocks.CharBlock(label=_("Name"), max_length=80)
    value = blocks.CharBlock(label=_("Fact"), max_length=255)

    class Meta:
        icon = "list-ul"
        label = _("Fact")


class FactsBlock(blocks.ListBlock):
    """Facts and their names, below one another."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(FactBlock(), min_num=1, **kwargs)

    class Meta:
        icon = "list-ul"
        template = "cms/blocks/facts.html"
        label = _("Facts and their names")


class TableBlock(TypedTableBlock):
    """A table of words and figures."""

    def __init__(self, **kwargs: Any) -> None:
        columns = [
            ("text", blocks.CharBlock(label=_("Words"), required=False)),
            ("number", blocks.CharBlock(label=_("Figures"), required=False)),
        ]
        super().__init__(columns, **kwargs)

    def get_context(
        self, value: TypedTable, parent_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Add the table as our component takes it."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        context["heads"] = [
            {"text": column["heading"], "is_number": column["block"].name == "number"}
            for column in value.columns
        ]
        context["rows"] = [[cell.value for cell in row] for row in value.rows]
        return context

    class Meta:
        icon = "table"
        template = "cms/blocks/table.html"
        label = _("Table")


class ServiceBlock(SnippetChooserBlock):
    """A card that leads to a service: one that everybody may read of, and no draft."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("cms.Service", **kwargs)

    @cached_property
    def field(self) -> forms.ModelChoiceField:  # type: ignore[type-arg]
        """Take nothing but what is public."""
        found: forms.ModelChoiceField = super().field  # type: ignore[type-arg]
        found.queryset = self.public()
        return found

    def public(self) -> Any:
        """Return the services that everybody may read of."""
        return self.model_class.objects.filter(
            live=True, withdrawn_on__isnull=True, merged_into__isnull=True
        )

    def to_python(self, value: Any) -> Any:
        """Return the service of a key, or nothing where it is not public."""
        return self.bulk_to_python([value])[0]

    def bulk_to_python(self, values: Iterable[Any]) -> list[Any]:
        """Return the services of many keys in one query; nothing for one that is not public."""
        keys = [*values]
        found = self.public().in_bulk([key for key in keys if key is not None])
        return [found.get(key) for key in keys]

    def value_from_form(self, value: Any) -> Any:
        """Return what the form chose."""
        return value if isinstance(value, self.model_class) else self.to_python(value)

    class Meta:
        icon = "group"
        template = "cms/blocks/service.html"
        label = _("Service")


class BodyBlock(blocks.StreamBlock):
    """What a guide is made of: one block for each component that a text can need."""

    heading = HeadingBlock()
    paragraph = ParagraphBlock()
    inset = InsetBlock()
    warning = WarningBlock()
    details = DetailsBlock()
    steps = StepsBlock()
    facts = FactsBlock()
    table = TableBlock()
    contact = ContactBlock()
    service = ServiceBlock()
    card = CardBlock()
    button = ButtonBlock()
