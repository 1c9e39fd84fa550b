-- The same rows without governance: nobody is left out, nothing is too old, everything is there.
select subject as person, make_timestamp_ms(ts) as time, name, page, session, source, device, browser, country,
    referrer, campaign, crawler, properties
from read_parquet(?)
