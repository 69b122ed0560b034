from rltf_executor.host import engine_findings, host_findings
from rltf_executor.settings import Settings


def test_looking_at_this_host_changes_nothing_and_always_ends():
    names = [finding.name for finding in host_findings()]

    assert names == ["host", "cgroups", "user namespaces", "seccomp", "apparmor", "gvisor"]


def test_an_engine_that_does_not_answer_is_a_finding_with_advice():
    settings = Settings(sandbox={"docker_host": "tcp://127.0.0.1:1"})

    (finding,) = engine_findings(settings)

    assert finding.is_well is False
    assert finding.advice
