# The executor service. It starts sandbox containers beside itself through the engine's socket.
#
# Context: the root of the repository.
#   docker build -f docker/executor.Dockerfile -t rltf-executor:latest .
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH

COPY pyproject.toml requirements.lock /src/
COPY docker/list_requirements.py /src/docker/
RUN python3 /src/docker/list_requirements.py executor > /tmp/requirements.txt && \
    pip install -c /src/requirements.lock -r /tmp/requirements.txt hatchling && rm /tmp/requirements.txt

COPY LICENSE README.md hatch_build.py /src/
COPY docker /src/docker
COPY services /src/services
COPY trainer /src/trainer
RUN pip install --no-deps --no-build-isolation /src && \
    install -m 0755 /src/docker/executor-entrypoint.sh /usr/local/bin/executor-entrypoint

EXPOSE 8000
# Ready means a warm pool; /healthz would say alive.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=12 \
  CMD ["python3", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["executor-entrypoint"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--sandbox", "docker"]
