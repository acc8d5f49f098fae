"""Settings of every process. Secrets and addresses come from the environment (see .env.example)."""

import logging
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.environment import env_flag, env_list
from config.logs import configure_structlog, logging_settings
from config.sign_in import *  # noqa: F403
from config.sign_in import SIGN_IN_BACKENDS, SIGN_OUT_ORIGINS

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = (BASE_DIR / os.environ.get("YQ_DATA_DIR", ".data")).resolve()


# The demo signs itself with fixed keys and shows its passwords; an office sets YQ_DEMO=0 and every secret.
DEMO = env_flag("YQ_DEMO", default=True)


def secret(name: str, demo_value: str) -> str:
    """A secret from the environment; outside the demo there is no default."""
    value = os.environ.get(name) or (demo_value if DEMO else "")
    if not value:
        raise ImproperlyConfigured(f"Set {name}: outside the demo (YQ_DEMO=0) every secret comes from the environment.")
    return value


SECRET_KEY = secret("YQ_SECRET_KEY", "demo-only-Mv3qT7b0Xr9kLz5nHc2wYs8dFj4gPa6eUi1oKxBtNqRhCmDl")
# First key encrypts, all keys decrypt: put a new key in front to rotate, then run `manage.py rotate_keys`.
FIELD_KEYS = [k.strip() for k in secret("YQ_FIELD_KEYS", "wGmVx4yA0s9mI3tS5kQn2bYfE8rHd1cPuLj7oZqXaTU=").split(",")]
INDEX_KEY = secret("YQ_INDEX_KEY", "demo-only-blind-index-key")

