"""Options of the executor: one typed tree, read once at start.

``EXECUTOR_POOL__SIZE=16`` sets ``pool.size``. A variable that starts with ``EXECUTOR_`` and names
no option is refused.
"""

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import pydantic_settings
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from rltf_executor.faults import describe_faults
from rltf_executor.schema import DEFAULT_MAX_MEMORY_MB, MIN_MEMORY_MB

ENV_PREFIX: Final = "EXECUTOR_"
_MAX_TOKEN_CHARS: Final = 1000


class SettingsError(Exception):
    """Options that cannot be used; ``faults`` has a line for each: option, value, bound."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class ServerSettings(_Group):
    """Where the service listens, and what it takes from a connection."""

    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one."
    )
    max_body_mb: int = Field(default=64, ge=1, le=1024, description="Largest request body, MiB.")
    max_buffered_mb: int = Field(
        default=512,
        ge=1,
        le=65536,
        description="Bodies of all requests being read or judged, MiB; above it they get 429.",
    )
    body_timeout_s: float = Field(
        default=60.0, gt=0, le=3600, description="Longest time a client may take to send a body."
    )
    drain_s: float = Field(
        default=30.0, ge=0, le=3600, description="Time running submissions get to finish at a stop."
    )
    access_log: bool = Field(default=False, description="Log one line for every request.")


class QueueSettings(_Group):
    """How much work is taken in before a client is told to come back."""

    max_submissions: int = Field(
        default=4096,
        ge=1,
        le=1_000_000,
        description="Submissions waiting and running, all clients together.",
    )


class PoolSettings(_Group):
    """How many sandboxes wait ready, and when one is replaced."""

    size: int = Field(default=0, ge=0, le=256, description="Warm sandboxes; 0: one for every core.")
    lease_timeout_s: float = Field(
        default=30.0, gt=0, le=3600, description="Longest wait for a sandbox to come free."
    )
    max_runs: int = Field(
        default=5000,
        ge=1,
        le=1_000_000,
        description="Submissions before a sandbox is replaced; 1: a fresh one for each (strict).",
    )
    max_idle_s: float = Field(
        default=600.0, ge=1, le=86_400, description="Idle time after which a sandbox is replaced."
    )


class SandboxSettings(_Group):
    """What programs run in."""

    backend: Literal["auto", "docker", "local", "sockets"] = Field(
        default="auto",
        description="Where sandboxes come from; auto: Docker if an engine answers, else local.",
    )
    socket_dir: Path = Field(
        default=Path("/run/rltf"),
        description="Folder of the sandboxes' sockets, for the backend `sockets`.",
    )
    memory_mb: int = Field(
        default=DEFAULT_MAX_MEMORY_MB,
        ge=MIN_MEMORY_MB,
        le=1_048_576,
        description="Upper bound of a submission's `limits.memory_mb`, MiB.",
    )
    cpus: float = Field(default=1.0, gt=0, le=256, description="CPUs one sandbox may use.")
    runtime: str = Field(
        default="runc",
        min_length=1,
        description="OCI runtime of the containers: `runc`, `runsc` (gVisor).",
    )
    image: str = Field(
        default="rltf-sandbox:latest", min_length=1, description="Image of the containers."
    )
    tmpfs_mb: int = Field(default=64, ge=1, le=65_536, description="Size of a sandbox's /tmp, MiB.")
    docker_host: str | None = Field(
        default=None,
        description="Address of the Docker engine; unset: DOCKER_HOST, else the usual socket.",
    )
    require_isolation: Literal["none", "uid", "namespaces"] = Field(
        default="uid",
        description="Lowest isolation level to start with; a host that offers less is refused.",
    )
    seccomp_profile: Path | None = Field(
        default=None,
        description="Seccomp profile of the containers (JSON); unset: our own.",
    )

    @field_validator("seccomp_profile")
    @classmethod
    def _is_a_file(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_file():
            raise ValueError(f"{path} is no file")
        return path


class CacheSettings(_Group):
    """The result cache: identical submissions are judged once."""

    enabled: bool = Field(default=False, description="Answer a repeated submission from memory.")
    max_entries: int = Field(
        default=10_000, ge=1, le=10_000_000, description="Results kept; oldest leave first."
    )


class LogSettings(_Group):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe level that is written."
    )
    as_json: bool = Field(
        default=True, alias="json", description="One JSON object a line; false: plain text."
    )

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)


class Settings(BaseSettings):
    """Options of the executor; EXECUTOR_POOL__SIZE=16 sets pool.size."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    token: SecretStr | None = Field(
        default=None, description="Bearer token that requests must carry; unset: none is asked for."
    )
    server: ServerSettings = ServerSettings()
    queue: QueueSettings = QueueSettings()
    pool: PoolSettings = PoolSettings()
    sandbox: SandboxSettings = SandboxSettings()
    cache: CacheSettings = CacheSettings()
    log: LogSettings = LogSettings()

    @field_validator("token")
    @classmethod
    def _fits_a_header(cls, token: SecretStr | None) -> SecretStr | None:
        if token is None or not token.get_secret_value():
            return None
        text = token.get_secret_value()
        if len(text) > _MAX_TOKEN_CHARS or not all("!" <= char <= "~" for char in text):
            raise ValueError(f"is not 1..{_MAX_TOKEN_CHARS} visible ASCII characters")
        return token


