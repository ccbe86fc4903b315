"""Every address of the installation; each room brings its own."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from cxsurvey import error_views
from cxsurvey.aftercare import aftercare
from cxsurvey.call_rates import call_rates
from cxsurvey.customer_page import timeline
from cxsurvey.export_api import no_such_export
from cxsurvey.health import HealthView
from cxsurvey.own_page import OWN_STEPS
from surveys.call_views import call_addresses
from surveys.hook_views import hook
from surveys.urls import answer_pages, outbox_pages

admin.autodiscover()
handler400, handler403 = error_views.bad_request, error_views.permission_denied
handler404, handler500 = error_views.not_found, error_views.server_error

# Its page brings a style element without a nonce.
api_docs = csp_replace({"style-src": [SELF, UNSAFE_INLINE]})(SpectacularSwaggerSplitView.as_view(url_name="schema"))

urlpatterns: list[URLPattern | URLResolver] = [
    # First, because it is looked for the most often.
    path("s/", include(answer_pages(aftercare, OWN_STEPS))),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="start"),
    path("admin/", include("cxsurvey.login.login_views")),
    path("admin/", include("cxsurvey.login.forgotten_views")),
    path("admin/", include("cxsurvey.login.own_login_views")),
    path("admin/", include("cxsurvey.login.users_login_views")),
    path("admin/", include("cxsurvey.login.kept_form_views")),
    path("admin/", include("cxsurvey.admin_pages")),
    path("admin/", include("cxsurvey.why_views")),
    path("admin/", include("surveys.competition_views")),
    path("admin/", include("cxsurvey.sending_views")),
    path("admin/", include("surveys.incoming_views")),
    path("admin/", include("surveys.preview_views")),
    path("admin/", include("surveys.translating_views")),
    path("admin/", include("surveys.formats_views")),
    path("admin/", include("surveys.open_card_views")),
    path("admin/", include("surveys.editor_views")),
    path("admin/", include("surveys.survey_views")),
    path("admin/", include("cxsurvey.export_views")),
    path("admin/", include("cxsurvey.import_pages")),
    path("admin/", include("cxsurvey.merge_pages")),
    path("admin/", include("cxsurvey.erasing_views")),
    path("admin/", include("cxsurvey.policy_pages")),
    path("admin/", include("cxsurvey.fewest_views")),
    path("admin/", include("cxsurvey.retention_views")),
    path("admin/", include("cxsurvey.data_views")),
    path("admin/", include("cxsurvey.holdout_pages")),
    path("admin/", include("analytics.views")),
    path("admin/", include("analytics.comments_views")),
    path("admin/", include("analytics.risk_views")),
    path("admin/", include("recovery.pages")),
    path("admin/", include("recovery.webhook_views")),
    path("admin/", admin.site.urls),
    path("calls/", include(call_addresses(timeline, call_rates))),
    path("outbox/", include(outbox_pages)),
    path("hooks/<slug:gateway>/", hook, name="hook"),
    path("v1/", include("contacts.event_views")),
    path("feeds/", include("analytics.feed_views")),
    path("health/", HealthView.as_view(), name="health"),
    path("api/v1/", include("cxsurvey.export_api")),
    path("api/v1/", include("cxsurvey.dictionary")),
    path("api/v1/", include("contacts.api")),
    path("api/v1/", include("contacts.eligibility_api")),
    path("api/v1/", include("cxsurvey.imports_api")),
    path("api/v1/", include("surveys.api")),
    path("api/v1/", include("surveys.open_api")),
    path("api/v1/", include("analytics.api")),
    path("api/v1/", include([no_such_export])),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", api_docs, name="api-docs"),
]
