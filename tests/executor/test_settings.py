import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from rltf_executor.faults import bounds_of
from rltf_executor.settings import Settings, SettingsError, env_name, fields, load_settings


def refusal(**options: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings({name.replace("__", "."): value for name, value in options.items()})
    return str(caught.value)


def test_defaults_are_safe(clean_environment: pytest.MonkeyPatch):
    settings = load_settings()

    assert settings.server.host == "127.0.0.1"
    assert settings.token is None
    assert settings.sandbox.require_isolation == "uid"
    assert settings.queue.max_submissions == 4096
    assert settings.server.max_body_mb == 64
    assert not settings.cache.enabled


def test_a_variable_sets_the_field_of_its_name(clean_environment: pytest.MonkeyPatch):
    clean_environment.setenv("EXECUTOR_POOL__SIZE", "16")
    clean_environment.setenv("EXECUTOR_LOG__JSON", "false")
    clean_environment.setenv("EXECUTOR_TOKEN", "secret")
    clean_environment.setenv("EXECUTOR_SANDBOX", '{"cpus": 0.5}')

    settings = load_settings()

    assert settings.pool.size == 16
    assert settings.log.as_json is False
    assert settings.token is not None
    assert settings.token.get_secret_value() == "secret"
    assert settings.sandbox.cpus == 0.5


def test_an_option_wins_over_its_variable_and_leaves_its_group_alone(
    clean_environment: pytest.MonkeyPatch,
):
    clean_environment.setenv("EXECUTOR_SERVER__PORT", "1")
    clean_environment.setenv("EXECUTOR_SERVER__DRAIN_S", "5")

    server = load_settings({"server.port": "9000"}).server

    assert (server.port, server.drain_s) == (9000, 5.0)


@pytest.mark.parametrize("name", ["EXECUTOR_TOKEN", "EXECUTOR_POOL__SIZE"])
def test_an_empty_variable_is_an_unset_one(name: str, clean_environment: pytest.MonkeyPatch):
    clean_environment.setenv(name, "")

    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("EXECUTOR_POOL__SISE", "EXECUTOR_POOL__SIZE"),
        ("EXECUTOR_SISE", "EXECUTOR_POOL__SIZE"),
        ("EXECUTOR_TOKE", "EXECUTOR_TOKEN"),
        ("executor_server__prot", "EXECUTOR_SERVER__PORT"),
    ],
)
def test_a_misspelt_variable_is_refused_with_a_suggestion(
    variable: str, meant: str, clean_environment: pytest.MonkeyPatch
):
    clean_environment.setenv(variable, "4")

    assert refusal() == f"{variable}: names no option of the executor; did you mean {meant}?"


def test_several_faults_are_all_named(clean_environment: pytest.MonkeyPatch):
    clean_environment.setenv("EXECUTOR_ZZZ", "1")
    clean_environment.setenv("EXECUTOR_POOL__SIZE", "400")
    clean_environment.setenv("EXECUTOR_LOG__LEVEL", "loud")

    assert refusal().splitlines() == [
        "EXECUTOR_ZZZ: names no option of the executor; see docs/configuration.md",
        "pool.size (EXECUTOR_POOL__SIZE): 400 is not in 0..256",
        'log.level (EXECUTOR_LOG__LEVEL): "loud" is not one of debug, info, warning, error',
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"server__port": 70000}, "server.port (EXECUTOR_SERVER__PORT): 70000 is not in 0..65535"),
        (
            {"pool__lease_timeout_s": "0"},
            "pool.lease_timeout_s (EXECUTOR_POOL__LEASE_TIMEOUT_S): "
            "0 is not in 0..3600 (0 excluded)",
        ),
        (
            {"sandbox__memory_mb": "much"},
            'sandbox.memory_mb (EXECUTOR_SANDBOX__MEMORY_MB): "much" is not an integer',
        ),
        (
            {"sandbox__seccomp_profile": "/no/such"},
            "sandbox.seccomp_profile (EXECUTOR_SANDBOX__SECCOMP_PROFILE): /no/such is no file",
        ),
    ],
)
def test_a_value_out_of_bounds_is_named_with_field_value_and_bound(
    options: dict[str, object], message: str, clean_environment: pytest.MonkeyPatch
):
    assert refusal(**options) == message


def test_an_option_is_named_as_it_is_spelt_on_the_command_line(
    clean_environment: pytest.MonkeyPatch,
):
    with pytest.raises(
        SettingsError, match=r"^server\.port \(--port\): 70000 is not in 0\.\.65535$"
    ):
        load_settings({"server.port": 70000}, option_names={"server.port": "--port"})


def test_a_token_that_fits_no_header_is_refused_and_not_shown(
    clean_environment: pytest.MonkeyPatch,
):
    clean_environment.setenv("EXECUTOR_TOKEN", "top secret")

    message = refusal()

    assert message == "token (EXECUTOR_TOKEN): is not 1..1000 visible ASCII characters"


def test_a_token_does_not_show_in_what_is_printed():
    assert "hunter2" not in repr(Settings(token="hunter2"))


def documented_row(name: str) -> str:
    info = dict(fields())[name]
    default = info.default
    if default is PydanticUndefined or default is None:
        shown = "unset"
    else:
        shown = f"`{str(default).lower() if isinstance(default, bool) else default}`"
    return (
        f"| `{name}` | `{env_name(name)}` | {shown} | {bounds_of(info) or '—'} "
        f"| {info.description} |"
    )


def test_the_documentation_lists_exactly_the_fields_there_are(repository: Path):
    text = (repository / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `[a-z_.]+` \| `EXECUTOR_.*$", text, flags=re.MULTILINE)

    assert rows == [documented_row(name) for name, _ in fields()]
