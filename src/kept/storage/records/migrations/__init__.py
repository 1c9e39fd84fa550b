"""Every change of the records' tables, in order; see `kept.storage.records.migrating`."""
