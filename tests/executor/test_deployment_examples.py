"""The examples for Kubernetes and Prometheus: they parse, and agree with compose.hardened.yaml."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from rltf_executor.settings import Settings

MIB = 1024 * 1024
UNITS = {"k": 1024, "m": MIB, "g": 1024 * MIB, "Ki": 1024, "Mi": MIB, "Gi": 1024 * MIB}


def num_bytes(size: str) -> int:
    """Reads a size as Compose or Kubernetes spells it."""
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]+)", size).groups()
    return int(number) * UNITS[unit]


def environment_of(entries: list[Any]) -> dict[str, str | None]:
    """Reads Compose's ``NAME=VALUE`` and Kubernetes' ``{name, value}``; None: from elsewhere."""
    pairs = (
        entry.partition("=")[::2] if isinstance(entry, str) else (entry["name"], entry.get("value"))
        for entry in entries
    )
    return {name: value or None for name, value in pairs}


@pytest.fixture(scope="module")
def services(repository: Path) -> dict[str, Any]:
    text = (repository / "compose.hardened.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)["services"]
    return loaded


@pytest.fixture(scope="module")
def documents(repository: Path) -> dict[str, Any]:
    """The objects of the Kubernetes example, by kind."""
    text = (repository / "docker" / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8")
    return {document["kind"]: document for document in yaml.safe_load_all(text)}


@pytest.fixture(scope="module")
def pod(documents: dict[str, Any]) -> dict[str, Any]:
    loaded: dict[str, Any] = documents["Deployment"]["spec"]["template"]["spec"]
    return loaded


@pytest.fixture(scope="module")
def containers(pod: dict[str, Any]) -> dict[str, Any]:
    return {container["name"]: container for container in pod["containers"]}


def test_service_of_compose_asks_for_no_engine(services: dict[str, Any]):
    command = services["executor"]["command"]

    assert command[command.index("--sandbox") + 1] == "sockets"
    for service in services.values():
        assert [volume for volume in service["volumes"] if "docker" in volume] == []
        assert service.get("privileged", False) is False


@pytest.mark.parametrize("name", ["sandbox", "executor"])
def test_pod_runs_what_compose_runs(
    name: str, services: dict[str, Any], containers: dict[str, Any]
):
    service, container = services[name], containers[name]

    assert container["image"] == service["image"]
    assert container.get("command") == service.get("entrypoint")
    assert container.get("args") == service.get("command")


def test_sandboxes_of_both_have_the_same_environment(
    services: dict[str, Any], containers: dict[str, Any]
):
    assert environment_of(containers["sandbox"]["env"]) == environment_of(
        services["sandbox"]["environment"]
    )


def test_services_of_both_have_the_same_options_but_for_the_size_of_the_pool(
    services: dict[str, Any], containers: dict[str, Any], pod: dict[str, Any]
):
    of_pod = environment_of(containers["executor"]["env"])
    of_compose = environment_of(services["executor"]["environment"])
    sandboxes = [one for one in pod["containers"] if one["image"] == "rltf-sandbox:latest"]

    assert int(of_pod.pop("EXECUTOR_POOL__SIZE") or 0) == len(sandboxes)
    assert int(of_compose.pop("EXECUTOR_POOL__SIZE") or 0) == services["sandbox"]["scale"]
    assert of_pod.pop("EXECUTOR_SANDBOX__REQUIRE_ISOLATION") == "namespaces"
    assert of_pod.pop("HOME") == "/tmp"
    assert of_pod == of_compose


@pytest.mark.parametrize("name", ["sandbox", "executor"])
def test_no_container_of_the_pod_may_do_more_than_in_compose(
    name: str, services: dict[str, Any], containers: dict[str, Any]
):
    service, security = services[name], containers[name]["securityContext"]

    assert security["privileged"] is False
    assert security["allowPrivilegeEscalation"] is False
    assert "no-new-privileges" in service["security_opt"]
    assert security["capabilities"] == {"drop": service["cap_drop"]} == {"drop": ["ALL"]}
    assert security["readOnlyRootFilesystem"] is service["read_only"] is True
    assert security["runAsUser"] != 0
    assert security["seccompProfile"]["type"] in ("Localhost", "RuntimeDefault")


def test_users_are_those_of_the_images(repository: Path, containers: dict[str, Any]):
    dockerfile = (repository / "docker" / "sandbox.Dockerfile").read_text(encoding="utf-8")
    entry_point = (repository / "docker" / "executor-entrypoint.sh").read_text(encoding="utf-8")

    assert re.findall(r"^USER (\S+)", dockerfile, flags=re.MULTILINE) == ["1000:1000"]
    assert containers["sandbox"]["securityContext"]["runAsUser"] == 1000
    assert "--reuid 10001 " in entry_point
    assert containers["executor"]["securityContext"]["runAsUser"] == 10001


def test_filter_of_the_pod_is_that_of_compose_without_a_network(
    repository: Path, services: dict[str, Any], containers: dict[str, Any]
):
    localhost = containers["sandbox"]["securityContext"]["seccompProfile"]
    of_pod = repository / "docker" / "deploy" / Path(localhost["localhostProfile"]).name
    (of_compose,) = [
        repository / option.removeprefix("seccomp:")
        for option in services["sandbox"]["security_opt"]
        if option.startswith("seccomp:")
    ]
    narrow, wide = (json.loads(path.read_text("utf-8")) for path in (of_pod, of_compose))

    assert localhost["type"] == "Localhost"
    assert services["sandbox"]["network_mode"] == "none"
    missing = [rule for rule in wide["syscalls"] if rule not in narrow["syscalls"]]
    assert [rule for rule in narrow["syscalls"] if rule not in wide["syscalls"]] == []
    assert [(rule["names"], rule["args"][0]["value"]) for rule in missing] == [
        (["socket"], 2),  # AF_INET
        (["socket"], 10),  # AF_INET6
    ]
    assert (narrow["defaultAction"], narrow["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 1)


def test_limits_of_the_sandboxes_are_the_same(
    services: dict[str, Any], containers: dict[str, Any], pod: dict[str, Any]
):
    service, resources = services["sandbox"], containers["sandbox"]["resources"]
    volumes = {volume["name"]: volume["emptyDir"] for volume in pod["volumes"]}
    mounts = {mount["mountPath"]: mount for mount in containers["sandbox"]["volumeMounts"]}

    assert num_bytes(resources["limits"]["memory"]) == num_bytes(service["mem_limit"])
    assert service["memswap_limit"] == service["mem_limit"]
    assert float(resources["limits"]["cpu"]) == service["cpus"]
    assert resources["requests"] == resources["limits"]
    shm = volumes[mounts["/dev/shm"]["name"]]
    assert (shm["medium"], num_bytes(shm["sizeLimit"])) == (
        "Memory",
        num_bytes(service["shm_size"]),
    )
    assert volumes[mounts["/tmp"]["name"]]["medium"] == "Memory"
    assert service["tmpfs"] == ["/tmp"]
    # the largest program that the service admits, with room for the runner
    largest = Settings().sandbox.memory_mb * MIB
    assert num_bytes(resources["limits"]["memory"]) > largest


def test_containers_of_the_pod_share_the_sockets_and_nothing_of_the_host(
    pod: dict[str, Any], containers: dict[str, Any]
):
    of_sandbox, of_service = (
        {mount["name"]: mount["mountPath"] for mount in containers[name]["volumeMounts"]}
        for name in ("sandbox", "executor")
    )

    assert {name: of_sandbox[name] for name in of_sandbox.keys() & of_service.keys()} == {
        "sockets": "/run/rltf"
    }
    assert of_service["sockets"] == "/run/rltf"
    assert all("emptyDir" in volume for volume in pod["volumes"])
    assert pod["automountServiceAccountToken"] is False
    assert not any(
        pod[name] for name in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")
    )


def test_pod_has_as_long_to_end_as_compose_gives(services: dict[str, Any], pod: dict[str, Any]):
    assert f"{pod['terminationGracePeriodSeconds']}s" == services["executor"]["stop_grace_period"]


def test_objects_select_the_pods_and_let_nothing_out(documents: dict[str, Any]):
    labels = documents["Deployment"]["spec"]["template"]["metadata"]["labels"]
    policy = documents["NetworkPolicy"]["spec"]

    assert documents["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert documents["Service"]["spec"]["selector"] == labels
    assert policy["podSelector"]["matchLabels"] == labels
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["egress"] == []


def test_prometheus_scrapes_the_path_there_is(repository: Path):
    text = (repository / "docker" / "deploy" / "prometheus.yml").read_text(encoding="utf-8")
    (job,) = yaml.safe_load(text)["scrape_configs"]

    assert job["metrics_path"] == "/metrics"
    assert job["static_configs"] == [{"targets": ["127.0.0.1:8000"]}]
    uncommented = re.sub(
        r"^    # (?=authorization|  type|  creden)", "    ", text, flags=re.MULTILINE
    )
    (job,) = yaml.safe_load(uncommented)["scrape_configs"]
    assert job["authorization"]["type"] == "Bearer"
