-- People by the week in which they came first, and how many of them were there so many weeks later.
with weeks as (select distinct person, epoch_ms(time) // 604800000 as week from events),
    starts as (select person, min(week) as first_week from weeks group by person)
select first_week, week - first_week as later, count(*) as people
from weeks join starts using (person) group by first_week, later order by first_week, later
