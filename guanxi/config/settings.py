"""Django's settings, derived from the configuration; nothing here is meant to be edited by hand."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from guanxi.config import logs, wiring
from guanxi.config.configuration import configuration, derive
from guanxi.config.databases import django_databases, mail_settings, place

conf = configuration()
# Reading the settings (type checks, --help) must not make a data folder: an unkept secret does for that.
_secret = conf.find_secret() or secrets.token_urlsafe(48)

SECRET_KEY = derive(_secret, "django")
DEBUG = False
ALLOWED_HOSTS = conf.hosts
ROOT_URLCONF = "guanxi.config.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "sets.User"
SILENCED_SYSTEM_CHECKS: list[str] = []

INSTALLED_APPS = [
    *wiring.MODULES,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    *(["guanxi.config.timing.ServerTiming"] if conf.server_timing else []),
    "guanxi.kernel.api.middleware.ApiFirst",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "guanxi.config.headers.SecureHeaders",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "guanxi.config.languages.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [wiring.PACKAGE / "web" / "templates"],
        "OPTIONS": {
            "loaders": [("guanxi.web.folding.Loader", [f"django.template.loaders.{kind}.Loader" for kind in ("filesystem", "app_directories")])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# ---- database -------------------------------------------------------------------------------------------------------
_place = place(conf, _secret)
DATABASES = django_databases(_place)
DATABASE_ROUTERS = ["guanxi.kernel.database.router.SetRouter"]
GUANXI_OWNER_ROLE = _place.owner
GUANXI_PLACE = _place
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "TIMEOUT": 600,
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
}

# ---- people who sign in ---------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["guanxi.config.sessions.SignIn"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if conf.fast_hashing and not conf.public_url
    else [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": "guanxi.config.accounts.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "guanxi.config.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,8/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = conf.trusted_proxies
MFA_ADAPTER = "guanxi.config.accounts.MfaAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers take passkeys over http from localhost alone; the library refuses it there unless told.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not conf.https
MFA_TOTP_ISSUER = "Guanxi"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_ENCRYPTION_KEY = derive(_secret, "mfa")
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_ENGINE = "guanxi.config.sessions"
SESSION_COOKIE_NAME = "__Host-guanxi" if conf.https else "guanxi"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = conf.https
CSRF_COOKIE_NAME = "__Host-guanxi-csrf" if conf.https else "guanxi-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = conf.https
CSRF_TRUSTED_ORIGINS = [conf.public_url] if conf.public_url else []
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ---- what a browser is told -----------------------------------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if conf.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if conf.https and conf.trusted_proxies else None
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "media-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    },
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
MEDIA_ROOT = conf.data / "files"
GUANXI_API_PER_KEY = conf.api_per_key
GUANXI_API_PER_MEMBER = conf.api_per_member
GUANXI_LARGEST_FILE = conf.largest_file_mb * 1024 * 1024
GUANXI_FILES_QUOTA = conf.files_quota_mb * 1024 * 1024
STATIC_URL = "/static/"
STATIC_ROOT = conf.data / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# ---- languages, time, mail, logs ------------------------------------------------------------------------------------
LANGUAGE_CODE = conf.language
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "guanxi-language"
LANGUAGE_COOKIE_SECURE = conf.https
LANGUAGE_COOKIE_SAMESITE = "Lax"
EXPECTED_RECEIPTS = wiring.EXPECTED_RECEIPTS
LOCALE_PATHS = wiring.locale_folders()
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = conf.mail_from
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Guanxi] "
globals().update(mail_settings(conf.mail_url.get_secret_value() if conf.mail_url else None, str(conf.data / "mail")))
PUBLIC_HOST = urlsplit(conf.public_url).netloc if conf.public_url else ""

LOGGING_CONFIG = None
logs.configure(conf.log_level, conf.log_format)

# ---- requests to other servers --------------------------------------------------------------------------------------
GUANXI_OUTBOUND_NETWORKS = conf.open_networks
GUANXI_OUTBOUND_HTTP = conf.outbound_http
GUANXI_DEMO_SETS = ("demo", "harbour")
GUANXI_PUBLIC_URL = (conf.public_url or f"http://{conf.host}:{conf.port}").rstrip("/")
GUANXI_SEALING_KEY = derive(_secret, "sealed")

# ---- jobs -----------------------------------------------------------------------------------------------------------
PROCRASTINATE_DATABASE_ALIAS = "default"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
