"""What programs do and meet inside, the same on every backend and at every isolation level."""

import asyncio
import contextlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
import pytest_asyncio

from rltf_executor.sandbox.base import (
    Call,
    Evaluate,
    Exec,
    LimitHit,
    Phase,
    Plan,
    Probe,
    StdioRun,
)
from rltf_executor.sandbox.docker_backend import DockerBackend
from rltf_executor.sandbox.local_backend import LocalBackend
from rltf_executor.sandbox.options import SandboxOptions, deploy_file
from rltf_executor.sandbox.pool import Pool
from rltf_executor.sandbox.socket_backend import SocketBackend
from rltf_executor.schema import Limits

pytestmark = pytest.mark.asyncio(loop_scope="module")
STDIO = StdioRun(stdin=b"")


def options(**changes):
    return SandboxOptions(
        **{
            "image": "rltf-sandbox:latest",
            "runtime": "runc",
            "tmpfs_mb": 16,
            "cpus": 2.0,
            "max_memory_mb": 512,
            "docker_host": None,
            "seccomp_profile": None,
            **changes,
        }
    )


@dataclass
class Place:
    """A pool of one sandbox, and what is different about it."""

    pool: Pool
    name: str

    @property
    def bounds_families(self):
        """Memory is bounded for all processes together."""
        return self.name != "local"

    async def run(self, source, *tests, fresh=False, **fields):
        """Outcomes of a program's tests in their order; by default it is run once."""
        limits = Limits(**{"wall_s": 5, "memory_mb": 128, **fields.pop("limits", {})})
        plan = Plan(source=source, tests=tests or (STDIO,), limits=limits, **fields)
        outcomes = {}
        async with self.pool.lease(memory_mb=limits.memory_mb, fresh=fresh) as sandbox:
            await sandbox.run(
                plan, lambda outcome: outcomes.update({outcome.index: outcome}) or True
            )
        return [outcomes[index] for index in sorted(outcomes)]

    async def printed(self, source, **fields):
        """What a program prints that ends well."""
        (outcome,) = await self.run(source, **fields)
        assert outcome.exit_code == 0, outcome.stderr.decode()
        return outcome.stdout.decode()


@contextlib.contextmanager
def listening():
    """A folder in which one sandbox listens that is none of the service's."""
    engine = docker.from_env()
    profile = deploy_file("seccomp.json").read_text()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        container = engine.containers.run(
            "rltf-sandbox:latest",
            detach=True,
            network_mode="none",
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges", f"seccomp={profile}"],
            tmpfs={"/tmp": "mode=1777"},
            mem_limit="1g",
            memswap_limit="1g",
            environment={"PYTHONHASHSEED": "0"},
            volumes={folder: {"bind": "/run/rltf", "mode": "rw"}},
            restart_policy={"Name": "always"},
        )
        try:
            yield Path(folder)
        finally:
            container.remove(force=True)
            engine.close()


@contextlib.asynccontextmanager
async def opened(name, *, max_runs=500, **changes):
    if name == "sockets":
        with listening() as folder:
            async with filled(name, SocketBackend(folder), max_runs) as place:
                yield place
        return
    backend = LocalBackend(options()) if name == "local" else DockerBackend(options(**changes))
    async with filled(name, backend, max_runs) as place:
        yield place


@contextlib.asynccontextmanager
async def filled(name, backend, max_runs):
    level = "uid" if name == "docker-uid" else "namespaces"
    await backend.start()
    pool = Pool(backend, size=1, level=level, lease_timeout_s=30, max_runs=max_runs, max_idle_s=600)
    await pool.start()
    try:
        yield Place(pool, name)
    finally:
        await pool.close()


DOCKER = [
    pytest.param(name, marks=pytest.mark.docker) for name in ("docker", "docker-uid", "sockets")
]
PLACES = [*DOCKER, pytest.param("local", marks=pytest.mark.slow)]


@pytest_asyncio.fixture(params=PLACES, scope="module", loop_scope="module")
async def place(request):
    if request.param != "local":
        request.getfixturevalue("sandbox_image")
    async with opened(request.param) as found:
        yield found


def evaluate(*expressions):
    return Probe(steps=(Evaluate(expressions=expressions),))


async def test_level_is_the_one_asked_for(place):
    level = "uid" if place.name == "docker-uid" else "namespaces"

    assert place.pool.isolation.level == level


