-- Ways out of free SQL, and what stops each. The purpose of the test sees `events (person, time, name, page)`
-- and `job_view (person, time, job)`; {file} is one of the lake's files, {data} the data folder, {other} a file
-- that is not the lake's.
--
--   judge, locks      refused before it runs; and without the judge, refused by the worker's locks, or not understood
--   judge, deadline   refused before it runs; and without the judge, broken off
--   judge             refused before it runs; nothing behind the judge would have stopped it
--
-- A statement ends at the blank line after it.

--# Relations that are not the purpose's

-- judge, locks: the private rows
select * from fresh

-- judge, locks: the private rows, quoted and in capitals
select * from "FRESH"

-- judge, locks: the list of people who withdrew
select subject from hidden

-- judge, locks: a name that is nowhere
select * from names

-- judge: a view by its schema
select * from main.events

-- judge: a view by its catalog
select * from memory.main.events

-- judge, locks: private rows by their schema
select * from main.aging

-- judge, locks: a private relation under an outer expression of the same name
with aging as (select * from aging) select * from aging

-- judge, locks: an expression named like a private relation, used before it is in scope
with a as (select * from fresh), fresh as (select 1) select * from a

-- judge, locks: scope of one branch does not reach the other
select * from (with fresh as (select 1) select * from fresh) union all select * from fresh

-- judge, locks: the first part of a recursion does not see the recursion
with recursive fresh(n) as (select mask from fresh union all select n + 1 from fresh where n < 3) select * from fresh

-- judge, locks: in a subquery of a condition
select * from events where exists (select 1 from hidden)

-- judge, locks: in a scalar subquery
select (select max(seq) from hidden)

-- judge, locks: in a lateral join
select * from events e, lateral (select * from hidden where subject = e.person) h

-- judge, locks: in a join condition
select * from events a join events b on a.person in (select subject from hidden)

-- judge, locks: in an order
select * from events order by (select min(subject) from hidden)

-- judge, locks: in a limit
select * from events limit (select count(*) from hidden)

-- judge, locks: in a frame
select sum(1) over (order by time rows between (select count(*) from hidden) preceding and current row) from events

-- judge, locks: in a filter
select count(*) filter (exists (from hidden)) from events

-- judge, locks: in a grouping
select count(*) from events group by (select max(subject) from hidden)

-- judge, locks: in a list of values
select * from (values ((select max(subject) from hidden))) v(n)

-- judge, locks: in a lambda
select list_transform([1], lambda n: (select max(subject) from hidden))

-- judge, locks: from first
from hidden

-- judge, locks: as a table
table hidden

-- judge, locks: described
describe hidden

-- judge, locks: summed up
summarize hidden

-- judge, locks: turned
select * from hidden pivot (count(*) for subject in (1, 2))

-- judge, locks: turned back
select * from hidden unpivot (n for what in (subject, seq))

-- judge, locks: by position
select * from events positional join hidden

-- judge, locks: by nearest match
select * from events asof join hidden on events.person >= hidden.seq

-- judge, locks: of another time
select * from events at (version => 1)

--# Columns that the purpose does not see

-- judge, locks: the mask
select mask from events

-- judge, locks: everything else that is stored
select workspace, cv, policy, address from events

-- judge, locks: a property of another event
select words from events

-- judge, locks: the row's place in its file
select rowid, file_row_number, filename from events

-- judge: columns by pattern
select columns('.*') from events

-- judge: columns by lambda
select columns(lambda c: c like '%a%') from events

--# Files

-- judge, locks: a file of the lake, by function
select * from read_parquet('{file}')

-- judge, locks: a file of the lake, by name
select * from '{file}'

-- judge, locks: a file of the lake, by its other function
select * from parquet_scan(['{file}'])

-- judge, locks: a file of the lake, as bytes
select * from read_blob('{file}')

-- judge, locks: its statistics
select * from parquet_metadata('{file}')

-- judge, locks: its schema
select * from parquet_schema('{file}')

-- judge, locks: its footer
select * from parquet_full_metadata('{file}')

-- judge, locks: whether it holds a value
select * from parquet_bloom_probe('{file}', 'subject', 3)

-- judge, locks: another file as text
select * from read_text('{other}')

-- judge, locks: another file as bytes
select * from read_blob('{other}')

-- judge, locks: another file as rows
select * from read_csv('{other}')

-- judge, locks: another file by name
select * from '{other}'

-- judge, locks: another file as JSON
select * from read_json('{other}')

-- judge, locks: another file's dialect
select * from sniff_csv('{other}')

-- judge, locks: the names of files
select * from glob('{data}/**')

-- judge, locks: passwords of the machine
select * from read_text('/etc/passwd')

-- judge, locks: this process
select * from read_text('/proc/self/environ')

-- judge, locks: a file above an allowed one
select * from read_text('{file}/../../records.db')

-- judge: a name with a file in an expression
with "{other}" as (select 1) select * from "{other}"

-- judge, locks: the network
select * from read_csv('https://192.0.2.1/x.csv')

-- judge, locks: a bucket
select * from 's3://bucket/x.parquet'

-- judge, locks: another database
select * from read_duckdb('{data}/x.db', table_name := 'x')

--# Writing

-- judge, locks: rows to a file
copy (select * from events) to '{data}/out.csv'

-- judge, locks: rows to standard output's file
copy (select 1) to '/dev/stdout'

