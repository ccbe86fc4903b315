"""Settings from the environment: what runs without any, and what production refuses."""

import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cxsurvey.checks import production_settings
from cxsurvey.keys import desk_secrets, kept_secret, link_keys

KEY = "0123456789abcdef" * 4
MAILBOX = "imaps://user:secret@mail.example.com/INBOX"
SAFE = {
    "CXSURVEY_PRODUCTION": "true",
    "SECRET_KEY": KEY,
    "LINK_KEYS": f"1:{KEY}",
    "ALLOWED_HOSTS": "surveys.example.com",
    "SITE_URL": "https://surveys.example.com",
    "DATABASE_URL": "sqlite://:memory:",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False, timeout=180
    )


def shown(expression: str, *, first: str = "", **environment: str) -> str:
    """Return what an expression is in a process that has read the settings, and nothing else of the project."""
    code = f"from django.conf import settings; {first}print({expression})"
    command = [sys.executable, "-c", code]
    env = environment | {"DJANGO_SETTINGS_MODULE": "cxsurvey.settings"}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_commands_run_without_any_environment():
    done = manage("check")

    assert done.returncode == 0, done.stderr


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    path = tmp_path / "var" / "secret_key"

    first = kept_secret(path)

    assert len(first) == 128
    assert kept_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret_key"]


def test_processes_that_make_a_secret_at_once_agree_on_it(tmp_path: Path):
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(kept_secret, [tmp_path / "secret_key"] * 64))

    assert len(secrets) == 1


def test_the_first_link_key_signs_and_the_order_is_kept():
    assert list(link_keys("2:new, 1:old").items()) == [("2", "new"), ("1", "old")]


@pytest.mark.parametrize("text", ["", "secret", "1:", ":secret", "1:a,1:b", "1:a,", "a.b:secret"])
def test_link_keys_that_cannot_be_told_apart_are_refused(text: str):
    with pytest.raises(ImproperlyConfigured, match="LINK_KEYS must look like"):
        link_keys(text)


def test_help_desks_may_have_several_secrets_each():
    assert desk_secrets("") == {}
    assert desk_secrets("a-desk:x=, chat:y:z,a-desk:w") == {"a-desk": ("x=", "w"), "chat": ("y:z",)}


@pytest.mark.parametrize("text", ["secret", "support:", ":secret"])
def test_secrets_of_no_help_desk_are_refused(text: str):
    with pytest.raises(ImproperlyConfigured, match="DESK_SECRETS must look like"):
        desk_secrets(text)


def test_an_sqlite_path_is_relative_to_the_project_and_writers_wait_for_each_other(tmp_path: Path):
    database = shown("settings.DATABASES['default']['NAME']", DATABASE_URL="sqlite:///var/other.sqlite3")
    assert database == str(settings.BASE_DIR / "var" / "other.sqlite3")

    ask = "from django.db import connection as c; e = lambda p: c.cursor().execute('PRAGMA ' + p).fetchone()[0]; "
    pragmas = "e('journal_mode'), e('synchronous'), e('busy_timeout'), c.transaction_mode"
    found = shown(pragmas, first=ask, DATABASE_URL=f"sqlite:///{tmp_path}/a.sqlite3")
    assert found.split() == ["wal", "1", "20000", "IMMEDIATE"]


def test_postgres_connections_are_kept_but_not_pooled():
    url = "postgresql://user:pass@db.example.com:5433/cx?sslmode=require"

    found = shown(
        "[settings.DATABASES['default'][k] for k in ('HOST', 'PORT', 'CONN_MAX_AGE', 'OPTIONS')]", DATABASE_URL=url
    )

    assert found == "['db.example.com', 5433, 60, {'sslmode': 'require'}]"


@pytest.mark.parametrize("missing", [{"LINK_KEYS"}, SAFE.keys() - {"CXSURVEY_PRODUCTION"}], ids=["one", "all"])
def test_production_does_not_start_without(missing: set[str]):
    done = manage("check", **{name: value for name, value in SAFE.items() if name not in missing})

    assert done.returncode == 1
    told = re.search(r"Configured: .*also needs: (.+)\. See", done.stderr)
    assert told
    assert set(told[1].split(", ")) == missing


def test_safe_production_settings_pass_every_deployment_check():
    done = manage("check", "--deploy", "--fail-level", "WARNING", **SAFE)

    assert done.returncode == 0, done.stderr


