-- The twenty most viewed pages.
select page, count(*) as views
from events
where name = 'page_view' and not crawler
group by all
order by views desc, page
limit 20
