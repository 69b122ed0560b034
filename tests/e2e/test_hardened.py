"""The deployments without the engine's socket: by compose, and as the containers of a pod."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import httpx
import pytest
import yaml

pytestmark = [pytest.mark.docker, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

START_S = 120
NUM_SANDBOXES = 2
PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"

SUBMISSION = {
    "id": "without a socket",
    "source": "def mean(xs):\n    return sum(xs) / len(xs)\n",
    "tests": [
        {"kind": "call", "function": "mean", "args": [[1, 2, 3]], "expected": 2},
        {"kind": "assert", "code": "assert mean([]) == 0"},
        {"kind": "stdio", "stdin": "", "expected_stdout": ""},
    ],
}
CONNECT = """
import socket
try:
    socket.create_connection(("127.0.0.1", 8000), timeout=2)
    print("connected")
except PermissionError:
    print("refused")
"""


@pytest.fixture(scope="module")
def engine(docker_host: str) -> Iterator[docker.DockerClient]:
    client = docker.DockerClient(base_url=docker_host, timeout=60)
    yield client
    client.close()


@pytest.fixture(scope="module")
def deployment(deploy: Callable[..., Any]) -> Iterator[Any]:
    with deploy("-f", "compose.hardened.yaml") as deployment:
        deployment.wait_until_ready(START_S, NUM_SANDBOXES)
        yield deployment


def containers_of(
    engine: docker.DockerClient, deployment: Any, service: str | None = None
) -> list[Any]:
    labels = [f"{PROJECT_LABEL}={deployment.project}"]
    labels += [f"{SERVICE_LABEL}={service}"] if service else []
    return engine.containers.list(all=True, filters={"label": labels})


def execute(url: str, submission: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.post(f"{url}/execute", json=submission, timeout=60)
    assert answer.status_code == httpx.codes.OK, answer.text
    result: dict[str, Any] = answer.json()
    return result


def assert_judged_rightly(result: dict[str, Any]) -> None:
    assert [test["verdict"] for test in result["tests"]] == ["passed", "runtime_error", "passed"]
    assert (result["verdict"], result["passed"], result["total"]) == ("runtime_error", 2, 3)
    assert (result["error"]["type"], result["error"]["line"]) == ("ZeroDivisionError", 2)
    isolation = result["isolation"]
    assert (isolation["backend"], isolation["level"]) == ("sockets", "namespaces")


def assert_attacks_are_held(url: str, report: Path, *options: str) -> None:
    """Runs ``rltf-executor redteam`` as an operator does."""
    command = [sys.executable, "-m", "rltf_executor", "redteam", "--url", url, *options]
    done = subprocess.run([*command, "--json", report], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert json.loads(report.read_text())


def kill_from_the_host(engine: docker.DockerClient, container: Any) -> None:
    """Ends its first process as the kernel would; the engine takes a kill of its own for a stop."""
    container.reload()
    kill = f"import os, signal; os.kill({container.attrs['State']['Pid']}, signal.SIGKILL)"
    engine.containers.run(
        "rltf-sandbox:latest",
        ["-c", kill],
        entrypoint="python3",
        user="0:0",
        pid_mode="host",
        network_mode="none",
        remove=True,
    )


def test_a_submission_is_answered_with_verdict_line_and_isolation(deployment: Any):
    result = execute(deployment.url, SUBMISSION)

    assert result["id"] == "without a socket"
    assert_judged_rightly(result)


def test_a_batch_is_answered_in_its_order(deployment: Any):
    submissions = [{**SUBMISSION, "id": str(number)} for number in range(8)]

    answer = httpx.post(
        f"{deployment.url}/execute/batch", json={"submissions": submissions}, timeout=60
    )

    assert answer.status_code == httpx.codes.OK, answer.text
    results = answer.json()["results"]
    assert [result["id"] for result in results] == [str(number) for number in range(8)]
    for result in results:
        assert_judged_rightly(result)


def test_nothing_of_it_reaches_the_engine_or_the_host(engine: docker.DockerClient, deployment: Any):
    sockets = engine.volumes.get(f"{deployment.project}_sockets")
    containers = containers_of(engine, deployment)

    assert len(containers) == NUM_SANDBOXES + 1
    for container in containers:
        host, mounts = container.attrs["HostConfig"], container.attrs["Mounts"]
        assert [(mount["Type"], mount["Name"], mount["Destination"]) for mount in mounts] == [
            ("volume", sockets.name, "/run/rltf")
        ]
        assert not any("docker.sock" in str(mount) for mount in mounts)
        assert not any(
            entry.startswith("DOCKER_HOST=") for entry in container.attrs["Config"]["Env"]
        )
        assert host["Privileged"] is False
        assert host["ReadonlyRootfs"] is True
        assert host["CapDrop"] == ["ALL"]
        assert host["PidMode"] == ""
        assert "no-new-privileges" in host["SecurityOpt"]


def test_sandboxes_have_no_network_no_capability_and_our_filter(
    engine: docker.DockerClient, deployment: Any, repository: Path
):
    profile = json.loads((repository / "docker" / "seccomp.json").read_text("utf-8"))

    for container in containers_of(engine, deployment, "sandbox"):
        host = container.attrs["HostConfig"]
        assert host["NetworkMode"] == "none"
        assert not host["CapAdd"]
        assert container.attrs["Config"]["User"] == "1000:1000"
        (given,) = [one for one in host["SecurityOpt"] if one.startswith("seccomp")]
        assert json.loads(given[len("seccomp=") :]) == profile
        assert host["Memory"] == host["MemorySwap"] == 2096 * 1024 * 1024
        assert host["NanoCpus"] == 1_000_000_000
        assert host["PidsLimit"] == 320


def wait_until_restarted(container: Any, num_restarts: int) -> None:
    deadline = time.monotonic() + START_S
    while container.attrs["RestartCount"] < num_restarts or not container.attrs["State"]["Running"]:
        assert time.monotonic() < deadline, container.attrs["State"]
        time.sleep(0.1)
        container.reload()


def test_the_death_of_a_sandbox_is_survived(engine: docker.DockerClient, deployment: Any):
    victims = containers_of(engine, deployment, "sandbox")
    restarts = [victim.attrs["RestartCount"] for victim in victims]

    for victim, num_restarts in zip(victims, restarts, strict=True):
        kill_from_the_host(engine, victim)
        assert_judged_rightly(execute(deployment.url, SUBMISSION))  # by the other one
        wait_until_restarted(victim, num_restarts + 1)
        deployment.wait_until_ready(START_S, NUM_SANDBOXES)

    # Both have died by now: whichever answers has come back.
    for _ in range(2 * NUM_SANDBOXES):
        assert_judged_rightly(execute(deployment.url, SUBMISSION))


@pytest.mark.parametrize("suite", ["reward_hacks", "programs"])
def test_attacks_are_held(deployment: Any, suite: str, tmp_path: Path):
    sandboxes = str(NUM_SANDBOXES)

    assert_attacks_are_held(
        deployment.url, tmp_path / "findings.json", "--suite", suite, "--sandboxes", sandboxes
    )

    deployment.wait_until_ready(START_S, NUM_SANDBOXES)
    assert_judged_rightly(execute(deployment.url, SUBMISSION))


def test_down_leaves_nothing(engine: docker.DockerClient, deployment: Any):
    ours = {"label": f"{PROJECT_LABEL}={deployment.project}"}
    assert containers_of(engine, deployment)

    deployment.down()

    assert engine.containers.list(all=True, filters=ours) == []
    assert engine.volumes.list(filters=ours) == []
    assert engine.networks.list(filters=ours) == []


@pytest.fixture(scope="module")
def pod(
    engine: docker.DockerClient, deployment: Any, repository: Path
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The pod of the Kubernetes example, of this engine's containers: they share a network.

    It has no token, so that a program that reached the service would be let in.
    """
    text = (repository / "docker" / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8")
    spec = next(yaml.safe_load_all(text))["spec"]["template"]["spec"]
    mark = f"rltf-pod-{uuid.uuid4().hex[:8]}"
    volume = engine.volumes.create(mark)
    started = []
    try:
        network = engine.containers.run(
            "rltf-sandbox:latest",
            ["infinity"],
            entrypoint="sleep",
            ports={"8000/tcp": ("127.0.0.1", None)},
            name=mark,
            detach=True,
        )
        started.append(network)
        containers = {}
        for container in spec["containers"]:
            created = start_container_of_pod(engine, container, network, volume, repository)
            started.append(created)
            containers[container["name"]] = created
        network.reload()
        port = network.ports["8000/tcp"][0]["HostPort"]
        yield f"http://127.0.0.1:{port}", containers
    finally:
        for container in reversed(started):
            container.remove(force=True)
        volume.remove()


def start_container_of_pod(
    engine: docker.DockerClient, spec: dict[str, Any], network: Any, volume: Any, repository: Path
) -> Any:
    security = spec["securityContext"]
    options = ["no-new-privileges"]
    if security["seccompProfile"]["type"] == "Localhost":
        name = Path(security["seccompProfile"]["localhostProfile"]).name
        profile = repository / "docker" / "deploy" / name
        options.append(f"seccomp={profile.read_text('utf-8')}")
    mounts = {mount["name"]: mount["mountPath"] for mount in spec["volumeMounts"]}
    return engine.containers.run(
        spec["image"],
        spec.get("args"),
        environment={entry["name"]: entry["value"] for entry in spec["env"] if "value" in entry},
        user=f"{security['runAsUser']}:{security['runAsGroup']}",
        read_only=security["readOnlyRootFilesystem"],
        cap_drop=security["capabilities"]["drop"],
        security_opt=options,
        tmpfs={path: "size=64m" for name, path in mounts.items() if name != "sockets"},
        volumes={volume.name: {"bind": mounts["sockets"], "mode": "rw"}},
        mem_limit=spec["resources"].get("limits", {}).get("memory", "2096Mi").removesuffix("i"),
        network_mode=f"container:{network.id}",
        restart_policy={"Name": "always"},
        detach=True,
    )


def wait_for_pod(url: str, executor: Any) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            if httpx.get(f"{url}/readyz", timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline, executor.logs()[-2000:]
        time.sleep(0.2)


def test_the_pod_of_the_kubernetes_example_judges_and_holds(
    pod: tuple[str, dict[str, Any]], tmp_path: Path
):
    url, containers = pod
    wait_for_pod(url, containers["executor"])

    assert_judged_rightly(execute(url, SUBMISSION))
    for number, part in enumerate(("network", "socket", "leave", "kill")):
        assert_attacks_are_held(url, tmp_path / f"{number}.json", "--only", part)
    wait_for_pod(url, containers["executor"])
    assert_judged_rightly(execute(url, SUBMISSION))


def test_programs_in_a_pod_cannot_reach_the_service_beside_them(
    pod: tuple[str, dict[str, Any]],
):
    url, containers = pod
    wait_for_pod(url, containers["executor"])
    test = {"kind": "stdio", "stdin": "", "expected_stdout": "refused\n"}

    result = execute(url, {"source": CONNECT, "tests": [test]})

    assert result["verdict"] == "passed", result
