"""Settings of a test run: those of every process, on services of its own and with nothing that is slow on purpose."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests import services

services.start()
os.environ["REDIS_URL"] = services.own_redis(os.environ["REDIS_URL"], os.environ.get("PYTEST_XDIST_WORKER", ""))
SCRATCH = Path(tempfile.mkdtemp(prefix="yongqing-test-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

from config.settings import *  # noqa: E402, F403
from config.settings import BASE_DIR  # noqa: E402
from config.translations import compile_stale  # noqa: E402

# Before Django reads a catalogue: collecting the tests asks for labels, and a catalogue read once is never read again.
compile_stale(BASE_DIR / "locale")

DATA_DIR = SCRATCH
MEDIA_ROOT = SCRATCH / "media"
EMAIL_FILE_PATH = SCRATCH / "mail"
STATIC_ROOT = SCRATCH / "static"
STATIC_ROOT.mkdir()
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A real hasher takes 0.2 s for each user a test makes.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The live server reads static files from their sources; the hashed names need a collectstatic, which `serve` does.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
