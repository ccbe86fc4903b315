"""What is printed for a place that asks: its card, and its QR code as a file."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import get_template
from django.utils.safestring import mark_safe
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from contacts.guarded import admin_page
from surveys.models import OpenLink, SurveyVersion
from surveys.open_cards import card, qr_png, qr_svg
from surveys.open_tokens import open_url

SIZES = {"a5": "A5", "a6": "A6"}


@require_safe
def open_card(request: HttpRequest, link_id: int) -> HttpResponse:
    """Show the card, ready to be printed in A5 or A6, in the language of the address or the brand's."""
    link = _link(link_id)
    version = link.survey.versions.filter(state=SurveyVersion.State.PUBLISHED).first()
    if version is None:
        raise Http404("Publish the survey first: there is nothing to ask yet.")
    version.survey = link.survey
    shown = card(link, version, request.GET.get("language", ""))
    size = request.GET.get("size", "a5")
    context = {
        "card": shown,
        "qr": mark_safe(shown.qr),  # noqa: S308  # our own drawing of our own address
        "brand": link.survey.brand,
        "link": link,
        "size": SIZES.get(size, "A5"),
        "languages": version.translations.order_by("language").values_list("language", flat=True).distinct(),
        "sizes": SIZES,
    }
    return HttpResponse(get_template("surveys/open_card.html").render(context))


@require_safe
def open_qr(_: HttpRequest, link_id: int, kind: str) -> HttpResponse:
    """Give the QR code as a file, SVG or PNG."""
    link = _link(link_id)
    address = open_url(link)
    if kind == "svg":
        response = HttpResponse(qr_svg(address), content_type="image/svg+xml")
    elif kind == "png":
        response = HttpResponse(qr_png(address), content_type="image/png")
    else:
        raise Http404
    response.headers["Content-Disposition"] = f'attachment; filename="{slugify(link.name) or "qr"}.{kind}"'
    return response


def _link(link_id: int) -> OpenLink:
    return get_object_or_404(OpenLink.objects.select_related("survey__brand__look"), pk=link_id)


urlpatterns = [
    admin_page("open-links/<int:link_id>/card/", open_card, "open-card", "surveys.view_openlink"),
    admin_page("open-links/<int:link_id>/qr.<slug:kind>", open_qr, "open-qr", "surveys.view_openlink"),
]