-- judge, locks: the whole database
export database '{data}/out'

-- judge, locks: a database of one's own
attach '{data}/out.db' as o

-- judge, locks: a table
create table taken as select * from events

-- judge, locks: a temporary table
create temp table taken as select * from events

-- judge, locks: a view over private rows
create view taken as select * from hidden

-- judge, locks: a function over private rows
create macro taken() as table select * from hidden

-- judge, locks: a type
create type taken as enum ('a')

-- judge, locks: nobody has withdrawn
delete from hidden

-- judge, locks: one person has not
update hidden set seq = 0

-- judge, locks: another row
insert into hidden values (1, 1)

-- judge, locks: a view less
drop view events

-- judge, locks: writing in an expression of a SELECT
with gone as (delete from hidden returning *) select * from gone

-- judge, locks: adding in an expression of a SELECT
with more as (insert into hidden values (1, 1) returning *) select * from more

-- judge, locks: into a variable
set variable taken = (select list(subject) from hidden)

-- judge, locks: a sequence
select nextval('taken')

-- judge: a line in the log
select write_log('taken')

--# Settings, catalog, versions

-- judge, locks: open the door
set enable_external_access = true

-- judge, locks: one more folder
set allowed_directories = ['/']

-- judge, locks: unlock
set lock_configuration = false

-- judge, locks: more memory
set memory_limit = '100GB'

-- judge, locks: back to the beginning
reset enable_external_access

-- judge, locks: a pragma
pragma enable_profiling

-- judge, locks: a pragma that reads
pragma database_list

-- judge: a pragma as a function
select * from pragma_database_size()

-- judge: a setting
select current_setting('allowed_paths')

-- judge: all settings
select * from duckdb_settings()

-- judge: the views' own text
select sql from duckdb_views()

-- judge: the catalog's view
select * from sqlite_master

-- judge: the catalog by its standard
select * from information_schema.columns

-- judge: the catalog as another engine has it
select * from pg_catalog.pg_class

-- judge: a view's text, as another engine has it
select pg_get_viewdef(1)

-- judge: functions
select * from duckdb_functions()

-- judge: memory
select * from duckdb_memory()

-- judge: what was read before
select * from duckdb_external_file_cache()

-- judge: the log
select * from duckdb_logs()

-- judge: prepared statements
select * from duckdb_prepared_statements()

-- judge: variables
select getvariable('taken')

-- judge: the version
select version()

-- judge: who is asking
select current_user

-- judge: which database
select current_database(), current_schema()

-- judge: the statement itself
select current_query()

-- judge, locks: the environment
select getenv('HOME')

-- judge: statistics of a column
select stats(person) from events

-- judge: tables
show tables

-- judge, locks: a plan
explain select * from events

-- judge, locks: a plan with what really ran
explain analyze select * from events

-- judge: a plan as a value
select json_serialize_plan('select * from hidden')

--# Running text

-- judge, locks: a statement as text
select * from query('select * from hidden')

-- judge, locks: a table's name as text
select * from query_table('hidden')

-- judge, locks: a parsed statement
select * from json_execute_serialized_sql(json_serialize_sql('select * from hidden'))

-- judge, locks: prepared
prepare taken as select * from hidden

-- judge, locks: executed
execute taken

-- judge, locks: called
call pragma_version()

-- judge: a function by its schema
select system.main.version()

-- judge, locks: a parameter
select * from events where name = $1

-- judge, locks: two statements
select 1; select 2

-- judge, locks: a second statement behind a comment
select 1; /* */ delete from hidden

-- judge, locks: nothing
;

--# Extensions and the machine

-- judge, locks: an extension from the network
install httpfs

-- judge, locks: an extension from a file
load '{other}'

-- judge, locks: an extension that comes by itself
select * from sqlite_scan('{data}/records.db', 'choice')

-- judge, locks: a secret
create secret (type s3, key_id 'a', secret 'b')

-- judge: secrets
select * from duckdb_secrets()

-- judge, locks: a Python variable
select * from worker

-- judge, locks: rows of Python
select * from python_arrow_scan(1, 2, 3)

-- judge, locks: on and on
begin transaction

-- judge, locks: as if done
commit

-- judge, locks: to disk
checkpoint

-- judge, deadline: asleep
select sleep_ms(60000)

--# Too much

-- judge: rows out of nothing
select * from range(1000000000000)

-- judge: rows out of a number in disguise
select count(*) from range(cast('10000000' as bigint))

-- judge: rows out of a subquery
select * from range((select 5))

-- judge, locks: a list out of nothing
select unnest(generate_series(1, 9000000000))

-- judge, deadline: a long text
select repeat('x', 1000000000)

-- judge, locks: an error that tells
select error(page) from events

-- judge, locks: every type there is
select * from test_all_types()

-- judge, locks: a type by its name
select 1::main.events

-- judge, locks: old arrows
select list_transform([1], n -> n + 1)

-- judge: JSON of a row
select to_json(e) from events e

--# Rows between

-- judge: a sample by batches of rows, which hidden rows make smaller
select count(*) from events using sample 50% (system, 7)

-- judge: so many rows of a sample
select * from events using sample 1

-- judge: a sample of a table
select * from events tablesample 10%

-- judge: a sample within
select * from (select * from events tablesample reservoir(20%) repeatable (3))
