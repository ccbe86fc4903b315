"""All settings, in one file.

What operators change comes from the environment or from `.env` beside manage.py; `.env.example` lists it.
"""

from decimal import Decimal
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy

from cxsurvey.environment import database, price
from cxsurvey.keys import desk_secrets, kept_secret, link_keys

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- Demo or production -------------------------------------------------------------------------------------

PRODUCTION: bool = env.bool("CXSURVEY_PRODUCTION", default=False)
# What carries email: `outbox`, `email` (EMAIL_URL) or a provider of surveys/channels/providers.py (ANYMAIL_...).
EMAIL_GATEWAY: str = env.str("EMAIL_GATEWAY", default="email" if PRODUCTION else "outbox")
REQUIRED_IN_PRODUCTION = ["SECRET_KEY", "LINK_KEYS", "ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL"]
REQUIRED_IN_PRODUCTION += ["EMAIL_URL"] if EMAIL_GATEWAY == "email" and not env.str("EMAIL_BACKEND", default="") else []
if PRODUCTION and (missing := [name for name in REQUIRED_IN_PRODUCTION if not env.str(name, default="")]):
    raise ImproperlyConfigured(f"CXSURVEY_PRODUCTION=true also needs: {', '.join(missing)}. See .env.example.")

DEBUG: bool = env.bool("DEBUG", default=False)
SECRET_KEY: str = env.str("SECRET_KEY", default="") or kept_secret(VAR_DIR / "secret_key")
# Key id -> secret. The first signs new survey links, all verify: so a key is changed without breaking links.
LINK_KEYS: dict[str, str] = link_keys(env.str("LINK_KEYS", default="") or f"1:{kept_secret(VAR_DIR / 'link_key')}")
# With it the addresses of erased customers are hashed. Set it to the old SECRET_KEY where that is changed.
ERASURE_KEY: str = env.str("ERASURE_KEY", default="") or SECRET_KEY
# Name of an event source -> the secrets with which its help desk may sign webhooks, where the desk chooses them.
DESK_SECRETS: dict[str, tuple[str, ...]] = desk_secrets(env.str("DESK_SECRETS", default=""))
SITE_URL: str = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# The page /outbox/ shows every message with its link to staff who may see names.
OUTBOX_PAGE: bool = env.bool("OUTBOX_PAGE", default=not PRODUCTION)

# --- The organisation ---------------------------------------------------------------------------------------

ORGANISATION_NAME: str = env.str("ORGANISATION_NAME", default="Example Company")
TIME_ZONE: str = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
# Region of phone numbers written without a country code, as ISO 3166 letters.
DEFAULT_PHONE_REGION: str = env.str("DEFAULT_PHONE_REGION", default="US")
# An unhappy answer should be seen to within so many hours.
FOLLOW_UP_WITHIN_HOURS: int = env.int("FOLLOW_UP_WITHIN_HOURS", default=48)
# So many records are merged by themselves in a day, where a verified address shows that they are one person; 0: none.
MERGES_PER_DAY: int = env.int("MERGES_PER_DAY", default=1000)
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]

