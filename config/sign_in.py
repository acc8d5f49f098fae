"""Settings of signing in: another system's accounts (OpenID Connect), passwords, the second factor. See operations.md.

The names of mozilla-django-oidc are kept, so that its own documentation holds; ours say what it has no word for.
"""

import os
from datetime import timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.environment import env_flag, env_list

# The office's own accounts sign in; off while the client has no name.
OIDC_RP_CLIENT_ID = os.environ.get("YQ_OIDC_CLIENT_ID", "")
OIDC_RP_CLIENT_SECRET = os.environ.get("YQ_OIDC_CLIENT_SECRET", "")
OIDC_ON = bool(OIDC_RP_CLIENT_ID)
# Exactly as the provider writes it into its tokens.
OIDC_ISSUER = os.environ.get("YQ_OIDC_ISSUER", "")
OIDC_OP_AUTHORIZATION_ENDPOINT = os.environ.get("YQ_OIDC_AUTHORIZATION_ENDPOINT", "")
OIDC_OP_TOKEN_ENDPOINT = os.environ.get("YQ_OIDC_TOKEN_ENDPOINT", "")
OIDC_OP_USER_ENDPOINT = os.environ.get("YQ_OIDC_USERINFO_ENDPOINT", "")
OIDC_OP_JWKS_ENDPOINT = os.environ.get("YQ_OIDC_JWKS_ENDPOINT", "")
# "" leaves the provider's own session alone when somebody signs out here.
OIDC_OP_END_SESSION_ENDPOINT = os.environ.get("YQ_OIDC_END_SESSION_ENDPOINT", "")
OIDC_RP_SIGN_ALGO = os.environ.get("YQ_OIDC_SIGN_ALGORITHM", "RS256")
# 0 for a provider with one key and no name on it.
OIDC_VERIFY_KID = env_flag("YQ_OIDC_VERIFY_KID", default=True)
OIDC_RP_SCOPES = os.environ.get("YQ_OIDC_SCOPES", "openid profile email")
# What stands on the button: the name staff know the provider by.
OIDC_NAME = os.environ.get("YQ_OIDC_NAME", "")
# The claim that holds the user name here: by it an account that exists is taken over at the first sign-in, and a new
# one is named. "" takes none over.
OIDC_USERNAME_CLAIM = os.environ.get("YQ_OIDC_USERNAME_CLAIM", "preferred_username")
# The claim that holds the code of the unit, for rules that name none.
OIDC_UNIT_CLAIM = os.environ.get("YQ_OIDC_UNIT_CLAIM", "unit")
# Whether a rule may make an account, or only let in who has one.
OIDC_CREATES_ACCOUNTS = env_flag("YQ_OIDC_CREATES_ACCOUNTS", default=True)
# Whether the provider asks for a second factor itself, so that ours is not asked for once more.
OIDC_HAS_SECOND_FACTOR = env_flag("YQ_OIDC_HAS_SECOND_FACTOR")
# Seconds after which a sign-in is asked of the provider again: so long an account closed there may still work here.
OIDC_SESSION_SECONDS = int(os.environ.get("YQ_OIDC_SESSION_SECONDS", 8 * 3600))
OIDC_USE_PKCE = True
OIDC_STORE_ID_TOKEN = True
OIDC_TIMEOUT = 10
ALLOW_LOGOUT_GET_METHOD = False

_NEEDED = {
    "YQ_OIDC_ISSUER": OIDC_ISSUER,
    "YQ_OIDC_AUTHORIZATION_ENDPOINT": OIDC_OP_AUTHORIZATION_ENDPOINT,
    "YQ_OIDC_TOKEN_ENDPOINT": OIDC_OP_TOKEN_ENDPOINT,
    "YQ_OIDC_USERINFO_ENDPOINT": OIDC_OP_USER_ENDPOINT,
}
if OIDC_ON and not all(_NEEDED.values()):
    missing = ", ".join(name for name, value in _NEEDED.items() if not value)
    raise ImproperlyConfigured(f"Set {missing}: YQ_OIDC_CLIENT_ID switches single sign-on on.")

# Off: only the provider signs people in; `manage.py break_glass` lets one administrator in when it is away.
PASSWORD_SIGN_IN = env_flag("YQ_PASSWORD_SIGN_IN", default=True)
if not PASSWORD_SIGN_IN and not OIDC_ON:
    raise ImproperlyConfigured("YQ_PASSWORD_SIGN_IN=0 needs single sign-on: nobody could sign in.")
# How long a link of `manage.py break_glass` lets somebody in, once.
BREAK_GLASS_AGE = timedelta(minutes=15)

# Roles that must have a second factor; everybody may. The demo's accounts have none: one click signs in.
_IS_DEMO = env_flag("YQ_DEMO", default=True)
SECOND_FACTOR_ROLES = env_list(
    "YQ_SECOND_FACTOR_ROLES",
    "" if _IS_DEMO else "system_admin,city_officer,district_officer,conference_officer,inspector",
)
# The name beside the code in the authenticator.
OTP_TOTP_ISSUER = os.environ.get("YQ_SECOND_FACTOR_NAME", "甬情")

SIGN_IN_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.StaffBackend",
    *(["accounts.single_sign_on.backends.ProviderBackend"] if OIDC_ON else []),
]


def origin(url: str) -> str:
    """Scheme, host and port of an address; what a content security policy names."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


# A form that signs out is answered by a redirect to the provider, which browsers hold to the form's rule.
SIGN_OUT_ORIGINS = [origin(OIDC_OP_END_SESSION_ENDPOINT)] if OIDC_OP_END_SESSION_ENDPOINT else []
