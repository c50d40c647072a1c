"""The design system's components as Wagtail blocks, one template each."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks


class ParagraphBlock(blocks.RichTextBlock):
    """Plain text with links and lists."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(features=["bold", "link", "ol", "ul"], **kwargs)

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


class BodyBlock(blocks.StreamBlock):
    """What a guide is made of."""

    heading = HeadingBlock()
    paragraph = ParagraphBlock()
    inset = InsetBlock()
    warning = WarningBlock()
    details = DetailsBlock()
    button = ButtonBlock()
    card = CardBlock()