# --- Apps ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    # Must come before django.contrib.admin, whose templates it replaces; the site is ours.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "cxsurvey.apps.AdminConfig",  # django.contrib.admin, whose pages are loaded with the addresses
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "csp",
    "contacts",
    "surveys",
    "analytics",
    "recovery",
    "cxsurvey",
]
# SQLite leaves out the further columns of an index: they are for PostgreSQL, which need not look into the table then.
SILENCED_SYSTEM_CHECKS = ["models.W040"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cxsurvey.content_policy.ContentPolicyMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cxsurvey.doors.size_door",
    "cxsurvey.doors.customers_door",  # what follows is for whoever logs in
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cxsurvey.login.activity_views.note_activity",
    "cxsurvey.login.kept_form_views.keep_forms",
    "cxsurvey.watching_views.watch",
    "cxsurvey.brand_views.BrandMiddleware",
    "cxsurvey.login.confirming_views.ConfirmationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
AUTHENTICATION_BACKENDS = ["cxsurvey.logins.LimitedBackend"]
ROOT_URLCONF = "cxsurvey.urls"
WSGI_APPLICATION = "cxsurvey.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the apps' own, so that our start page replaces the admin's.
        "DIRS": [BASE_DIR / "cxsurvey" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]

# --- Data ---------------------------------------------------------------------------------------------------

DATABASES = {"default": database(env.db_url("DATABASE_URL", default="sqlite:///var/cxsurvey.sqlite3"), BASE_DIR)}
# Memory of one process: nothing that another process must see may be kept here.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Uploads wait here until they are imported, and their reject files for two weeks; all hosts must see the same folder.
UPLOADS_FOLDER: str = env.str("UPLOADS_FOLDER", default="") or str(VAR_DIR / "imports")
IMPORT_MAX_BYTES: int = env.int("IMPORT_MAX_MB", default=1024) * 1024 * 1024
# Files that others put into <folder>/<subject>/<source>/ are imported by themselves.
IMPORT_FOLDER: str = env.str("IMPORT_FOLDER", default="")
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]  # never in memory

STATIC_URL = "static/"
# Production collects and compresses the files once; elsewhere they are served from where they are.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_ROOT = BASE_DIR / "cxsurvey" / "root"  # served at the root: what browsers look for there by themselves
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- The queue ----------------------------------------------------------------------------------------------

# Delivery is at least once, so every job is safe to repeat. docs/decisions/ says what each value prevents.
Q_CLUSTER = {
    "name": "cxsurvey",
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "bulk": 1,
    "timeout": 300,
    "retry": 1200,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "poll": 1,
    "save_limit": 500,
    "log_level": "WARNING",
}

# --- Messages -----------------------------------------------------------------------------------------------

mail = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND: str = env.str("EMAIL_BACKEND", default=mail["EMAIL_BACKEND"])
EMAIL_HOST: str = mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT: int = mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER: str = mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD: str = mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS: bool = mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="surveys@example.com")
# Notices about mails that went by SMTP come to bounce+<what it is about>@..., and are read there over IMAP.
BOUNCE_ADDRESS: str = env.str("BOUNCE_ADDRESS", default="")
BOUNCE_IMAP_URL: str = env.str("BOUNCE_IMAP_URL", default="")
# What django-anymail's documentation calls POSTMARK_SERVER_TOKEN is ANYMAIL_POSTMARK_SERVER_TOKEN in the environment.
ANYMAIL = {name.removeprefix("ANYMAIL_"): text for name, text in env.ENVIRON.items() if name.startswith("ANYMAIL_")}
# Channel -> gateway: `outbox` keeps messages in the database; surveys/channels/gateways.py has the others.
CHANNEL_GATEWAYS: dict[str, str] = {
    "email": EMAIL_GATEWAY,
    **({"sms": sms} if (sms := env.str("SMS_GATEWAY", default="" if PRODUCTION else "outbox")) else {}),
}
# Sender of SMS for brands without a number of their own; without it their name.
SMS_SENDER: str = env.str("SMS_SENDER", default="")
# What one message of 160 characters costs, to be shown; without it only their number is.
SMS_PRICE: Decimal | None = price(env.str("SMS_PRICE", default=""))
SMS_CURRENCY: str = env.str("SMS_CURRENCY", default="")
TWILIO_URL: str = env.str("TWILIO_URL", default="https://api.twilio.com").rstrip("/")
TWILIO_ACCOUNT_SID: str = env.str("TWILIO_ACCOUNT_SID", default="")
# The first one sends; each may sign what comes in, so that a token is changed without losing anything.
TWILIO_AUTH_TOKENS: list[str] = env.list("TWILIO_AUTH_TOKENS", default=[])
TWILIO_MESSAGING_SERVICE: str = env.str("TWILIO_MESSAGING_SERVICE", default="")
KANNEL_URL: str = env.str("KANNEL_URL", default="")
KANNEL_USERNAME: str = env.str("KANNEL_USERNAME", default="")
KANNEL_PASSWORD: str = env.str("KANNEL_PASSWORD", default="")
# The first one goes into what we send; each is accepted.
KANNEL_HOOK_TOKENS: list[str] = env.list("KANNEL_HOOK_TOKENS", default=[])

