-- What may be asked: each statement runs, and its first row is the one after `--=`. The purpose sees
-- `events (person, time, name, page)` and `job_view (person, time, job)`; the rows are in the test.

-- everything
select * from events order by time limit 1
--= 3, 1970-01-01T00:00:01.000, page_view, /a

-- from first
from events select count(*)
--= 4

-- as a table
table job_view order by time
--= 4, 1970-01-01T00:00:02.000, 9

-- distinct people
select count(distinct person) from events
--= 3

-- groups and their order
select name, count(*) as n from events group by all order by n desc, name
--= page_view, 3

-- after grouping
select page, count(*) from events group by page having count(*) > 1
--= /a, 2

-- grouping sets
select name, page, count(*), grouping(name) from events group by rollup (name, page) order by 4 desc limit 1
--= null, null, 4, 1

-- filters of sums
select count(*) filter (name = 'page_view'), sum(case when page = '/a' then 1 else 0 end) from events
--= 3, 2

-- expressions with a name
with seen as (select person, min(time) as first from events group by person) select count(*) from seen
--= 3

-- an expression that takes a table's name hides the table
with events as (select 1 as one) select * from events
--= 1

-- expressions within expressions
with a as (with b as (select 2 as n) select n from b) select a.n from a
--= 2

-- a recursion
with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select max(i) from n
--= 5

-- a subquery
select * from (select person from events where page = '/a') order by 1
--= 3

-- a subquery in a condition
select count(*) from events where person in (select person from job_view)
--= 2

-- a correlated subquery
select count(*) from events e where exists (select 1 from job_view j where j.person = e.person)
--= 2

-- joins
select count(*) from events e join job_view j using (person) left join events f on f.person = j.person
--= 4

-- a lateral join
select max(n) from events e, lateral (select count(*) as n from job_view j where j.person = e.person) t
--= 1

-- set operations
select person from events except select person from job_view order by 1
--= 3

-- windows
select person, row_number() over (partition by person order by time) from events order by time desc limit 1
--= 4, 2

-- named windows and frames
select sum(1) over w from events window w as (order by time rows between 1 preceding and current row) order by 1 desc
--= 2

-- the one before
select time - lag(time) over (order by time) from events order by 1 nulls last limit 1
--= 0:00:01

-- only the first of each
select person, page from events qualify row_number() over (partition by person order by time) = 1 order by 1
--= 3, /a

-- one row each
select distinct on (person) person, page from events order by person, time
--= 3, /a

-- days
select time::date, date_trunc('hour', time), extract(year from time), strftime(time, '%H:%M') from events limit 1
--= 1970-01-01, 1970-01-01T00:00:00.000, 1970, 00:00

-- spans
select count(*) from events where time >= timestamp '1970-01-01' and time < date '1970-01-01' + interval 1 day
--= 4

-- days that have no rows
select count(*) from generate_series(date '2026-01-01', date '2026-01-31', interval 1 day)
--= 31

-- numbers
select sum(i) from range(1, 11) t(i)
--= 55

-- values
select count(*) from (values (1), (2)) v(n)
--= 2

-- texts
select upper(left(page, 2)), page like '/a%', regexp_extract(page, '[a-z]+'), split_part('a-b', '-', 2) from events limit 1
--= /A, true, a, b

-- lists
select list_sort(array_agg(distinct page)), list_transform([1, 2], lambda n: n + 1)[1] from events
--= ['/a', '/b'], 2

-- comprehensions
select [n * 2 for n in [1, 2, 3] if n > 1]
--= [4, 6]

-- structures
select {'a': 1}.a, map {'k': 2}['k'], row(1, 2)
--= 1, 2, (1, 2)

-- unnested
select sum(n) from (select unnest([1, 2, 3]) as n)
--= 6

-- quantiles
select median(n), quantile_cont(n, 0.9), approx_count_distinct(n) from range(11) t(n)
--= 5.0, 9.0, 11

-- casts
select '7'::int + 1, try_cast('x' as integer), 1.5::decimal(4, 2)
--= 8, null, 1.50

-- nothing
select null, coalesce(null, 3), nullif(1, 1)
--= null, 3, null

-- columns left out
select * exclude (time, name) from events order by all limit 1
--= 3, /a

-- a sample, drawn row by row
select count(*) <= 4 from events tablesample bernoulli(50%)
--= true

-- names in any letter case
SELECT COUNT(*) FROM Events
--= 4

-- a name in quotes
select "page" from "events" order by 1 limit 1
--= /a
