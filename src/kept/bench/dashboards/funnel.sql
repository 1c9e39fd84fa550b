-- Of those who saw a page: who searched later, and of them, who later looked at a job.
with firsts as (
    select person, min(time) filter (name = 'page_view') as seen,
        min(time) filter (name = 'job_search') as searched, max(time) filter (name = 'job_view') as viewed
    from events where name in ('page_view', 'job_search', 'job_view') group by person
)
select count(seen) as saw, count(*) filter (searched >= seen) as searched,
    count(*) filter (searched >= seen and viewed >= searched) as viewed
from firsts