def test_a_provider_in_production_needs_no_mail_server_but_its_keys():
    """With its keys it is among `test_whole_gateways_are_accepted`."""
    provider = {name: value for name, value in SAFE.items() if name != "EMAIL_URL"} | {"EMAIL_GATEWAY": "postmark"}

    assert "E020" in manage("check", **provider).stderr


def test_another_mail_backend_of_django_is_named_by_its_path():
    backend = "django.core.mail.backends.locmem.EmailBackend"

    assert shown("settings.EMAIL_BACKEND", EMAIL_BACKEND=backend) == backend


def test_production_turns_on_what_protects_customers():
    on = "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS"
    off = "OUTBOX_PAGE", "DEBUG", "WHITENOISE_USE_FINDERS"

    found = shown(f"[name for name in {on + off} if getattr(settings, name)]", **SAFE)

    assert found == str(list(on))


def test_production_asks_for_a_second_factor_and_binds_cookies_to_its_host():
    names = "[settings.TWO_FACTOR, settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.PROXIES_IN_FRONT]"

    assert shown(names, **SAFE) == "['required', '__Host-sessionid', '__Host-csrftoken', 1]"


@pytest.mark.parametrize(
    ("unsafe", "number"),
    [
        ({"DEBUG": True}, "E001"),
        ({"SITE_URL": "http://surveys.example.com"}, "E002"),
        ({"ALLOWED_HOSTS": ["*"]}, "E003"),
        ({"ALLOWED_HOSTS": ["other.example.com"]}, "E004"),
        ({"LINK_KEYS": {"2": KEY, "1": "secret"}}, "E005"),
        ({"OUTBOX_PAGE": True}, "E006"),
        ({"TWO_FACTOR": "require"}, "E009"),
        ({"TWO_FACTOR_KEY": "secret"}, "E010"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "E007"),
        ({"CHANNEL_GATEWAYS": {"email": "email", "sms": "outbox"}}, "E008"),
        ({"CHANNEL_GATEWAYS": {"email": "postmark"}, "ANYMAIL": {"WEBHOOK_SECRET": "hooks:secret"}}, "E020"),
        ({"CHANNEL_GATEWAYS": {"email": "postmark"}, "ANYMAIL": {"POSTMARK_SERVER_TOKEN": "secret"}}, "E021"),
        ({"BOUNCE_ADDRESS": "bounce", "BOUNCE_IMAP_URL": MAILBOX}, "E022"),
        ({"BOUNCE_ADDRESS": "bounce+@example.com", "BOUNCE_IMAP_URL": MAILBOX}, "E022"),
        ({"BOUNCE_ADDRESS": f"{'b' * 13}@example.com", "BOUNCE_IMAP_URL": MAILBOX}, "E022"),
        ({"BOUNCE_ADDRESS": "bounce@example.com", "BOUNCE_IMAP_URL": "pop3://user:secret@mail.example.com"}, "E023"),
        ({"BOUNCE_ADDRESS": "bounce@example.com", "BOUNCE_IMAP_URL": "imap://user:secret@mail.example.com"}, "E024"),
        ({"BOUNCE_ADDRESS": "bounce@example.com"}, "E025"),
        ({"BOUNCE_IMAP_URL": MAILBOX}, "E025"),
        pytest.param(
            {"CHANNEL_GATEWAYS": {"email": "resend"}, "ANYMAIL": {"RESEND_API_KEY": KEY, "RESEND_SIGNING_SECRET": KEY}},
            "E027",
            marks=pytest.mark.skipif(find_spec("svix") is not None, reason="svix is installed: nothing is missing"),
        ),
        ({"CHANNEL_GATEWAYS": {"email": "email", "sms": "pigeon"}}, "E030"),
        ({"CHANNEL_GATEWAYS": {"email": "email", "sms": "twilio"}, "TWILIO_AUTH_TOKENS": []}, "E031"),
        ({"CHANNEL_GATEWAYS": {"email": "email", "sms": "kannel"}, "KANNEL_PASSWORD": ""}, "E031"),
        ({"CHANNEL_GATEWAYS": {"email": "email", "sms": "kannel"}, "KANNEL_URL": "kannel:13013/sendsms"}, "E032"),
        ({"CHANNEL_GATEWAYS": {"email": "email", "sms": "twilio"}, "TWILIO_URL": "http://sms.example.com"}, "E033"),
        ({"CHANNEL_GATEWAYS": {"email": "email", "sms": "kannel"}, "KANNEL_HOOK_TOKENS": [KEY, "guess"]}, "E034"),
        ({"SMS_PRICE": Decimal("0.07")}, "E035"),
        ({"SMS_CURRENCY": "EUR"}, "E035"),
    ],
)
def test_production_refuses(settings, unsafe: dict[str, object], number: str):
    safe = {
        "PRODUCTION": True,
        "DEBUG": False,
        "SITE_URL": "https://surveys.example.com",
        "ALLOWED_HOSTS": [".example.com"],
        "LINK_KEYS": {"1": KEY},
        "OUTBOX_PAGE": False,
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "CHANNEL_GATEWAYS": {"email": "email"},
        "BOUNCE_ADDRESS": "",
        "BOUNCE_IMAP_URL": "",
        "ANYMAIL": {},
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKENS": ["token"],
        "KANNEL_URL": "http://kannel.internal:13013/cgi-bin/sendsms",
        "KANNEL_USERNAME": "cx",
        "KANNEL_PASSWORD": "password",
        "KANNEL_HOOK_TOKENS": [KEY],
    }
    for name, value in (safe | unsafe).items():
        setattr(settings, name, value)

    assert [error.id for error in production_settings()] == [f"cxsurvey.{number}"]
    settings.PRODUCTION = False
    assert production_settings() == []


