# One image for web, worker, beat and the migration; docker-compose.yml chooses the command.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    YQ_DEMO=0 \
    YQ_DATA_DIR=/data \
    YQ_METRICS_DIR=/tmp/metrics

RUN useradd --system --uid 10001 --home-dir /app yongqing \
    && mkdir -p /app /data/media /data/mail \
    && chown -R yongqing /data

WORKDIR /app
COPY requirements-prod.lock ./
RUN pip install --require-hashes -r requirements-prod.lock

COPY . .
# The demo's keys serve this one step only; at run time YQ_DEMO=0 asks for real ones.
RUN YQ_DEMO=1 python manage.py compile_catalogues \
    && YQ_DEMO=1 python manage.py collectstatic --noinput

USER yongqing
EXPOSE 8000
VOLUME ["/data"]
# Sync workers: measured faster than threads for this load (docs/architecture.md).
CMD ["sh", "-c", "exec gunicorn config.wsgi:application --config python:config.gunicorn --bind 0.0.0.0:${PORT:-8000} --workers ${YQ_WEB_WORKERS:-4} --timeout 60 --graceful-timeout 20 --max-requests 20000 --max-requests-jitter 2000"]