def load_settings(
    options: Mapping[str, object] | None = None, *, option_names: Mapping[str, str] | None = None
) -> Settings:
    """Reads the environment; ``options`` (dotted names, such as ``server.port``) override it.

    Args:
        options: Values given on the command line.
        option_names: How each of them is spelt there, for messages.

    Raises:
        SettingsError: A variable names no option, or a value is out of bounds.
    """
    faults = list(_unknown_variables(os.environ))
    overrides: dict[str, Any] = {}
    for name, value in (options or {}).items():
        group, _, leaf = name.partition(".")
        if leaf:
            overrides.setdefault(group, {})[leaf] = value
        else:
            overrides[group] = value
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        for fault in describe_faults(error, Settings, secret_fields={"token"}):
            origin = (
                (option_names or {}).get(fault.field, "") if fault.field in (options or {}) else ""
            )
            line = fault.message.replace(
                fault.field, f"{fault.field} ({origin or env_name(fault.field)})", 1
            )
            if not any(env_name(fault.field) in known.upper() for known in faults):
                faults.append(line)
        raise SettingsError(faults) from None
    except pydantic_settings.SettingsError as error:
        faults.append(f"{error}: a group is given as JSON, or one by one: EXECUTOR_POOL__SIZE=4")
        raise SettingsError(faults) from None
    if faults:
        raise SettingsError(faults)
    return settings


def env_name(field: str) -> str:
    """Gives the variable that sets ``field``: ``pool.size`` is ``EXECUTOR_POOL__SIZE``."""
    return ENV_PREFIX + field.replace(".", "__").upper()


def fields() -> Iterator[tuple[str, FieldInfo]]:
    """Gives every option that takes a value, by its dotted name, in the order of the models."""
    for name, info in Settings.model_fields.items():
        group = info.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            for leaf, leaf_info in group.model_fields.items():
                yield f"{name}.{leaf_info.alias or leaf}", leaf_info
        else:
            yield name, info


def _unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    known = {env_name(name) for name, _ in fields()}
    known_or_group = known | {env_name(name) for name in Settings.model_fields}
    by_spelling = {name.rpartition("__")[2]: name for name in sorted(known)}  # SIZE alone, too
    by_spelling |= {name.removeprefix(ENV_PREFIX): name for name in sorted(known)}
    for variable in sorted(environment):
        name = variable.upper()
        if not name.startswith(ENV_PREFIX) or name in known_or_group:
            continue
        close = difflib.get_close_matches(name.removeprefix(ENV_PREFIX), by_spelling, n=1)
        hint = f"did you mean {by_spelling[close[0]]}?" if close else "see docs/configuration.md"
        yield f"{variable}: names no option of the executor; {hint}"
