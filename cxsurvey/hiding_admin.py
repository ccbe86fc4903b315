"""The admin as it is for whoever may not see personal data: every table, by the decisions of `cxsurvey.personal`."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from contacts.hiding import hidden_fields, leads_to_hidden, shown_rows
from contacts.limited_admin import laid_over
from contacts.readers import reader_of_request
from cxsurvey.personal import left_out

BY_NUMBER = "Our number of the customer"


def hide_in(site: AdminSite) -> None:
    """Let every table of a site hide what is personal. Called once all of them are there."""
    for table, known in list(site._registry.items()):  # noqa: SLF001
        site.unregister(table)
        site.register(table, laid_over(type(known), HidesInAdmin))


def _may_see(request: HttpRequest) -> bool:
    return reader_of_request(request).personal


class HidesRows:
    """Rows with what is personal hidden: of a table of the admin, or below one of its rows."""

    model: type[Model]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return shown_rows(super().get_queryset(request), reader_of_request(request))  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What is hidden cannot be changed: saving it would lose it."""
        may: bool = super().has_change_permission(request, obj)  # type: ignore[misc]
        return may and (not hidden_fields(self.model) or _may_see(request))


class HidesInAdmin(HidesRows):
    """A table of the admin that is searched, filtered and ordered by nothing that is hidden from the reader."""

    def get_search_fields(self, request: HttpRequest) -> Sequence[str]:
        """Look for customers by our number instead of their names and addresses."""
        fields: Sequence[str] = super().get_search_fields(request)  # type: ignore[misc]
        if _may_see(request):
            return fields
        kept = [path for path in fields if not leads_to_hidden(self.model, path)]
        numbers = [f"^{_owner(path)}id" for path in fields if path.endswith("external_id") and path not in kept]
        return [*numbers, *kept]

    def get_list_display(self, request: HttpRequest) -> Sequence[str]:
        names: Sequence[str] = super().get_list_display(request)  # type: ignore[misc]
        return names if _may_see(request) else self._left(names)

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        filters: Sequence[Any] = super().get_list_filter(request)  # type: ignore[misc]
        if _may_see(request):
            return filters
        paths = (one[0] if isinstance(one, tuple) else one for one in filters)
        known = zip(filters, paths, strict=True)
        return [one for one, path in known if not (isinstance(path, str) and leads_to_hidden(self.model, path))]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse an address that would tell by its answer what is hidden."""
        if leads_to_hidden(self.model, lookup) and not _may_see(request):
            return False
        allowed: bool = super().lookup_allowed(lookup, value, request)  # type: ignore[misc]
        return allowed

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[Any]:
        known: type[Any] = super().get_changelist(request, **options)  # type: ignore[misc]
        return known if _may_see(request) else laid_over(known, HidesOrder)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        sets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if _may_see(request):
            return sets
        return [(title, {**options, "fields": self._left(options["fields"])}) for title, options in sets]

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> Sequence[type[Any]]:
        return [laid_over(inline, HidesRows) for inline in super().get_inlines(request, obj)]  # type: ignore[misc]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Say how many rows of each table would go, and of what keeps them how many there are, but not which."""
        gone, counts, lacking, kept = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        if _may_see(request):
            return gone, counts, lacking, kept
        told = [f"{count} {name}" for name, count in counts.items()]
        return told, counts, lacking, [f"{len(kept)} rows that belong to it"] if kept else []

    def _left(self, names: Sequence[Any]) -> list[Any]:
        out = {*left_out(self.model), *(name for name in hidden_fields(self.model) if self._is_row(name))}
        return [name for name in names if name not in out]

    def _is_row(self, name: str) -> bool:
        return bool(self.model._meta.get_field(name).is_relation)  # noqa: SLF001


class HidesOrder:
    """A list that is not ordered by what is hidden in it, nor offers to be."""

    model: type[Model]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.search_help_text = BY_NUMBER

    def get_ordering_field(self, field_name: str) -> Any:
        path = super().get_ordering_field(field_name)  # type: ignore[misc]
        return None if isinstance(path, str) and leads_to_hidden(self.model, path) else path


def _owner(path: str) -> str:
    """The way to the row of which a path names a field."""
    return path.removesuffix("external_id").lstrip("^=@")