# Messages a second and a day (of UTC) that the provider of a channel allows, over all workers; 0 for no limit.
CHANNEL_LIMITS: dict[str, tuple[float, int]] = {
    channel: (env.float(f"{channel.upper()}_PER_SECOND", default=0), env.int(f"{channel.upper()}_PER_DAY", default=0))
    for channel in ("email", "sms")
}
# How far sending has come, outside the database: how a restored backup is noticed. On a disk that survives.
HIGH_WATER_MARK: str = env.str("HIGH_WATER_MARK", default="") or str(VAR_DIR / "high_water")

# Where exports that take longer lie until they are fetched, and how many days. All hosts must see the folder.
EXPORTS_FOLDER: str = env.str("EXPORTS_FOLDER", default="") or str(VAR_DIR / "exports")
EXPORTS_KEPT_DAYS: int = env.int("EXPORTS_KEPT_DAYS", default=3)

# --- What programs may ask for --------------------------------------------------------------------------------

# Requests of one web process that are worked on at once; whoever finds no place gets 503. Answers come first.
INGESTION_AT_ONCE: int = env.int("INGESTION_AT_ONCE", default=1)
API_AT_ONCE: int = env.int("API_AT_ONCE", default=3)
# Events a second of one write key, over ten seconds and all web processes; beyond it gets 429. 0 for no limit.
EVENTS_PER_SECOND: int = env.int("EVENTS_PER_SECOND", default=2000)
# Exports a minute that one user may begin; beyond it gets 429. 0 for no limit.
EXPORTS_PER_MINUTE: int = env.int("EXPORTS_PER_MINUTE", default=120)

# --- What other systems are told ----------------------------------------------------------------------------

# The secrets of webhooks are derived from it. Set it to the old SECRET_KEY where that is changed.
WEBHOOK_KEY: str = env.str("WEBHOOK_KEY", default="") or SECRET_KEY
# Ports at which webhooks may be called on the internet.
WEBHOOK_PORTS: list[int] = [int(port) for port in env.list("WEBHOOK_PORTS", default=["443"])]
# Hosts of the own network that may be called too, also without TLS: `name`, or `name:port` for an unusual port.
WEBHOOK_INSIDE_HOSTS: list[str] = env.list("WEBHOOK_INSIDE_HOSTS", default=[])

# --- People and their rights --------------------------------------------------------------------------------

