"""The command ``rltf-executor redteam``: attacks a grader and prints what came of it."""

import argparse
import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rltf_executor.redteam.campaign import Finding, is_applicable, run_campaign
from rltf_executor.redteam.suites import Attack, SuiteName, read_folder, shipped
from rltf_executor.redteam.targets import TARGETS

HELD, BREACHED, USAGE = 0, 1, 2
TOKEN_VARIABLE: Final = "EXECUTOR_TOKEN"  # noqa: S105 -- the name of a variable
_MAX_INTENT: Final = 70


def parser() -> argparse.ArgumentParser:
    """Gives the parser of the command's arguments."""
    arguments = argparse.ArgumentParser(
        prog="rltf-executor redteam",
        description="Send hostile programs and reward hacks to a grader, each followed by innocent "
        "programs. Exit code 1 if any attack succeeds. Only attack a service that is yours: a "
        "grader that does not isolate will run them.",
        epilog=f"A bearer token is taken from {TOKEN_VARIABLE}.",
    )
    arguments.add_argument("--url", required=True, help="of the service, such as http://HOST:8000")
    arguments.add_argument("--api", choices=sorted(TARGETS), default="rltf")
    arguments.add_argument(
        "--suite",
        choices=("all", "programs", "reward_hacks"),
        default="all",
        help="which attacks (default: all)",
    )
    arguments.add_argument("--only", metavar="TEXT", help="attacks whose name contains TEXT")
    arguments.add_argument("--folder", type=Path, help="attacks of your own, *.py with a header")
    arguments.add_argument(
        "--sandboxes",
        type=int,
        default=1,
        metavar="N",
        help="of the service: so many innocent programs follow each attack (default: 1)",
    )
    arguments.add_argument(
        "--lanes", type=int, default=1, metavar="N", help="attacks at a time (default: 1)"
    )
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write the findings as JSON")
    arguments.add_argument("--list", action="store_true", help="list the attacks, send nothing")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code."""
    options = parser().parse_args(argv)
    console = Console()
    try:
        attacks = _chosen(options)
    except (OSError, ValueError) as error:
        Console(stderr=True).print(Text(f"redteam: {error}"))
        return USAGE
    if not attacks:
        Console(stderr=True).print(Text("redteam: no attack has such a name"))
        return USAGE
    if options.list:
        console.print(_listing(attacks))
        return HELD
    try:
        findings = asyncio.run(_attack(attacks, options, console))
    except ConnectionError as error:
        Console(stderr=True).print(Text(f"redteam: {error}"))
        return USAGE
    if options.json is not None:
        report = [asdict(finding) for finding in findings]
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    _conclude(findings, console)
    return BREACHED if any(finding.success for finding in findings) else HELD


async def run(
    url: str,
    *,
    api: str = "rltf",
    attacks: Sequence[Attack] | None = None,
    sandboxes: int = 1,
    lanes: int = 1,
    token: str | None = None,
) -> list[Finding]:
    """Attack a service and give the findings.

    Args:
        url: Of the service.
        api: What it speaks: ``rltf``, ``sandboxfusion`` or ``piston``.
        attacks: What to send; default: all that come with the package.
        sandboxes: How many sandboxes the service has.
        lanes: Attacks under way at a time.
        token: Bearer token.
    """
    chosen = shipped() if attacks is None else attacks
    async with _client(url, token) as client:
        target = TARGETS[api](client)
        campaign = run_campaign(chosen, target, lanes=lanes, innocents=sandboxes)
        return [finding async for finding in campaign]


async def _attack(
    attacks: Sequence[Attack], options: argparse.Namespace, console: Console
) -> list[Finding]:
    findings = []
    async with _client(options.url, os.environ.get(TOKEN_VARIABLE)) as client:
        await _require_an_answer(client)
        target = TARGETS[options.api](client)
        num_attacks = sum(is_applicable(attack, target) for attack in attacks)
        campaign = run_campaign(attacks, target, lanes=options.lanes, innocents=options.sandboxes)
        async for finding in campaign:
            findings.append(finding)
            _print_finding(finding, len(findings), num_attacks, console)
    return findings


def _client(url: str, token: str | None) -> httpx.AsyncClient:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    # Proxies of the environment would be asked to reach a service on this machine.
    return httpx.AsyncClient(base_url=url, headers=headers, trust_env=False)


async def _require_an_answer(client: httpx.AsyncClient) -> None:
    try:
        await client.get("/healthz", timeout=10)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConnectionError(f"{client.base_url}: nobody answers ({error})") from error


def _chosen(options: argparse.Namespace) -> list[Attack]:
    if options.folder is not None:
        suite: SuiteName = "reward_hacks" if options.suite == "reward_hacks" else "programs"
        attacks = read_folder(options.folder, suite)
    else:
        attacks = shipped()
    return [
        attack
        for attack in attacks
        if options.suite in ("all", attack.suite) and (options.only or "") in attack.name
    ]


def _print_finding(finding: Finding, number: int, total: int, console: Console) -> None:
    word, style = ("SUCCEEDED", "bold red") if finding.success else ("held", "green")
    line = Text(f"{number:>4}/{total} ")
    line.append(f"{word:<9}", style=style)
    line.append(f" {finding.suite}/{finding.name}  ")
    line.append(f"{', '.join(finding.verdicts)}  {finding.wall_ms:.0f} ms", style="dim")
    if finding.success:
        line.append(f"\n          {_printable(finding.success)}", style="red")
    console.print(line, soft_wrap=True)


def _conclude(findings: Sequence[Finding], console: Console) -> None:
    table = Table("category", "attacks", "held", "succeeded", title="Red team", title_style="bold")
    for category in sorted({finding.category for finding in findings}):
        of_category = [finding for finding in findings if finding.category == category]
        num_held = sum(finding.success is None for finding in of_category)
        num_succeeded = len(of_category) - num_held
        style = "red" if num_succeeded else ""
        counts = (str(len(of_category)), str(num_held), str(num_succeeded))
        table.add_row(category, *counts, style=style)
    console.print(table)
    succeeded = [finding for finding in findings if finding.success]
    for finding in succeeded:
        text = f"{finding.suite}/{finding.name}: {finding.intent}\n    {finding.success}"
        console.print(Text(_printable(text), style="red"), soft_wrap=True)
    total = len(findings)
    console.print(
        Text(
            f"{len(succeeded)} of {total} attacks succeeded"
            if succeeded
            else f"all {total} attacks were held",
            style="bold red" if succeeded else "bold green",
        )
    )


def _listing(attacks: Sequence[Attack]) -> Table:
    table = Table("suite", "attack", "category", "what it tries")
    for attack in attacks:
        intent = attack.intent if len(attack.intent) <= _MAX_INTENT else None
        shown = intent or attack.intent[: _MAX_INTENT - 1] + "…"
        table.add_row(attack.suite, attack.name, attack.category, Text(shown))
    return table


def _printable(text: str) -> str:
    """Gives ``text`` without what would control a terminal: hostile programs wrote parts of it."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