async def test_program_reads_stdin_and_prints(place):
    (outcome,) = await place.run("print(input()[::-1])", StdioRun(stdin=b"abc\n"))

    assert (outcome.exit_code, outcome.stdout, outcome.phase) == (0, b"cba\n", Phase.TEST)
    assert outcome.wall_ms > 0
    assert outcome.memory_kb > 1000


async def test_program_sees_the_same_user_everywhere(place):
    """Though every container has one of its own, for what the kernel counts by user."""
    seen = await place.printed("import os; print(os.getuid() == os.geteuid(), os.getuid())")

    if place.name in ("docker", "sockets"):
        assert seen == "True 1000\n"


async def test_program_finds_few_terminals_and_no_counters(place):
    source = "import os\nprint(os.listdir('/sys'))\nprint(os.isatty(os.openpty()[1]))"

    if place.name in ("docker", "sockets"):
        assert await place.printed(source) == "[]\nTrue\n"


async def test_probes_share_the_loaded_program(place):
    tests = (
        Probe(steps=(Exec(code="xs.append(2)"), Evaluate(expressions=("xs", "len(xs)")))),
        Probe(steps=(Call(function="f", args=(3,), kwargs={"y": 4}),)),
        evaluate("xs"),
    )

    outcomes = await place.run("xs = [1]\ndef f(x, y): return x * y", *tests)

    assert [outcome.report.values for outcome in outcomes] == [
        (["l", 1, 2], 2),
        (12,),
        (["l", 1, 2],),
    ]


async def test_fresh_process_gives_each_probe_the_state_after_loading(place):
    tests = (Probe(steps=(Exec(code="xs.append(2)"),)), evaluate("xs"))

    outcomes = await place.run("xs = [1]", *tests, fresh_process=True)

    assert outcomes[1].report.values == (["l", 1],)


@pytest.mark.parametrize(
    ("source", "exit_code", "signal"),
    [
        ("import sys; sys.exit(3)", 3, None),
        ("import os; os._exit(7)", 7, None),
        ("1 // 0", 1, None),
        ("import os; os.kill(os.getpid(), 9)", None, 9),
        ("import os; os.kill(os.getpid(), 15)", None, 15),
        ("import ctypes; ctypes.string_at(0)", None, 11),
        ("import os; os.abort()", None, 6),
    ],
)
async def test_end_of_a_program_is_told(place, source, exit_code, signal):
    (outcome,) = await place.run(source)

    assert (outcome.exit_code, outcome.signal) == (exit_code, signal)
    assert outcome.limit_hit is None


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(60)", "input()"])
async def test_wall_time_limit_ends_a_program_and_tells_the_line(place, body):
    source = f"import os, sys\nsys.stdin = open(os.pipe()[0])\ndef f():\n    {body}\nf()\n"
    started = time.monotonic()

    (outcome,) = await place.run(source, limits={"wall_s": 0.3, "cpu_s": 5})

    assert outcome.limit_hit is LimitHit.WALL
    assert time.monotonic() - started < 3
    assert [(frame.function, frame.line) for frame in outcome.stack] == [("<module>", 5), ("f", 4)]


async def test_cpu_time_limit_ends_a_program_that_computes(place):
    (outcome,) = await place.run("while True: pass", limits={"wall_s": 20, "cpu_s": 0.2})

    assert outcome.limit_hit is LimitHit.CPU
    assert 150 < outcome.cpu_ms < 3000
    assert [frame.line for frame in outcome.stack] == [1]


async def test_cpu_time_limit_leaves_a_program_that_sleeps(place):
    assert (
        await place.printed("import time; time.sleep(0.5); print(1)", limits={"cpu_s": 0.2})
        == "1\n"
    )


async def test_time_before_the_programs_turn_does_not_count(place):
    """Its process may have to be made first, which on a busy machine takes a while."""
    tests = [STDIO] * 5

    outcomes = await place.run("print(1)", *tests, limits={"wall_s": 0.05})

    assert {outcome.phase for outcome in outcomes} == {Phase.TEST}


async def test_total_time_ends_the_submission(place):
    tests = [STDIO] * 4

    outcomes = await place.run(
        "import time; time.sleep(0.4)", *tests, limits={"wall_s": 5, "total_s": 0.6}
    )

    hits = [outcome.limit_hit for outcome in outcomes]
    assert hits == [None, LimitHit.TOTAL, LimitHit.TOTAL, LimitHit.TOTAL]


