"""Reports of errors, as they are mailed: where it happened and how, without what anybody sent or what it held."""

from collections.abc import ItemsView
from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from cxsurvey.masked_logs import mask


class HidesWhatWasSent(SafeExceptionReporterFilter):
    """Outside of development nothing of a form, and no value of a variable: they hold names and comments."""

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        sent: dict[str, Any] = super().get_post_parameters(request)
        return dict.fromkeys(sent, self.cleansed_substitute) if self.is_active(request) else sent

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> ItemsView[str, Any]:
        if not self.is_active(request):
            return super().get_traceback_frame_variables(request, tb_frame)
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()


class MaskedReporter(ExceptionReporter):
    """Django's report with what reaches a person masked, wherever in it that stands."""

    def get_traceback_data(self) -> dict[str, Any]:
        data: dict[str, Any] = super().get_traceback_data()
        if self.request is not None and self.filter.is_active(self.request):
            data["request_GET_items"] = dict.fromkeys(self.request.GET, self.filter.cleansed_substitute).items()
        return data

    def get_traceback_html(self) -> Any:
        return mask(super().get_traceback_html())

    def get_traceback_text(self) -> Any:
        return mask(super().get_traceback_text())