DEBUG = env_flag("YQ_DEBUG")
ALLOWED_HOSTS = env_list("YQ_ALLOWED_HOSTS", "*" if DEMO else "localhost")
CSRF_TRUSTED_ORIGINS = env_list("YQ_CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "config",
    "accounts",
    "petitions",
    "dispatch",
    "backlog",
    "insights",
    "gateway",
    "portal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "lucide",
    "template_partials",
    "csp",
    "axes",
    "django_otp",
    "simple_history",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "config.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",
    # Before the password may be changed: whoever stole it could make it their own.
    "accounts.second_factor.middleware.SecondFactorMiddleware",
    "accounts.middleware.PasswordChangeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.shell",
            ],
            "builtins": [
                "django.templatetags.static",
                "django.templatetags.i18n",
                "django_htmx.templatetags.django_htmx",
                "template_partials.templatetags.partials",
                "accounts.templatetags.ui",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.config(default="postgresql:///yongqing", conn_max_age=600, conn_health_checks=True)
}
NUMBER_PREFIX = os.environ.get("YQ_NUMBER_PREFIX", "甬信")
# An approved outline of the districts in place of the sketch that comes with Yongqing (see NOTICE).
MAP_OUTLINE = os.environ.get("YQ_MAP_OUTLINE", "")
# Where a weekly dispatch is held: any meeting system; {meeting} becomes the meeting's number, for example 2026-25.
# "" leaves the link to whoever plans the meeting.
MEETING_LINK = os.environ.get("YQ_MEETING_LINK", "https://meet.example/{meeting}" if DEMO else "")
# /healthz must answer within two seconds when the database's host is gone.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 2)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "yq",
        # redis-py's own retries wait 4 s for a Redis that is down; pages must not.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 1)},
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = SIGN_IN_BACKENDS
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "sign_in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.validators.CharacterClassesValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.address_of"
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_VERBOSE = False
# Passwords come by POST; the way back from a provider is a GET, and its refusals must not lock an office's address.
AXES_NEVER_LOCKOUT_GET = True

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
# Behind TLS everywhere but in the demo, which answers on plain http://127.0.0.1.
HTTPS = env_flag("YQ_HTTPS", default=not DEMO)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_flag("YQ_BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *SIGN_OUT_ORIGINS],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticroot"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"


def file_storage(kind: str) -> dict[str, Any]:
    """Where files of cases lie. "s3": any S3-compatible store, set by YQ_S3_*; otherwise a storage class or the disk.

    Nothing in the bucket is public and no address of it is ever handed out: every byte goes through a view that asks
    for the permission.
    """
    if kind != "s3":
        return {"BACKEND": kind or "django.core.files.storage.FileSystemStorage"}
    if not os.environ.get("YQ_S3_BUCKET"):
        raise ImproperlyConfigured("Set YQ_S3_BUCKET: YQ_STORAGE=s3 keeps files in it.")
    options = {
        "bucket_name": os.environ["YQ_S3_BUCKET"],
        "endpoint_url": os.environ.get("YQ_S3_ENDPOINT") or None,
        "region_name": os.environ.get("YQ_S3_REGION") or None,
        "access_key": os.environ.get("YQ_S3_ACCESS_KEY") or None,
        "secret_key": os.environ.get("YQ_S3_SECRET_KEY") or None,
        "location": os.environ.get("YQ_S3_PREFIX", ""),
        "addressing_style": os.environ.get("YQ_S3_ADDRESSING", "auto"),
        "default_acl": "private",
        "file_overwrite": False,
        "querystring_auth": True,
        "object_parameters": {"ServerSideEncryption": "AES256"} if env_flag("YQ_S3_ENCRYPT") else {},
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


STORAGES = {
    "default": file_storage(os.environ.get("YQ_STORAGE", "")),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
ATTACHMENT_MAX_BYTES = int(os.environ.get("YQ_ATTACHMENT_MAX_BYTES", 20 * 1024 * 1024))
# Where ClamAV listens: "unix:/run/clamav/clamd.ctl" or "tcp:host:3310". Without one, files are marked as not scanned.
CLAMAV = os.environ.get("YQ_CLAMAV", "")
# A picture of more pixels is refused before it is drawn; a page of paper scanned at 600 dpi has 35 million.
ATTACHMENT_MAX_PIXELS = int(os.environ.get("YQ_ATTACHMENT_MAX_PIXELS", 60_000_000))

EMAIL_BACKEND = os.environ.get("YQ_EMAIL_BACKEND") or (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("YQ_EMAIL_HOST")
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST = os.environ.get("YQ_EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("YQ_EMAIL_PORT", 25))
EMAIL_HOST_USER = os.environ.get("YQ_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("YQ_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env_flag("YQ_EMAIL_TLS")
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = os.environ.get("YQ_EMAIL_FROM", "yongqing@localhost")
# Deliveries that are not urgent wait from … until … (Asia/Shanghai); an office changes it on the channels page.
QUIET_HOURS = ("21:00", "07:30")
# Unit channels to machines inside: only for an office whose own gateway stands in its network.
CHANNELS_MAY_BE_PRIVATE = env_flag("YQ_CHANNELS_MAY_BE_PRIVATE")
# Webhooks to machines inside: for an office whose other systems stand in its own network.
WEBHOOKS_MAY_BE_PRIVATE = env_flag("YQ_WEBHOOKS_MAY_BE_PRIVATE")
# Days after which messages of webhooks and their attempts are forgotten.
WEBHOOK_KEEP_DAYS = int(os.environ.get("YQ_WEBHOOK_KEEP_DAYS", 30))
# Days after which messages of other systems that never became a petition are emptied.
INBOUND_KEEP_DAYS = int(os.environ.get("YQ_INBOUND_KEEP_DAYS", 365))
# Data sets that leave for assessments: the fewest petitions of a row (never fewer than 5), what is made without being
# asked for (month, quarter, year, or nothing), and the days after which rows are removed.
DATASET_K = max(5, int(os.environ.get("YQ_DATASET_K", 5)))
DATASET_SCHEDULE = os.environ.get("YQ_DATASET_SCHEDULE", "month")
DATASET_KEEP_DAYS = int(os.environ.get("YQ_DATASET_KEEP_DAYS", 1095))
# Texts to petitioners: an apprise address with {phone} in it; "file" writes them below the data directory (the demo).
SMS_URL = os.environ.get("YQ_SMS_URL", "file" if DEMO else "")
# Ask for the rating by text as soon as a matter is answered, and remind once. Off in the demo: nobody owns its numbers.
SMS_AUTOMATIC = env_flag("YQ_SMS_AUTOMATIC", default=SMS_URL not in {"", "file"})
# Days after a leader's reception until names and telephones of those who booked and came are emptied.
RECEPTION_KEEP_DAYS = int(os.environ.get("YQ_RECEPTION_KEEP_DAYS", 730))
# Links in mails need the public address; pages never do.
PUBLIC_URL = os.environ.get("YQ_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_TIME_LIMIT = 120
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 2}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Wait for a broker as long as it takes; the default gives up after a hundred attempts.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "dispatch.tasks.sweep_clocks": {"queue": "clocks"},
    "dispatch.tasks.end_pauses": {"queue": "clocks"},
    "dispatch.tasks.deliver_notices": {"queue": "outbox"},
    "dispatch.tasks.deliver_to_units": {"queue": "outbox"},
    "portal.tasks.deliver_messages": {"queue": "outbox"},
    "gateway.tasks.deliver_webhooks": {"queue": "outbox"},
    "dispatch.tasks.run_jobs": {"queue": "heavy"},
    "gateway.tasks.clear_bulk": {"queue": "heavy"},
    "gateway.tasks.tend_datasets": {"queue": "heavy"},
    "dispatch.tasks.keep_archive": {"queue": "heavy"},
    "petitions.tasks.index_texts": {"queue": "default"},
    "backlog.tasks.forget_visitors": {"queue": "heavy"},
    "backlog.tasks.find_backlog": {"queue": "heavy"},
    "petitions.tasks.look_at_files": {"queue": "heavy"},
    "insights.tasks.fold_tallies": {"queue": "heavy"},
    "insights.tasks.recount_tallies": {"queue": "heavy"},
    "insights.tasks.refresh_outlooks": {"queue": "heavy"},
}
CELERY_BEAT_SCHEDULE = {
    "sweep-clocks": {"task": "dispatch.tasks.sweep_clocks", "schedule": 60.0, "options": {"expires": 55}},
    "end-pauses": {"task": "dispatch.tasks.end_pauses", "schedule": 60.0, "options": {"expires": 55}},
    "deliver-notices": {"task": "dispatch.tasks.deliver_notices", "schedule": 20.0, "options": {"expires": 18}},
    "find-for-supervision": {
        "task": "dispatch.tasks.find_for_supervision",
        "schedule": 600.0,
        "options": {"expires": 590},
    },
    "deliver-to-units": {"task": "dispatch.tasks.deliver_to_units", "schedule": 20.0, "options": {"expires": 18}},
    "deliver-messages": {"task": "portal.tasks.deliver_messages", "schedule": 20.0, "options": {"expires": 18}},
    "deliver-webhooks": {"task": "gateway.tasks.deliver_webhooks", "schedule": 5.0, "options": {"expires": 4}},
    "purge-webhooks": {
        "task": "gateway.tasks.purge_webhooks",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3500},
    },
    "remind-to-rate": {
        "task": "portal.tasks.remind_to_rate",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3500},
    },
    "remind-of-receptions": {
        "task": "portal.tasks.remind_of_receptions",
        "schedule": timedelta(minutes=30),
        "options": {"expires": 1700},
    },
    "forget-unsent": {
        "task": "portal.tasks.forget_unsent",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3500},
    },
    # Takes up what nobody was woken for, and what a killed worker left behind.
    "run-jobs": {"task": "dispatch.tasks.run_jobs", "schedule": 10.0, "options": {"expires": 9}},
    "find-unmended-ratings": {
        "task": "dispatch.tasks.find_unmended_ratings",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 590},
    },
    # After a change of rules, at new year, and when a right lapses; mostly it finds nothing to do.
    "keep-rules": {"task": "dispatch.tasks.keep_rules", "schedule": 60.0, "options": {"expires": 55}},
    "index-texts": {"task": "petitions.tasks.index_texts", "schedule": 10.0, "options": {"expires": 9}},
    "file-documents": {"task": "petitions.tasks.file_documents", "schedule": 60.0, "options": {"expires": 55}},
    # Woken by each upload; takes up what the scanner was away for.
    "look-at-files": {"task": "petitions.tasks.look_at_files", "schedule": 30.0, "options": {"expires": 28}},
    "purge-exports": {
        "task": "dispatch.tasks.purge_exports",
        "schedule": timedelta(hours=6),
        "options": {"expires": 3500},
    },
    "end-public-notices": {
        "task": "petitions.tasks.end_public_notices",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3500},
    },
    # Six months after the end of a case its rapport notes go.
    "expire-notes": {
        "task": "petitions.tasks.expire_notes",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3500},
    },
    # Cases whose time is over lose their personal words at night, and the night after it is proved once more.
    "keep-archive": {
        "task": "dispatch.tasks.keep_archive",
        "schedule": crontab(hour=2, minute=40),
        "options": {"expires": 3500},
    },
    # What has become a long-standing case since yesterday is proposed before the offices open.
    "find-backlog": {
        "task": "backlog.tasks.find_backlog",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 3500},
    },
    # Two years after a leader's reception nobody needs to know any more who came.
    "forget-visitors": {
        "task": "backlog.tasks.forget_visitors",
        "schedule": crontab(hour=2, minute=20),
        "options": {"expires": 3500},
    },
    "purge-tokens": {
        "task": "petitions.tasks.purge_tokens",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3500},
    },
    "fold-tallies": {
        "task": "insights.tasks.fold_tallies",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 290},
    },
    "recount-tallies": {
        "task": "insights.tasks.recount_tallies",
        "schedule": crontab(hour=3, minute=10),
        "options": {"expires": 3500},
    },
    "refresh-outlooks": {
        "task": "insights.tasks.refresh_outlooks",
        "schedule": timedelta(minutes=15),
        "options": {"expires": 890},
    },
    # The wall as it stood, once a week. Asked each day: a machine that was off on Monday loses a day, not the week.
    "keep-wall": {
        "task": "backlog.tasks.take_snapshots",
        "schedule": crontab(hour=0, minute=5),
        "options": {"expires": 3500},
    },
    "clear-bulk": {
        "task": "gateway.tasks.clear_bulk",
        "schedule": timedelta(hours=6),
        "options": {"expires": 3500},
    },
    # Asked each day: what is made already is not made again.
    "tend-datasets": {
        "task": "gateway.tasks.tend_datasets",
        "schedule": crontab(hour=4, minute=20),
        "options": {"expires": 3500},
    },
    "clear-inbound": {
        "task": "gateway.tasks.clear_inbound",
        "schedule": timedelta(hours=6),
        "options": {"expires": 3500},
    },
    "purge-idempotency": {
        "task": "gateway.tasks.purge_idempotency",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3500},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["gateway.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["gateway.gates.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["gateway.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["gateway.parsers.OrjsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "gateway.problems.exception_handler",
    "DEFAULT_VERSIONING_CLASS": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Yongqing API",
    "DESCRIPTION": "Petitions, work orders and their deadlines. "
    "[Guide with examples, errors and changes](/developers/) · [开发指南：示例、错误与变更](/developers/)",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    # Three things have a member called "state".
    "ENUM_NAME_OVERRIDES": {
        "PetitionState": "petitions.states.State",
        "OrderState": "dispatch.states.OrderState",
        "RatingState": "dispatch.rating_state.RatingState",
        "ClockState": "dispatch.models.Clock.State",
        "JobState": "dispatch.models.Job.State",
        "DatasetState": "gateway.datasets.resources.STATES",
        "DeliveryOutcome": "gateway.models.WebhookMessage.Outcome",
        "SupervisionState": "dispatch.supervision.SupervisionState",
        "BacklogState": "backlog.states.CaseState",
        "BacklogSource": "backlog.states.Source",
        "SettlementWay": "backlog.states.SettlementWay",
    },
}

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS: list[str] = []

# One JSON object a line for a log store, or words for a person at the terminal.
LOGGING = logging_settings(as_json=env_flag("YQ_LOG_JSON", default=not DEMO))
configure_structlog()
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# Every 10 seconds something is due; a line for what ended is enough.
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
# Who reads /metrics sends it as "Authorization: Bearer …"; without one only this machine itself may.
METRICS_TOKEN = os.environ.get("YQ_METRICS_TOKEN", "")