async def test_total_time_ends_probes_and_stdio_runs_alike(place):
    tests = (evaluate("nap()"), evaluate("nap()"), evaluate("nap()"), STDIO)
    source = "import time\ndef nap(): time.sleep(0.4)\n"

    outcomes = await place.run(source, *tests, limits={"total_s": 0.6})

    hits = [outcome.limit_hit for outcome in outcomes]
    assert hits == [None, LimitHit.TOTAL, LimitHit.TOTAL, LimitHit.TOTAL]


def is_out_of_memory(outcome):
    fault = outcome.report.fault if outcome.report else None
    return outcome.limit_hit is LimitHit.MEMORY or (
        fault is not None and fault.type == "MemoryError"
    )


async def test_memory_limit_ends_a_program(place):
    (outcome,) = await place.run("x = bytearray(400_000_000)\nprint(len(x))")

    assert is_out_of_memory(outcome)
    assert outcome.stdout == b""


async def test_memory_limit_counts_all_processes_together(place):
    source = (
        "import os, time\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        x = bytearray(50_000_000); time.sleep(0.5); os._exit(0)\n"
        "for _ in range(4): os.wait()\n"
        "print('done')\n"
    )

    (outcome,) = await place.run(source)

    hit = LimitHit.MEMORY if place.bounds_families else None
    assert outcome.limit_hit is hit


async def test_memory_limit_is_that_of_the_submission(place):
    source = "x = bytearray(150_000_000)\nprint(len(x))"

    for memory_mb, fits in ((64, False), (400, True), (64, False), (256, True)):
        (outcome,) = await place.run(source, limits={"memory_mb": memory_mb})
        assert is_out_of_memory(outcome) is not fits, memory_mb


async def test_memory_of_a_large_stdin_is_not_the_programs(place):
    stdin = StdioRun(stdin=b"x" * 20_000_000)

    outcomes = await place.run("print(1)", *[stdin] * 3, limits={"memory_mb": 16})

    assert [outcome.stdout for outcome in outcomes] == [b"1\n"] * 3


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_output_limit_ends_a_program(place, stream):
    source = f"import sys\nwhile True: sys.{stream}.write('x' * 1000)\n"

    (outcome,) = await place.run(source, limits={"output_kb": 8})

    assert outcome.limit_hit is LimitHit.OUTPUT
    assert len(getattr(outcome, stream)) <= 8 * 1024


async def test_output_up_to_the_limit_is_kept(place):
    source = "import sys; sys.stdout.write('x' * 8192); sys.stderr.write('y' * 8192)"

    (outcome,) = await place.run(source, limits={"output_kb": 8})

    assert (outcome.limit_hit, outcome.exit_code) == (None, 0)
    assert (outcome.stdout, outcome.stderr) == (b"x" * 8192, b"y" * 8192)


async def test_process_limit_refuses_more(place):
    source = (
        "import os, time\n"
        "made = 0\n"
        "try:\n"
        "    for _ in range(20):\n"
        "        if os.fork() == 0: time.sleep(5); os._exit(0)\n"
        "        made += 1\n"
        "except BlockingIOError: pass\n"
        "print(made)\n"
    )

    made = int(await place.printed(source, limits={"processes": 4}))

    assert made == 3  # the program itself is the fourth


async def test_process_that_a_program_leaves_is_gone_when_the_next_one_runs(place):
    leave = (
        "import os, signal, time\n"
        "for number in range(1, 32):\n"
        "    if number not in (9, 19): signal.signal(number, signal.SIG_IGN)\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.close(1); os.close(2); time.sleep(60)\n"
        "    os._exit(0)\n"
    )
    look = (
        "import os\n"
        "try: os.kill(-1, 0); print('somebody')\n"
        "except ProcessLookupError: print('nobody')\n"
    )

    await place.run(leave)

    assert await place.printed(look) == "nobody\n"


