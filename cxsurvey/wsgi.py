"""What gunicorn serves."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxsurvey.settings")

application = get_wsgi_application()
import_module("cxsurvey.urls")  # now, so that nobody's page has to wait for it
gc.collect()
gc.freeze()  # what is loaded now stays: looking through it again and again cost a fifth of a page's time
