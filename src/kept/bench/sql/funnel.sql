-- How many looked at a page, then searched, then opened a job.
with firsts as (
    select person,
        min(time) filter (name = 'page_view') as looked,
        min(time) filter (name = 'job_search') as searched,
        min(time) filter (name = 'job_view') as opened
    from events
    where name in ('page_view', 'job_search', 'job_view') and not crawler
    group by person
)
select count(looked) as looked,
    count(*) filter (searched >= looked) as searched,
    count(*) filter (searched >= looked and opened >= searched) as opened
from firsts
