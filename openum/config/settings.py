"""All settings, read from the environment in this one file. A missing or wrong value stops the start with a sentence.

| variable | meaning |
|---|---|
| OPENUM_DATA | directory of this installation's data and secrets (required) |
| OPENUM_DATABASE_URL | postgresql://user:password@host:port/name; without it SQLite at OPENUM_DATA/openum.sqlite3; ?prepared=off behind a pooler that hands out connections by transaction |
| OPENUM_SECRET_KEY | signs sessions and links; else taken from OPENUM_DATA/secrets.json |
| OPENUM_SEAL_KEY | seals the audit chains, 32 bytes or more; else taken from OPENUM_DATA/secrets.json |
| OPENUM_DEMO | 1: synthetic data, movable clock, plain http on this machine |
| OPENUM_DEBUG | 1: Django's debug pages; never with real data |
| OPENUM_ALLOWED_HOSTS | comma-separated host names (required outside demo and debug) |
| OPENUM_BASE_URL | address people and integrators use, for links and FHIR full URLs |
| OPENUM_LIVE_URL | address of the live-events process; empty: pages are refreshed by hand |
| OPENUM_MAX_BODY_BYTES | largest accepted body, 16 MiB unless set |
| OPENUM_CLIENT_FHIR_SERVERS | comma-separated base addresses of clients' FHIR servers that CRD may query; none unless set |
| OPENUM_JWKS_HOSTS | comma-separated hosts (name, or name:port) that clients' public keys may be read from; none unless set |
| OPENUM_UDAP_ANCHORS | file (PEM) with the certificates whose holders may register by UDAP; unset: UDAP is not served |
| OPENUM_UDAP_CERTIFICATE, OPENUM_UDAP_KEY | files (PEM) with this installation's own certificate chain, and its RSA key |
| OPENUM_UDAP_PLAN | key of the plan that registrations by UDAP are for |
| OPENUM_NOTIFICATION_HOSTS | comma-separated host or host:port of listeners trusted with any address; others must be public and https |
| OPENUM_FAX_LINE | class of the fax adapter, openum.notices.roads.fax.FolderLine unless set |
| OPENUM_FORM_APP_CLIENT_ID | id of our form client at record systems that launch it; openum-forms unless set |
| OPENUM_FORM_APP | launch address of the SMART app that fills forms, told in CRD cards; no launch links unless set |
| OPENUM_BEHIND_TLS_PROXY | 1: a proxy in front ends TLS and sets X-Forwarded-Proto |
| OPENUM_COMMITTEE_QUORUM | members without a conflict of interest who must vote on a guideline, 3 unless set |
| OPENUM_IDLE_MINUTES | minutes without an act after which a person signs in anew, 30 unless set |
| OPENUM_LOG_LEVEL | INFO unless set |
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

import openum
from openum.config import logs


def _flag(name: str) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value not in {"", "0", "1", "true", "false", "yes", "no"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1.")
    return value in {"1", "true", "yes"}


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip()
    if value and not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number.")
    return int(value) if value else default


def _all_or_none(*names: str) -> tuple[str, ...]:
    values = tuple(os.environ.get(name, "").strip() for name in names)
    if any(values) and not all(values):
        raise ImproperlyConfigured(f"Set all of {', '.join(names)}, or none of them.")
    return values


def _data_directory() -> Path:
    value = os.environ.get("OPENUM_DATA", "").strip()
    if not value:
        raise ImproperlyConfigured("OPENUM_DATA is not set. Give the directory that holds this installation's data.")
    path = Path(value).resolve()
    if not path.is_dir():
        raise ImproperlyConfigured("OPENUM_DATA names a directory that does not exist. Create it first.")
    return path


def _secret(name: str, key: str, *, at_least: int) -> str:
    value = os.environ.get(name, "")
    secrets_file = OPENUM_DATA / "secrets.json"
    if not value and secrets_file.is_file():
        value = json.loads(secrets_file.read_text(encoding="utf-8")).get(key, "")
    if len(value) < at_least:
        raise ImproperlyConfigured(
            f"{name} is not set or is shorter than {at_least} characters, and secrets.json in OPENUM_DATA has none."
        )
    return value


_PREPARED_AFTER = 3
"""PostgreSQL plans what a connection asked so many times before, and keeps the plan: planning costs more than reading."""

_SMALL_PLANS = "-c join_collapse_limit=4 -c from_collapse_limit=4 -c jit=off -c max_parallel_workers_per_gather=0"
"""A list joins sixteen tables by their keys as written: to weigh every order costs 50 ms where reading costs 2.
One person's count must not take every processor from the others."""


