# The image programs run in: a Python, the packages programs may import, and the runner. Nothing else.
#
# Context: services/executor/rltf_executor (its runner/ folder is all that is copied).
#   docker build -f docker/sandbox.Dockerfile -t rltf-sandbox:latest services/executor/rltf_executor
# Other programs' needs: --build-arg PYTHON=3.12-slim-bookworm --build-arg PACKAGES="numpy pandas"
ARG PYTHON=3.13-slim-trixie
FROM python:${PYTHON}

ARG PACKAGES="numpy>=2,<3"
# Set by docker/engine.sh users behind a private package index; empty means pip's own default.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
RUN set -f; if [ -n "${PACKAGES}" ]; then \
      python3 -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore ${PACKAGES}; \
    fi

COPY runner /opt/rltf/runner
# Compiled once here: the root file system is read-only where the runner runs.
RUN python3 -m compileall -q /opt/rltf/runner && chmod -R a+rX /opt/rltf

ENV PYTHONHASHSEED=0 LANG=C.UTF-8
LABEL org.opencontainers.image.title="rltf sandbox" \
      org.opencontainers.image.licenses="Apache-2.0"
# Where sandboxes listen that Compose or Kubernetes starts; a volume mounted here takes on its owner.
RUN mkdir -p /run/rltf && chown 1000:1000 /run/rltf
USER 1000:1000
WORKDIR /
# The service, where it starts the containers, says how the runner starts. Without it: one that listens.
ENTRYPOINT ["python3", "-s", "-B", "-P", "-c", "import sys; sys.path.insert(0, '/opt/rltf'); from runner.main import main; main()"]
CMD ["{\"listen\": \"/run/rltf\"}", "namespaces", "docker"]
