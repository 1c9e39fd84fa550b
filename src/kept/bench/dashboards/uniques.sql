-- Visitors and page views a day.
select time::date as day, count(distinct person) as visitors, count(*) as views
from events where name = 'page_view' and not crawler
group by day order by day