def _database(url: str) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "openum.db.fairsqlite",
            "NAME": str(OPENUM_DATA / "openum.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "cached_statements": 1024,  # a submission runs some seventy, pages many more
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                    "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY"
                ),
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("OPENUM_DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    prepared = query.pop("prepared", "on")
    if prepared not in {"on", "off"}:
        raise ImproperlyConfigured("In OPENUM_DATABASE_URL prepared must be on or off.")
    kept: dict[str, Any] = {"prepare_threshold": None}
    if prepared == "on":  # a pooler that hands out connections by transaction refuses what belongs to one of them
        kept = {"prepare_threshold": _PREPARED_AFTER, "options": _SMALL_PLANS}
    return {
        "ENGINE": "openum.db.keptpostgres",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"server_side_binding": True, **kept, **query},
    }


# -- where and what --------------------------------------------------------------------------------------------------
OPENUM_DATA = _data_directory()
OPENUM_DEMO = _flag("OPENUM_DEMO")
DEBUG = _flag("OPENUM_DEBUG")
_LOCAL = OPENUM_DEMO or DEBUG
SECRET_KEY = _secret("OPENUM_SECRET_KEY", "secret_key", at_least=32)
OPENUM_SEAL_KEY = _secret("OPENUM_SEAL_KEY", "seal_key", at_least=32)
OPENUM_BASE_URL = os.environ.get("OPENUM_BASE_URL", "").strip().rstrip("/")
OPENUM_FAX_LINE = os.environ.get("OPENUM_FAX_LINE", "").strip() or "openum.notices.roads.fax.FolderLine"
OPENUM_LIVE_URL = os.environ.get("OPENUM_LIVE_URL", "").strip().rstrip("/")
OPENUM_MAX_BODY_BYTES = _number("OPENUM_MAX_BODY_BYTES", 16 * 1024 * 1024)
OPENUM_CLIENT_FHIR_SERVERS = frozenset(
    server.strip().rstrip("/")
    for server in os.environ.get("OPENUM_CLIENT_FHIR_SERVERS", "").split(",")
    if server.strip()
)
OPENUM_JWKS_HOSTS = frozenset(
    host.strip().lower() for host in os.environ.get("OPENUM_JWKS_HOSTS", "").split(",") if host.strip()
)
OPENUM_UDAP_ANCHORS, OPENUM_UDAP_CERTIFICATE, OPENUM_UDAP_KEY, OPENUM_UDAP_PLAN = _all_or_none(
    "OPENUM_UDAP_ANCHORS", "OPENUM_UDAP_CERTIFICATE", "OPENUM_UDAP_KEY", "OPENUM_UDAP_PLAN"
)
if OPENUM_UDAP_ANCHORS and not all(
    Path(file).is_file() for file in (OPENUM_UDAP_ANCHORS, OPENUM_UDAP_CERTIFICATE, OPENUM_UDAP_KEY)
):
    raise ImproperlyConfigured(
        "OPENUM_UDAP_ANCHORS, OPENUM_UDAP_CERTIFICATE and OPENUM_UDAP_KEY must each name a file."
    )
