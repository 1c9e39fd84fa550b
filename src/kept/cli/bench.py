"""`kept bench`: speed, measured beside a baseline in the same run."""

from importlib import import_module

import click

BENCHMARKS = {
    "ingest": "kept.bench.ingest:ingest_command",
    "batches": "kept.bench.batches:batches_command",
    "log": "kept.bench.log:log_command",
    "memory": "kept.bench.memory:memory_command",
    "query": "kept.bench.query:query_bench_command",
    "person": "kept.bench.person:person_command",
    "rank": "kept.bench.rank:rank_bench_command",
    "scale": "kept.bench.scale:scale_command",
}


class _Benchmarks(click.Group):
    """Loads a benchmark's file only when it is asked for: one of them brings an engine along."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(BENCHMARKS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in BENCHMARKS:
            return None
        module, name = BENCHMARKS[cmd_name].split(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{BENCHMARKS[cmd_name]} is not a command")
        return command


@click.group("bench", cls=_Benchmarks)
def bench_group() -> None:
    """Speed, measured beside a baseline in the same run."""
