-- Of those who first came in a week, how many came again so many weeks later.
with weeks as (
    select distinct person, date_diff('day', timestamp '2026-01-01', time) // 7 as week
    from events
    where not crawler
),
firsts as (
    select person, min(week) as first from weeks group by person
)
select first, week - first as later, count(*) as people
from weeks join firsts using (person)
group by all
order by first, later