OPENUM_NOTIFICATION_HOSTS = frozenset(
    host.strip().lower() for host in os.environ.get("OPENUM_NOTIFICATION_HOSTS", "").split(",") if host.strip()
)
OPENUM_FORM_APP_CLIENT_ID = os.environ.get("OPENUM_FORM_APP_CLIENT_ID", "").strip() or "openum-forms"
OPENUM_FORM_APP = os.environ.get("OPENUM_FORM_APP", "").strip()
OPENUM_COMMITTEE_QUORUM = _number("OPENUM_COMMITTEE_QUORUM", 3)
OPENUM_IDLE_MINUTES = _number("OPENUM_IDLE_MINUTES", 30)
OPENUM_POLICIES = Path(openum.__file__).resolve().parent.parent / "policies"

ALLOWED_HOSTS = [host.strip() for host in os.environ.get("OPENUM_ALLOWED_HOSTS", "").split(",") if host.strip()]
if _LOCAL and not ALLOWED_HOSTS:
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("OPENUM_ALLOWED_HOSTS is not set. Give the host names people use, separated by commas.")

# -- applications, lowest layer first; ours stands before Bootstrap's, which also has a base.html --------------------
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "openum.design",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "template_partials",
    "django_htmx",
    "django_include_bootstrap",
    "csp",
    "openum.db",
    "openum.jobs",
    "openum.audit",
    "openum.accounts",
    "openum.outbox",
    "openum.directory",
    "openum.cases",
    "openum.clocks",
    "openum.work",
    "openum.forms",
    "openum.criteria",
    "openum.needs",
    "openum.submission",
    "openum.intake",
    "openum.review",
    "openum.determination",
    "openum.notices",
    "openum.appeals",
    "openum.grievances",
    "openum.retrospective",
    "openum.programme",
    "openum.callers",
    "openum.agreement",
    "openum.sampling",
    "openum.register",
    "openum.attention",
    "openum.payment",
    "openum.command",
    "openum.loading",
    "openum.utilization",
    "openum.adapters.fhir",
    "openum.adapters.sandbox",
    "openum.adapters.fhir.subscriptions",
    "openum.live",
    "openum.config",
]

MIDDLEWARE = [
    "openum.config.middleware.request_identity",
    "django.middleware.security.SecurityMiddleware",
    "openum.config.middleware.interfaces",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "openum.config.middleware.IdleSessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "openum.config.middleware.PagesAreNotCached",
    "openum.config.middleware.Refusals",
    "openum.config.middleware.ClosedDoors",
    "openum.config.middleware.pages_in_turn",
]

ROOT_URLCONF = "openum.config.urls"
WSGI_APPLICATION = "openum.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "openum.config.context.site",
                "openum.accounts.navigation.context",
            ],
        },
    }
]

# -- data ------------------------------------------------------------------------------------------------------------
DATABASES = {"default": _database(os.environ.get("OPENUM_DATABASE_URL", "").strip())}
DATABASES["default"]["ATOMIC_REQUESTS"] = False  # reads take no lock; services open their own transactions
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DATA_UPLOAD_MAX_MEMORY_SIZE = OPENUM_MAX_BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# -- people ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_NAME = "openum_session"
SESSION_COOKIE_AGE = 10 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = not _LOCAL
CSRF_COOKIE_NAME = "openum_csrf"
CSRF_COOKIE_SECURE = not _LOCAL
CSRF_COOKIE_HTTPONLY = False  # htmx sends the token from the page's own header attribute
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [OPENUM_BASE_URL] if OPENUM_BASE_URL else []
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# -- the browser -----------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its check marks and arrows as data images
        "font-src": [SELF],
        "connect-src": [SELF, *([OPENUM_LIVE_URL] if OPENUM_LIVE_URL else [])],
        "frame-src": [SELF],  # letters and attachments are shown beside the case
        "frame-ancestors": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 0 if _LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not _LOCAL
SECURE_SSL_REDIRECT = False  # the proxy in front redirects; health checks inside stay plain
OPENUM_BEHIND_TLS_PROXY = _flag("OPENUM_BEHIND_TLS_PROXY")
if OPENUM_BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 60 if _LOCAL else 3600

# -- words, time -----------------------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]

# -- logs ------------------------------------------------------------------------------------------------------------
LOGGING_CONFIG = None
logs.configure(os.environ.get("OPENUM_LOG_LEVEL", "INFO").upper())
