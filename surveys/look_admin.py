"""How a brand's pages look, edited with the brand."""

from typing import Any

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import StackedInline
from unfold.widgets import UnfoldAdminTextInputWidget

from surveys.colours import LIGHT_GROUNDS, TEXT_CONTRAST, can_be_read, contrast, nearest_readable, read_colour
from surveys.colours import write_colour as written
from surveys.logos import LogoError
from surveys.looks import remove_logo, set_logo
from surveys.models import Look


class LookForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """A look with its picture; a colour that cannot be read is refused with the nearest that can."""

    upload = forms.FileField(
        label="Logo", required=False, help_text="PNG, JPEG or WebP of up to 200 kB. Shown in place of the brand's name."
    )
    without_logo = forms.BooleanField(label="Show the name instead of the logo", required=False)

    class Meta:
        model = Look
        fields = ("colour", "transactional_seconds", "relationship_seconds")
        widgets = {"colour": UnfoldAdminTextInputWidget(attrs={"placeholder": "#1f4e79"})}

    def clean_colour(self) -> str:
        text: str = self.cleaned_data["colour"].lower()
        if not text:
            return text
        try:
            colour = read_colour(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if not can_be_read(colour):
            has = min(contrast(colour, ground) for ground in LIGHT_GROUNDS)
            raise forms.ValidationError(
                f"Links in {text} are hard to read: the contrast is {has:.1f} to 1, and must be {TEXT_CONTRAST} "
                f"(WCAG 2.2, 1.4.3). The nearest colour that can be read is {written(nearest_readable(colour))}."
            )
        return text

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("without_logo"):
            remove_logo(self.instance)
        if upload := given.get("upload"):
            try:
                set_logo(self.instance, upload.read())
            except LogoError as error:
                self.add_error("upload", str(error))
        return given


class LookInline(StackedInline):
    model = Look
    form = LookForm
    fields = ("colour", "shown", "upload", "without_logo", "transactional_seconds", "relationship_seconds")
    readonly_fields = ("shown",)
    verbose_name = verbose_name_plural = "How its survey pages look, and what they may cost"
    can_delete = False

    @admin.display(description="As it is now")
    def shown(self, look: Look) -> SafeString:
        if not look.logo_hash:
            return format_html("{}", "The brand's name, without a logo.")
        address = reverse("answers:look", args=[look.logo_hash, look.logo_type])
        width, height = look.logo_size
        return format_html('<img src="{}" alt="The logo" width="{}" height="{}">', address, width, height)