STATE = {
    "file in /tmp": ("open('/tmp/left', 'w').write('x')", "import os; print(os.listdir('/tmp'))"),
    "file beside the program": ("open('left', 'w').write('x')", "import os; print(os.listdir())"),
    "file in shared memory": (
        "open('/dev/shm/left', 'w').write('x')",
        "import os; print(os.listdir('/dev/shm'))",
    ),
    "folder nobody may enter": (
        "import os; os.makedirs('/tmp/a/b'); os.chmod('/tmp/a/b', 0); os.chmod('/tmp/a', 0)",
        "import os; print(os.listdir('/tmp'))",
    ),
    "deep folders": (
        "import os\nos.chdir('/tmp')\nfor _ in range(300): os.mkdir('d'); os.chdir('d')",
        "import os; print(os.listdir('/tmp'))",
    ),
    "environment": ("import os; os.environ['LEFT'] = '1'", "import os; print(dict(os.environ))"),
    "module attribute": ("import math; math.left = 1", "import math; print(hasattr(math, 'left'))"),
    "built-in": ("import builtins; builtins.left = 1", "print('left' in dir(__builtins__))"),
    "module": (
        "import sys, types; sys.modules['left'] = types.ModuleType('left')",
        "import sys; print('left' in sys.modules)",
    ),
    "import path": ("import sys; sys.path.append('/left')", "import sys; print(sys.path)"),
    "umask": ("import os; os.umask(0o077)", "import os; print(os.umask(0))"),
    "signal handler": (
        "import signal; signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
        "import signal; print(signal.getsignal(signal.SIGUSR1))",
    ),
    "working folder": ("import os; os.chdir('/usr')", "import os; print(os.getcwd())"),
    "locale": (
        "import locale; locale.setlocale(locale.LC_ALL, 'C')",
        "import locale; print(locale.setlocale(locale.LC_ALL))",
    ),
    "limits": (
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (50, 50))",
        "import resource as r; print(r.getrlimit(r.RLIMIT_NOFILE))",
    ),
    "priority": ("import os; os.nice(5)", "import os; print(os.nice(0))"),
    "abstract socket": (
        "import os, socket, time\nif os.fork() == 0:\n"
        "    s = socket.socket(socket.AF_UNIX); s.bind('\\0left'); s.listen(); time.sleep(60)\n",
        "import socket\ntry: socket.socket(socket.AF_UNIX).connect('\\0left'); print('there')\n"
        "except OSError: print('gone')\n",
    ),
    "System V objects": (
        "import ctypes; c = ctypes.CDLL(None)\n"
        "c.shmget(77, 4096, 0o1666), c.semget(77, 1, 0o1666), c.msgget(77, 0o1666)",
        "import ctypes; c = ctypes.CDLL(None)\n"
        "print(c.shmget(77, 4096, 0o666), c.semget(77, 1, 0o666), c.msgget(77, 0o666))",
    ),
    "message queue": (
        "import ctypes; c = ctypes.CDLL(None); c.mq_open(b'/left', 0o102, 0o666, None)",
        "import ctypes; c = ctypes.CDLL(None); print(c.mq_open(b'/left', 2))",
    ),
    "system-wide name": (
        "import ctypes; ctypes.CDLL(None).sethostname(b'left', 4)",
        "import os; print(os.uname().nodename)",
    ),
    "random state": ("import random; random.seed(1); random.random()", "print(1)"),
    "random state of a fork": (
        "print(1)",
        "import random; print(random.seed(3) or random.random())",
    ),
}


@pytest.mark.parametrize("name", STATE)
async def test_no_state_passes_between_submissions(place, name):
    leave, look = STATE[name]
    before = await place.printed(look)

    await place.run(leave)
    await place.run(leave, evaluate("1"))

    assert await place.printed(look) == before


async def test_programs_do_not_share_their_chance(place):
    source = "import random, uuid; print(random.random(), uuid.uuid4())"

    assert await place.printed(source) != await place.printed(source)


async def test_stdio_tests_of_a_submission_share_nothing(place):
    source = "import os; print(os.listdir('/tmp')); open('/tmp/left', 'w')"

    first, second = await place.run(source, STDIO, STDIO)

    assert first.stdout == second.stdout


