"""What the admin shows to who reads only some brands: every table is wrapped when it is registered; none can forget."""

from typing import Any

from django.contrib.admin import FieldListFilter, ModelAdmin, RelatedFieldListFilter
from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite

from contacts.brands import House, Shared, belonging, visible_to
from contacts.models import Brand
from contacts.readers import limits_of


class Limited:
    """Laid over a class of the admin: its rows, and the rows to choose from, are those of the reader's brands.

    What all brands share is changed, and a brand is made, by who reads all brands.
    """

    model: type[Model]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return visible_to(limits_of(request.user), super().get_queryset(request))  # type: ignore[misc]

    def has_add_permission(self, request: HttpRequest, *about: Any) -> bool:
        return self._may_write(request, Brand) and bool(super().has_add_permission(request, *about))  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, *about: Any) -> bool:
        return self._may_write(request) and bool(super().has_change_permission(request, *about))  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, *about: Any) -> bool:
        return self._may_write(request) and bool(super().has_delete_permission(request, *about))  # type: ignore[misc]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **_choices(db_field, request, kwargs))  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **_choices(db_field, request, kwargs))  # type: ignore[misc]

    def _may_write(self, request: HttpRequest, *besides: type[Model]) -> bool:
        of_all = isinstance(belonging(self.model), Shared | House) or self.model in besides
        return not of_all or limits_of(request.user).brands is None


def _choices(
    field: "ForeignKey[Any, Any] | ManyToManyField[Any, Any]", request: HttpRequest, asked: dict[str, Any]
) -> dict[str, Any]:
    reader = limits_of(request.user)
    if reader.brands is None:
        return asked
    return asked | {"queryset": visible_to(reader, _all(field) if asked.get("queryset") is None else asked["queryset"])}


def _all(field: Any) -> QuerySet[Any]:
    """The rows that a field can point to."""
    rows: QuerySet[Any] = field.remote_field.model._default_manager.all()  # noqa: SLF001 - public in all but name
    return rows


def laid_over(known: type[Any], how: type[Any]) -> type[Any]:
    """Return a class of the admin with `how` laid over it, under its own name."""
    return type(known.__name__, (how, known), {"__module__": known.__module__, "__doc__": known.__doc__})


class LimitedSite(UnfoldAdminSite):  # type: ignore[misc]  # it brings no types
    """The admin, in which every table is `Limited`."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        own = admin_class or ModelAdmin
        # Whoever lays more over a table registers it anew.
        limited = own if issubclass(own, Limited) else laid_over(own, Limited)
        super().register(model_or_iterable, limited, **options)


class ReadableFilter(RelatedFieldListFilter):
    """A filter by what a row belongs to, of which the reader is offered what is of the reader's brands."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        reader = limits_of(request.user)
        if reader.brands is None:
            return super().field_choices(field, request, model_admin)
        rows = visible_to(reader, _all(field))
        ordering = self.field_admin_ordering(field, request, model_admin)
        return [(row.pk, str(row)) for row in rows.order_by(*ordering)]


FieldListFilter.register(lambda field: bool(field.remote_field), ReadableFilter, take_priority=True)
