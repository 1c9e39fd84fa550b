-- Requests as a browser's script sends them, from many visitors, addresses and pages; every event id is new.
-- KEPT_BENCH_KEY: the write key. KEPT_BENCH_BATCH: events a request. KEPT_BENCH_RUN: what makes ids of runs differ.

local key = os.getenv("KEPT_BENCH_KEY")
local batch = tonumber(os.getenv("KEPT_BENCH_BATCH"))
local run = os.getenv("KEPT_BENCH_RUN")
local visitors = tonumber(os.getenv("KEPT_BENCH_VISITORS"))
local prepared = batch == 1 and 8192 or 64
local sent = 0
local requests = {}

local agents = {
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36",
}

-- 12 characters stand where the id of each request goes, so that lengths do not change.
local PLACE = "############"

local function event(visitor, number)
  -- a few pages get most of the views
  local page = math.floor(5000 * math.random() ^ 4)
  return '{"name":"page_view","id":"' .. run .. PLACE .. number .. '","page":"https://jobs.example.com/jobs/' .. page ..
    '?utm_source=news","referrer":"https://search.example/","session":"s' .. visitor ..
    '","properties":{"title":"Jobs in Leeds"}}'
end

-- what stands between the places of the id
local function cut(text)
  local pieces, from = {}, 1
  while true do
    local first, last = string.find(text, PLACE, from, true)
    if first == nil then
      pieces[#pieces + 1] = string.sub(text, from)
      return pieces
    end
    pieces[#pieces + 1] = string.sub(text, from, first - 1)
    from = last + 1
  end
end

-- each thread has a state of its own, and would send the same ids
local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number_of_thread", threads)
end

function init(arguments)
  math.randomseed(7)
  run = run .. number_of_thread
  for i = 1, prepared do
    local visitor = string.format("visitor-%06d", math.random(0, visitors - 1))
    local events = {}
    for j = 1, batch do events[j] = event(visitor, j) end
    local body = '{"key":"' .. key .. '","visitor":"' .. visitor .. '","events":[' .. table.concat(events, ",") .. "]}"
    local address = string.format("%d.%d.%d.%d", math.random(11, 191), math.random(0, 255), math.random(0, 255), math.random(1, 254))
    local head = "POST /kept/v1/events HTTP/1.1\r\nHost: jobs.example.com\r\nConnection: keep-alive\r\nContent-Length: " .. #body ..
      "\r\nUser-Agent: " .. agents[i % #agents + 1] ..
      "\r\nContent-Type: application/json\r\nAccept: */*\r\nOrigin: https://jobs.example.com" ..
      "\r\nReferer: https://jobs.example.com/jobs\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en;q=0.9" ..
      "\r\nX-Forwarded-For: " .. address .. "\r\n\r\n"
    -- put together from pieces, with the id between them: load must cost less than what it measures
    requests[i] = cut(head .. body)
  end
end

function request()
  sent = sent + 1
  return table.concat(requests[sent % prepared + 1], string.format("%012d", sent))
end