@pytest.mark.parametrize(
    "forgery",
    [
        "b'\\0' * 9",
        "struct.pack('>IBI', 2, ord('T'), 1) + b'{}'",  # an answer to a test that does not run yet
        "struct.pack('>IBI', 0, ord('L'), 0) * 2",
        "struct.pack('>IBI', 2**31, ord('T'), 0)",
        "struct.pack('>IBI', 2, ord('S'), 0) + b'{}'",
        "struct.pack('>IBI', 2, 255, 0) + b'{}'",
    ],
)
async def test_forged_frame_is_tampering_and_costs_the_sandbox(place, forgery):
    source = f"import os, struct\ndef f(): os.write(250, {forgery}); return 1\n"
    tests = [Probe(steps=(Call(function="f"),))] * 2
    recycles = place.pool.status().recycles.get("tampered", 0)

    outcomes = await place.run(source, *tests)

    assert [outcome.tampered for outcome in outcomes] == [True, True]
    assert place.pool.status().recycles["tampered"] == recycles + 1
    assert await place.printed("print('next')") == "next\n"


async def test_trickle_on_the_trace_descriptor_does_not_stretch_a_limit(place):
    source = (
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "    while True: os.write(251, b'x'); time.sleep(0.004)\n"
        "time.sleep(60)\n"
    )
    started = time.monotonic()

    (outcome,) = await place.run(source, limits={"wall_s": 0.2})

    assert outcome.limit_hit is LimitHit.WALL
    assert time.monotonic() - started < 3


async def test_cancelled_submission_leaves_the_sandbox_for_the_next(place):
    (await place.printed("print(1)"),)
    recycles = place.pool.status().recycles
    for delay in (0.0, 0.001, 0.01, 0.1, 0.3):
        running = asyncio.create_task(place.run("while True: pass", *[STDIO] * 5))
        await asyncio.sleep(delay)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await place.printed(f"print({delay})") == f"{delay}\n"

    assert place.pool.status().recycles == recycles


async def test_cancelled_large_plan_leaves_the_sandbox_for_the_next(place):
    running = asyncio.create_task(place.run("", *[StdioRun(stdin=b"x" * 5_000_000)] * 8))
    await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert await place.printed("print(1)") == "1\n"


async def test_stepwise_plan_stops_where_it_is_told(place):
    seen = []
    plan = Plan(
        source="print(input())",
        tests=tuple(StdioRun(stdin=b"%d\n" % number) for number in range(5)),
        stepwise=True,
    )
    async with place.pool.lease(memory_mb=128) as sandbox:
        await sandbox.run(plan, lambda outcome: seen.append(outcome.stdout) or len(seen) < 3)

    assert seen == [b"0\n", b"1\n", b"2\n"]
    assert await place.printed("print(1)") == "1\n"


@pytest.mark.parametrize(
    ("source", "phase"), [("def f(:", Phase.COMPILE), ("1 // 0", Phase.LOAD), ("", Phase.TEST)]
)
async def test_stepwise_plan_of_both_kinds_of_tests_comes_to_an_end(place, source, phase):
    outcomes = await place.run(
        source, evaluate("1"), STDIO, evaluate("2"), STDIO, stepwise=True, limits={"total_s": 5}
    )

    assert len(outcomes) == 4
    assert outcomes[0].phase is phase
    assert await place.printed("print(1)") == "1\n"


async def test_thousand_tests_are_run(place):
    outcomes = await place.run("", *[evaluate(str(number)) for number in range(1000)])

    assert [outcome.report.values for outcome in outcomes] == [(n,) for n in range(1000)]


async def test_output_belongs_to_the_test_that_printed_it(place):
    """However quickly one test follows the other."""
    tests = [Probe(steps=(Call(function="f", args=(n,), kwargs={}),)) for n in range(60)]

    for fresh in (False, True):
        outcomes = await place.run(
            "import os\ndef f(n):\n    if n % 3: print(n)\n    if n % 2: os.write(1, b'.')",
            *tests,
            fresh_process=fresh,
        )

        printed = [outcome.stdout.decode() for outcome in outcomes]
        assert printed == ["." * (n % 2) + f"{n}\n" * (n % 3 > 0) for n in range(60)]


async def test_output_limit_is_that_of_a_test(place):
    tests = [Probe(steps=(Call(function="f", args=(n,), kwargs={}),)) for n in range(12)]
    source = "def f(n):\n    print('x' * (1100 if n % 4 == 3 else 900))\n    return n"

    outcomes = await place.run(source, *tests, limits={"output_kb": 1})

    hits = [outcome.limit_hit for outcome in outcomes]
    assert hits == [None, None, None, LimitHit.OUTPUT] * 3


