# One image for web, worker and migration; compose.yaml says which command each runs.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .
# Collecting static files needs complete settings, of which nothing stays in the image.
RUN CXSURVEY_PRODUCTION=true SECRET_KEY=build LINK_KEYS=1:build ALLOWED_HOSTS=build SITE_URL=https://build \
    DATABASE_URL=sqlite://:memory: EMAIL_URL=smtp://build python manage.py collectstatic --noinput

RUN useradd --system --no-create-home cxsurvey && install --directory --owner cxsurvey /var/lib/cxsurvey /var/lib/cxsurvey-files
USER cxsurvey
EXPOSE 8000
CMD ["gunicorn", "cxsurvey.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", \
     "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