# `required`: nobody of the staff gets in without a second factor; `offered`: who has set one up is asked for it.
TWO_FACTOR: str = env.str("TWO_FACTOR", default="required" if PRODUCTION else "offered")
# The secrets of authenticator apps are derived from it. Set it to the old SECRET_KEY where that is changed.
TWO_FACTOR_KEY: str = env.str("TWO_FACTOR_KEY", default="") or SECRET_KEY
# A login ends after so long without a request, and after so long in any case (NIST SP 800-63B-4, AAL2: 1 h and 24 h).
LOGIN_IDLE_MINUTES: int = env.int("LOGIN_IDLE_MINUTES", default=30)
LOGIN_HOURS: int = env.int("LOGIN_HOURS", default=12)
# So many proxies of ours stand in front. Only what the outermost of them says counts as a client's address.
PROXIES_IN_FRONT: int = env.int("PROXIES_IN_FRONT", default=1 if PRODUCTION else 0)
SHORTEST_PASSWORD = 12
_OF_DJANGO = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_OF_DJANGO}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_OF_DJANGO}.MinimumLengthValidator", "OPTIONS": {"min_length": SHORTEST_PASSWORD}},
    {"NAME": f"{_OF_DJANGO}.CommonPasswordValidator"},
    {"NAME": "cxsurvey.login.passwords.NotOfThisHouse"},
    {"NAME": "cxsurvey.login.passwords.NotEasyToGuess"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
SESSION_ENGINE = "cxsurvey.login.session_store"
SESSION_COOKIE_AGE = LOGIN_HOURS * 60 * 60
# A browser takes a cookie with this prefix only from this host, encrypted, and for all its paths (RFC 6265bis).
_PREFIX = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME = f"{_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_PREFIX}csrftoken"
CSRF_FAILURE_VIEW = "cxsurvey.error_views.form_refused"
KNOWN_BROWSER_COOKIE = f"{_PREFIX}known"
KEPT_FORM_COOKIE = f"{_PREFIX}kept"
# What is hidden in which table from whoever may not see names, addresses and comments.
PERSONAL_FIELDS = "cxsurvey.personal.hidden_in_tables"
# Logs and reports of errors hold no addresses, phone numbers and tokens, whoever writes them.
LOGGING_CONFIG = "cxsurvey.masked_logs.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "level": "WARNING", "formatter": "line"},
        "mail_admins": {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["mail_admins"], "level": "INFO"},
        "django.request": {"level": "ERROR"},  # whoever asks for what is not there fills no log
    },
}
DEFAULT_EXCEPTION_REPORTER = "cxsurvey.error_reports.MaskedReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "cxsurvey.error_reports.HidesWhatWasSent"

# What customers, interviewers and everybody else open is strict.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
# What the admin and its reports need beyond it: Alpine.js makes functions of its attributes (eval), it and Plotly write
# style attributes and elements without a nonce, a chart is saved as a picture by way of a blob, and previews stand in
# frames of our own. No inline script runs, and nothing is loaded from elsewhere or sent there.
ADMIN_CONTENT_POLICY = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "frame-src": [SELF],
}
# The page of translations has a field for each text of a survey.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^health/$"]  # load balancers ask over plain HTTP
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

UNFOLD = {
    "SITE_TITLE": "cxsurvey",
    "SITE_HEADER": ORGANISATION_NAME,
    "SITE_URL": "/admin/",
    "SITE_SYMBOL": "forum",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("cxsurvey/icon.svg")}],
    "SHOW_HISTORY": False,
    "DASHBOARD_CALLBACK": "cxsurvey.start_page.figures",
    "STYLES": [lambda request: static("cxsurvey/admin.css")],
    "ACCOUNT": {
        "navigation": [
            {"title": "Your login", "link": reverse_lazy("your-login")},
            {"title": "Change password", "link": reverse_lazy("admin:password_change")},
        ]
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "cxsurvey.menu.navigation",
    },
}
# These pages show what several rooms know, so they are no pages of the room that the model lives in.
ABSOLUTE_URL_OVERRIDES = {
    "contacts.customer": lambda customer: reverse("customer-page", args=[customer.pk]),
    "contacts.importrun": lambda run: reverse("import", args=[run.pk]),
}

# --- API ----------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "cxsurvey.token_api.ScopedTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["cxsurvey.api.ModelPermissions"],
    "DEFAULT_THROTTLE_CLASSES": ["cxsurvey.api.ExportThrottle"],
    "DEFAULT_PAGINATION_CLASS": "cxsurvey.api.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DATETIME_FORMAT": "iso-8601",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "cxsurvey",
    "DESCRIPTION": (
        "Exports of responses, touchpoints, contacts and decisions, and the scores of the report. "
        "What each column means: [the data dictionary](/api/v1/dictionary/?format=html)."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "cxsurvey.api_refusals.describe_refusals",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    # The copies in the sidecar package; otherwise the page loads from a CDN.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
