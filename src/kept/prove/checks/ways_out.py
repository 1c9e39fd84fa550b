"""Ways by which free SQL could get around a purpose. Each must be refused; a longer list is among the tests."""

from collections.abc import Sequence

WAYS_OUT = (
    "select * from _hidden",
    "select * from _fresh",
    "select * from _aging",
    "select * from main._aging",
    "select subject from events",
    "select mask, cv, policy, workspace from events",
    "select * from read_parquet('{file}')",
    "select * from '{file}'",
    "select * from parquet_metadata('{file}')",
    "select * from read_text('{data}/records.db')",
    "select * from read_blob('{data}/keys.db')",
    "select * from glob('{data}/**')",
    "select getenv('HOME')",
    "select current_setting('allowed_paths')",
    "select * from duckdb_views()",
    "select * from information_schema.columns",
    "select * from pg_catalog.pg_class",
    "select * from query('select 1')",
    "select * from events; select 1",
    "copy (select * from events) to '{data}/out.csv'",
    "create table taken as select * from events",
    "attach '{data}/records.db' as records",
    "pragma database_list",
    "set enable_external_access = true",
    "install httpfs",
    "select * from events using sample 50% (system, 7)",
    "with _fresh as (select * from _fresh) select * from _fresh",
)


def ways_out(files: Sequence[str], data: str) -> list[str]:
    """Each way, with the names of this lake's own first file and folder in it."""
    quoted = [text.replace("'", "''") for text in (files[0] if files else f"{data}/none.parquet", data)]
    return [way.format(file=quoted[0], data=quoted[1]) for way in WAYS_OUT]
