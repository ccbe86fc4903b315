"""What gunicorn serves."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from cxsurvey.shedding import Lane, with_lanes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxsurvey.settings")

application = with_lanes(
    get_wsgi_application(),
    [
        # Each waits for the database most of the time: two that wait keep the one place in use.
        Lane("/v1/", settings.INGESTION_AT_ONCE, waiting=2),
        Lane("/api/v1/", settings.API_AT_ONCE, waiting=0),
    ],
)
import_module("cxsurvey.urls")  # now, so that nobody's page has to wait for it
gc.collect()
gc.freeze()  # what is loaded now stays: looking through it again and again cost a fifth of a page's time
