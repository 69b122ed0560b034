# The trainer. It reaches the executor over HTTP and runs no program itself.
#
# Context: the root of the repository.
#   docker build -f docker/trainer.Dockerfile -t rltf-trainer:latest .
# With a GPU: --build-arg TORCH_INDEX= takes the package index's own build of torch, which has CUDA in it.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH

COPY requirements.lock /src/
COPY docker/install_torch.sh /src/docker/
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN TORCH_INDEX="${TORCH_INDEX}" /src/docker/install_torch.sh pip /src/requirements.lock
COPY pyproject.toml /src/
COPY docker/list_requirements.py /src/docker/
RUN python3 /src/docker/list_requirements.py trainer > /tmp/requirements.txt && \
    pip install -c /src/requirements.lock -r /tmp/requirements.txt hatchling && rm /tmp/requirements.txt

COPY LICENSE README.md hatch_build.py /src/
COPY configs /app/configs
COPY docker /src/docker
COPY services /src/services
COPY trainer /src/trainer
RUN pip install --no-deps --no-build-isolation /src && \
    install -m 0755 /src/docker/trainer-entrypoint.sh /usr/local/bin/trainer-entrypoint && \
    install -d -m 1777 /app/models /app/runs

# The folders a checkout has, so that a command reads the same inside and outside.
ENV HOME=/tmp
WORKDIR /app
ENTRYPOINT ["trainer-entrypoint"]
CMD ["--help"]
