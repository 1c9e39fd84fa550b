"""A small table as a Parquet file in memory: nothing of it touches the disk."""

import os
from typing import Any


def parquet_of(table: Any) -> bytes:
    """An Arrow table (anything with the Arrow stream interface) as the bytes of a Parquet file."""
    import duckdb

    place = os.memfd_create("table")
    try:
        with duckdb.connect(config={"temp_directory": ""}) as connection:
            connection.register("answer", table)
            connection.execute(f"copy answer to '/proc/self/fd/{place}' (format parquet, use_tmp_file false)")
        size = os.fstat(place).st_size
        return os.pread(place, size, 0)
    finally:
        os.close(place)
