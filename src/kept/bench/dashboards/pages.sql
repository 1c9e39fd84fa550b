-- The pages viewed most.
select page, count(*) as views
from events where name = 'page_view' and not crawler
group by page order by views desc, page limit 20