async def test_traceback_is_not_the_programs_output(place):
    (outcome,) = await place.run("raise ValueError('z' * 5000)", limits={"output_kb": 1})

    assert (outcome.limit_hit, outcome.exit_code) == (None, 1)
    assert len(outcome.stderr) <= 1024


@pytest.mark.parametrize(
    "body", ["while True: pass", "import time; time.sleep(60)", "import os; os.abort()"]
)
async def test_fresh_processes_tell_the_line_too(place, body):
    source = f"def f():\n    {body}\ndef g():\n    return f()"
    tests = (evaluate("1"), evaluate("g()"), evaluate("g()"), evaluate("2"))

    outcomes = await place.run(source, *tests, fresh_process=True, limits={"wall_s": 0.4})

    assert [outcomes[0].report.values, outcomes[3].report.values] == [(1,), (2,)]
    for outcome in outcomes[1:3]:
        assert [frame.line for frame in outcome.stack] == [4, 2]
        assert not outcome.flags


async def test_setup_is_for_probes_alone(place):
    outcomes = await place.run("x = 1\nprint(x)", STDIO, evaluate("x"), setup="x = 2\nprint('s')")

    assert outcomes[0].stdout == b"1\n"
    assert outcomes[1].report.values == (2,)


@pytest.mark.parametrize("value", ["None", "lambda *a: 0", "lambda *a, **k: True"])
async def test_patched_builtins_change_nothing_of_a_report(place, value):
    names = (
        "abs all any bool dict enumerate getattr hasattr int isinstance issubclass iter len list"
    )
    source = f"""\
import builtins
def f(x):
    for name in "{names} max next range repr set sorted str tuple type zip".split():
        setattr(builtins, name, {value})
    return [x, (1, "a")]
def g():
    for name in "{names} max next range repr set sorted str tuple type zip".split():
        setattr(builtins, name, {value})
    return 1 // 0
"""
    tests = (evaluate("f(3)"), evaluate("g()"), evaluate("f(4)"))

    outcomes = await place.run(source, *tests)

    assert [outcomes[0].report.values, outcomes[2].report.values] == [
        (["l", 3, ["t", 1, "a"]],),
        (["l", 4, ["t", 1, "a"]],),
    ]
    assert outcomes[1].report.fault.type == "ZeroDivisionError"
    assert [frame.line for frame in outcomes[1].report.fault.frames] == [9]
    assert "patched_builtins" in outcomes[1].report.flags


@pytest.mark.parametrize("name", PLACES)
async def test_strict_mode_uses_a_sandbox_once(name, request):
    if name != "local":
        request.getfixturevalue("sandbox_image")
    async with opened(name, max_runs=1) as place:
        used = []
        for _ in range(3):
            async with place.pool.lease(memory_mb=128) as sandbox:
                used.append(sandbox)
                assert sandbox.num_runs == 0
                await sandbox.run(Plan(source="", tests=(STDIO,)), lambda _: True)

        assert len({id(sandbox) for sandbox in used}) == 3
        assert place.pool.status().recycles["worn"] >= 2


@pytest.mark.docker
async def test_what_all_programs_share_is_counted_no_more_and_their_own_is_freed():
    source = """
import collections, gc, json, sys, weakref
class Node: pass
node = Node()
node.itself = node
end = weakref.ref(node)
del node
gc.collect()
shared = [json.dumps, json.dumps.__code__, collections.OrderedDict, vars(collections)]
print({sys.getrefcount(each) for each in shared} == {sys.getrefcount(None)}, end() is None)
"""
    async with opened("docker") as place:
        assert await place.printed(source) == "True True\n"


@pytest.mark.docker
async def test_family_that_is_left_at_the_answer_is_gone_before_the_next_run():
    source = (
        "import os, time\ndef f(): return 1\nfor _ in range(8):\n if os.fork() == 0: time.sleep(60)"
    )
    probe = Probe(steps=(Call(function="f"),))
    async with opened("docker") as place:
        async with place.pool.lease(memory_mb=128) as sandbox:
            limits = Limits(wall_s=5, memory_mb=128)
            await sandbox.run(
                Plan(source=source, tests=(probe,), limits=limits), lambda outcome: True
            )
            await sandbox.settle()
            assert sandbox.usable

        assert await place.printed("print('next')") == "next\n"