def test_half_a_gateway_for_sms_is_refused_with_what_it_lacks():
    """Which other gateways are, `test_production_refuses` shows."""
    done = manage("check", **SAFE, SMS_GATEWAY="kannel")

    assert done.returncode == 1
    lacks = "KANNEL_URL, KANNEL_USERNAME, KANNEL_PASSWORD, KANNEL_HOOK_TOKENS"
    assert f"SMS_GATEWAY is kannel, but it lacks {lacks}." in done.stderr


@pytest.mark.parametrize(
    "whole",
    [
        {
            "EMAIL_URL": "",
            "EMAIL_GATEWAY": "postmark",
            "ANYMAIL_POSTMARK_SERVER_TOKEN": "token",
            "ANYMAIL_WEBHOOK_SECRET": "hooks:secret",
            "SMS_GATEWAY": "twilio",
            "TWILIO_ACCOUNT_SID": "AC1",
            "TWILIO_AUTH_TOKENS": "new,old",
        },
        {
            "SMS_GATEWAY": "kannel",
            "KANNEL_URL": "http://kannel.internal:13013/cgi-bin/sendsms",
            "KANNEL_USERNAME": "cx",
            "KANNEL_PASSWORD": "password",
            "KANNEL_HOOK_TOKENS": KEY,
        },
    ],
)
def test_whole_gateways_are_accepted(whole: dict[str, str]):
    done = manage(
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        **{name: value for name, value in (SAFE | whole).items() if value},
    )

    assert done.returncode == 0, done.stderr


def test_a_price_is_an_amount():
    assert shown("repr(settings.SMS_PRICE)", SMS_PRICE="0.0750") == "Decimal('0.0750')"
    assert shown("settings.SMS_PRICE") == "None"
    done = manage("check", SMS_PRICE="7 cents")
    assert "SMS_PRICE must be an amount such as 0.0750, and not 7 cents." in done.stderr


def test_an_unsafe_setting_stops_every_command():
    done = manage("migrate", **SAFE | {"OUTBOX_PAGE": "true"})

    assert done.returncode == 1
    assert "cxsurvey.E006" in done.stderr


def test_customers_pages_get_a_strict_content_security_policy(client):
    policy = client.get("/nowhere/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ["/admin/login/", "/api/docs/", "/nowhere/"])
def test_no_page_runs_an_inline_script_loads_from_elsewhere_or_is_framed(client, address: str):
    sent = client.get(address).headers["Content-Security-Policy"]
    policy = dict(directive.strip().split(" ", 1) for directive in sent.split(";"))

    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "'self'" in policy["script-src"]
    assert "unsafe-inline" not in policy["script-src"]
    assert "://" not in sent
    assert "*" not in sent


def test_the_environment_example_names_every_setting_that_is_read():
    source = (settings.BASE_DIR / "cxsurvey" / "settings.py").read_text()
    example = (settings.BASE_DIR / ".env.example").read_text()
    read = {line.split('("')[1].split('"')[0] for line in source.splitlines() if "env." in line and '("' in line}

    assert {name for name in read if name not in example} == set()
