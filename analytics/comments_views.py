"""Comments as pages of the admin: what they are about, each with its themes, and the words that stand out."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from analytics import comments
from analytics.models import CommentReading, Theme
from analytics.reports import REPORTS
from analytics.scope import FILTERS
from analytics.scope_form import DAYS, ScopeForm
from analytics.scope_query import refuse_agents
from analytics.themes.no_more import KEY as NO_MORE
from analytics.themes.no_more import NAME as NO_MORE_NAME
from contacts.brands import visible_to
from contacts.guarded import admin_page, show, staff_id
from contacts.readers import Reader, reader_of_request
from surveys.models import Response

A_PAGE = 20
ANY = ("", "Any")
OWN = ("theme", "mood")
NAMES = (*DAYS, *OWN, *FILTERS)


class FilterForm(ScopeForm):
    """Which comments to show: those of a scope, as in every report, with a theme and a mood."""

    theme = forms.ChoiceField(label="Theme", required=False)
    mood = forms.ChoiceField(
        label="Mood",
        required=False,
        choices=[ANY, ("unhappy", "Unhappy (0 to 6)"), ("passive", "Passive (7, 8)"), ("happy", "Happy (9, 10)")],
    )

    def __init__(self, data: QueryDict, reader: Reader) -> None:
        super().__init__(data, REPORTS["comments"].for_reader(reader), reader)
        self.themes = list(Theme.objects.all())
        themes = [(theme.key, theme.name) for theme in self.themes]
        others = [(NO_MORE, NO_MORE_NAME), ("without", "Without a theme")]
        self.fields["theme"].choices = [ANY, *themes, *others]  # type: ignore[attr-defined]

    @property
    def first(self) -> list[forms.BoundField]:
        """The fields that always stand there."""
        return [self[name] for name in (*OWN, *DAYS)]

    @property
    def is_narrowed(self) -> bool:
        """Whether any of them is filled in."""
        return any(self.data.get(name) for name in FILTERS)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the comments that the query wants."""
    from analytics import comment_list

    reader = reader_of_request(request)
    refuse_agents(request.GET, reader)
    form = FilterForm(request.GET, reader)
    scope = form.scope(timezone.now())
    if scope is None:
        return show(request, "analytics/comments.html", 400, title="Comments", form=form)
    filters = comment_list.Filters(scope, **{name: form.cleaned_data[name] for name in OWN})
    responses = comment_list.listed(filters).select_related("reading", "customer", "touchpoint")
    part = Paginator(responses, A_PAGE).get_page(request.GET.get("page"))
    rows = comment_list.theme_rows(filters, form.themes)
    return show(
        request,
        "analytics/comments.html",
        title="Comments",
        form=form,
        part=part,
        comments=comment_list.shown(list(part.object_list), reader),
        themes=form.themes,
        rows=[(row, _address(form, theme=row.key)) for row in rows],
        of=rows[0].share["n"],
        about=scope,
        report=f"{reverse('report-page', args=['comments'])}?{scope.query()}",
        query=_query(form, page=part.number if part.number > 1 else ""),
        earlier=_address(form, page=part.next_page_number()) if part.has_next() else "",
        later=_address(form, page=part.previous_page_number()) if part.has_previous() else "",
    )


@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep which themes the reader says that a comment has."""
    chosen = {int(theme) for theme in request.POST.getlist("themes") if theme.isdecimal()}
    try:
        comments.correct(pk, chosen, by_id=staff_id(request), at=timezone.now())
    except CommentReading.DoesNotExist:
        raise Http404("This response has no comment.") from None
    messages.success(request, "Noted. Other comments are read again with what you said within a quarter of an hour.")
    asked = QueryDict(request.POST.get("query", ""))
    back = FilterForm(asked, reader_of_request(request))
    query = _query(back, page=asked.get("page", "1")) if back.is_valid() else ""
    return redirect(f"{reverse('comments')}?{query}#comment-{pk}")


@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """Show the words that stand out, for whoever looks for themes."""
    from analytics import comment_words

    responses = visible_to(reader_of_request(request), Response.objects.all())
    found, proposed = comment_words.key_words(responses), comment_words.proposals(responses)
    return show(
        request,
        "analytics/comment_words.html",
        title="Words in comments",
        words=found,
        proposals=[] if isinstance(proposed, str) else proposed,
        no_proposals=proposed if isinstance(proposed, str) else "",
        compared=comment_words.COMPARED,
    )


def _query(form: FilterForm, **others: Any) -> str:
    chosen = {name: form.cleaned_data.get(name) for name in NAMES} | others
    return urlencode({name: value for name, value in chosen.items() if value})


def _address(form: FilterForm, **others: Any) -> str:
    return f"?{_query(form, **others)}"


urlpatterns = [
    admin_page("comments/", page, "comments", "surveys.view_response"),
    admin_page("comments/words/", words, "comment-words", "surveys.view_response"),
    admin_page(
        "comments/<int:pk>/themes/",
        correct,
        "comment-correct",
        "surveys.view_response",
        "analytics.add_themecorrection",
    ),
]
