-- People and page views a day.
select time::date as day, count(distinct person) as people, count(*) as views
from events
where name = 'page_view' and not crawler
group by all
order by day
